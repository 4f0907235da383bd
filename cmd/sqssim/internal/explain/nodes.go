package explain

import (
	"fmt"
	"slices"

	"sqsd/sim"
)

// nodeLane collects what one node does over time. Its rows are the process and what it leads, group by group.
type nodeLane struct {
	up, paused int         // bars of the process that are not closed; -1 if there is none
	leads      map[int]int // by group, the bar that is not closed
	process    Band
	groups     map[int]*Band
}

// nodeLanes are the lives of the nodes: up, paused or down, what they lead, and the faults that hit them.
func (f *failure) nodeLanes() []Lane {
	nodes := map[int]*nodeLane{}
	for i := range f.events {
		e := &f.events[i]
		if e.Node == 0 {
			continue
		}
		n := nodes[int(e.Node)]
		if n == nil {
			n = &nodeLane{up: -1, paused: -1, leads: map[int]int{}, groups: map[int]*Band{}}
			nodes[int(e.Node)] = n
		}
		f.addToNode(n, e)
	}
	f.markApplied(nodes)
	var lanes []Lane
	for id := 1; nodes[id] != nil; id++ {
		n := nodes[id]
		lane := Lane{Label: nodeName(id), Kind: "node", Rows: []Band{n.process}}
		for group := 0; group < 64; group++ {
			if n.groups[group] != nil && (f.group < 0 || group == f.group) {
				lane.Rows = append(lane.Rows, *n.groups[group])
			}
		}
		lanes = append(lanes, lane)
	}
	return lanes
}

func (f *failure) addToNode(n *nodeLane, e *sim.Event) {
	at := seconds(e.At)
	mark := func(class, label, title string) {
		n.process.Marks = append(n.process.Marks, Mark{At: at, Class: class, Label: label, Title: title})
	}
	switch e.Kind {
	case sim.EventStart:
		n.up = len(n.process.Bars)
		label := fmt.Sprintf("up, boot %d", e.Number)
		n.process.Bars = append(n.process.Bars, Bar{From: at, To: seconds(f.end), Class: "up", Label: label, Title: label})
	case sim.EventCrash:
		n.close(at)
		mark("crash", "crash", "crashes: "+e.Text)
	case sim.EventPause:
		n.paused = len(n.process.Bars)
		n.process.Bars = append(n.process.Bars, Bar{From: at, To: seconds(min(e.Until, f.end)), Class: "paused",
			Label: "paused", Title: "paused: it does nothing, and its clock goes on"})
	case sim.EventResume:
		if n.paused >= 0 {
			n.process.Bars[n.paused].To, n.paused = at, -1
		}
	case sim.EventLeads:
		label := fmt.Sprintf("leads group %d, term %d", e.Group, e.Number)
		n.lead(int(e.Group), Bar{From: at, To: seconds(f.end), Class: "leads", Label: label, Title: label})
	case sim.EventFollows:
		n.unlead(int(e.Group), at)
	case sim.EventFault:
		f.addFault(n, e, mark)
	case sim.EventRestore:
		if f.group < 0 || int(e.Group) == f.group {
			mark("restore", "snapshot", fmt.Sprintf("group %d: state replaced by a snapshot at entry %d", e.Group, e.Number))
		}
	case sim.EventFail:
		mark("fail", "stops for good", fmt.Sprintf("group %d: %s", e.Group, e.Text))
	}
}

// addFault marks a fault. Crashes, pauses and cuts show by themselves; a stalled device and a slow node last.
func (f *failure) addFault(n *nodeLane, e *sim.Event, mark func(class, label, title string)) {
	switch e.Text {
	case "crash", "power loss", "flicker", "pause", "clog", "slow link":
		return
	case "stall":
		n.process.Bars = append(n.process.Bars, Bar{From: seconds(e.At), To: seconds(min(e.Until, f.end)), Class: "stalled",
			Label: "slow disk", Title: "the device is slow"})
		return
	case "slow":
		n.process.Bars = append(n.process.Bars, Bar{From: seconds(e.At), To: seconds(min(e.Until, f.end)), Class: "stalled",
			Label: "slow", Title: "all that it does takes long"})
		return
	}
	mark("fault", e.Text, faultText(e.Text))
}

// close ends everything that a crash ends.
func (n *nodeLane) close(at float64) {
	for _, open := range []*int{&n.up, &n.paused} {
		if *open >= 0 {
			n.process.Bars[*open].To, *open = at, -1
		}
	}
	for group := range n.leads {
		n.unlead(group, at)
	}
}

func (n *nodeLane) lead(group int, bar Bar) {
	if n.groups[group] == nil {
		n.groups[group] = &Band{}
	}
	n.leads[group] = len(n.groups[group].Bars)
	n.groups[group].Bars = append(n.groups[group].Bars, bar)
}

func (n *nodeLane) unlead(group int, at float64) {
	if i, open := n.leads[group]; open {
		n.groups[group].Bars[i].To = at
		delete(n.leads, group)
	}
}

// markApplied marks when nodes applied the steps around the one that broke.
func (f *failure) markApplied(nodes map[int]*nodeLane) {
	first, _, end := f.window()
	steps := map[place]int{}
	for i := first; i < end; i++ {
		if c := f.steps[i].commit; c != nil {
			steps[place{c.At.Group, c.At.Sub, c.At.Index}] = i
		}
	}
	for i := range f.events {
		e := &f.events[i]
		if e.Kind != sim.EventApply {
			continue
		}
		step, ok := steps[place{uint32(e.Group), e.Sub, e.Number}]
		if !ok {
			continue
		}
		class := "apply"
		if step == f.broken {
			class = "apply broken"
		}
		n := nodes[int(e.Node)]
		n.process.Marks = append(n.process.Marks, Mark{At: seconds(e.At), Class: class,
			Title: fmt.Sprintf("%s applies %d/%d.%d: %s", nodeName(int(e.Node)), e.Group, e.Number, e.Sub,
				f.what(&f.steps[step]))})
	}
	for _, n := range nodes {
		slices.SortStableFunc(n.process.Marks, func(a, b Mark) int {
			switch {
			case a.At < b.At:
				return -1
			case a.At > b.At:
				return 1
			}
			return 0
		})
	}
}
