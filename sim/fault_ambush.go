package sim

import (
	"fmt"
	"slices"
	"time"

	"sqsd/wire"
)

// Fault model of bad moments: some faults do most harm at moments that a random time hardly ever meets. Half of those that
// are drawn lie in wait for one: a leader is suspended until another one leads while it confirms a read, a device is slow
// while a snapshot arrives, whose sender hands over its group. Some faults of clocks are followed by another one: a leader
// dozes, so that there is an election while a clock is wrong.

// moment is a situation that faults wait for.
type moment int

const (
	anyTime   moment = iota
	reading          // a call that changes nothing has reached the leader of its group
	receiving        // a snapshot begins to arrive
	moments
)

// ambushes are faults that wait for their moment.
type ambushes struct {
	random  random
	waiting [moments]*FaultEvent
	// alone is until when nothing else goes wrong.
	alone time.Duration
	// deserted was suspended when it led: what it knows grows old.
	deserted *process
}

// strike injects a fault that was drawn, unless one that has waited has the stage, or lets it wait for its moment in the place of one that waits already.
func (f *faults) strike(e FaultEvent) {
	switch m := momentOf(e.Kind); {
	case f.world.now < f.alone:
	case m != anyTime && f.ambushes.random.chance(50):
		f.waiting[m] = &e
	default:
		before := f.astray
		f.inject(e)
		if f.astray != before {
			f.doze(e)
		}
	}
}

// momentOf is when a kind of fault does most harm.
func momentOf(k *faultKind) moment {
	switch k {
	case faultSuspend:
		return reading
	case faultStall:
		return receiving
	}
	return anyTime
}

// spring lets the fault happen that waits for a moment, at the node and in the group that it has come for.
func (f *faults) spring(m moment, p *process, group int) {
	e := f.waiting[m]
	if e == nil {
		return
	}
	f.waiting[m] = nil
	e.Node = p.id
	switch m {
	case reading:
		f.suspendReading(*e)
	case receiving:
		f.stallReceiving(*e, group)
	}
}

// soon injects a fault in a while.
func (f *faults) soon(d time.Duration, e FaultEvent) {
	f.at(f.world.now+max(d, time.Microsecond), func() { f.inject(e) })
}

// elections is a time in which there are some elections.
func (f *faults) elections(lo, hi int) time.Duration {
	c := &f.world.plan.cluster
	timeout := time.Duration(c.electionTicks) * c.tick
	return f.ambushes.random.duration(time.Duration(lo)*timeout, time.Duration(hi)*timeout)
}

// called notices the moment at which a call that changes nothing has reached a leader.
func (f *faults) called(op *operation) {
	if f.waiting[reading] == nil || f.world.lastLeader[op.group] != op.node.id || !f.world.together() {
		return
	}
	switch op.Request.(type) {
	case *wire.GetQueueAttributesRequest, *wire.GetQueueURLRequest, *wire.ListQueueTagsRequest, *wire.ReceiveMessageRequest:
		f.spring(reading, op.node, int(op.group))
	}
}

// together says that some nodes are all up and hear each other.
func (w *World) together() bool {
	nodes := w.cluster()
	for _, p := range nodes {
		if !p.alive || p.paused {
			return false
		}
		for _, q := range nodes {
			if w.network.links[p.id-1][q.id-1].cut {
				return false
			}
		}
	}
	return len(nodes) > 2
}

// outdated is a node that was suspended when it led and may not know that another one leads now; nil if there is none.
func (f *faults) outdated() *process {
	p := f.deserted
	if p == nil || !p.alive || !p.paused || f.world.leadsLast(p) {
		return nil
	}
	return p
}

// leadsLast says whether a node was the last to begin to lead any group.
func (w *World) leadsLast(p *process) bool { return slices.Contains(w.lastLeader, p.id) }

// suspendReading suspends a leader that has a read to confirm: the others' answers reach it, and nothing that comes later.
func (f *faults) suspendReading(e FaultEvent) {
	w := f.world
	e.Lasts = f.elections(3, 4)
	f.alone = w.now + e.Lasts
	f.soon(w.plan.batching+f.ambushes.random.duration(0, w.plan.link.latency), e)
	f.deserted = f.victim(e)
}

// stallReceiving makes a device slow on which a snapshot is about to be written, and lets the sender hand over.
func (f *faults) stallReceiving(e FaultEvent, group int) {
	w, r := f.world, f.ambushes.random
	e.Lasts = f.elections(1, 4)
	f.soon(0, e)
	leader := w.lastLeader[group]
	if leader == 0 || f.plan.weights[faultStop.number()] == 0 {
		return
	}
	f.soon(r.duration(0, 20*w.plan.link.latency), FaultEvent{
		Kind: faultStop, Node: leader, Late: r.duration(0, 500*time.Millisecond), Lasts: r.spread(f.plan.lasts),
	})
}

var faultDoze = &faultKind{
	name: "doze", about: "it pauses for as long as its clock is remembered",
	fields: []string{"for"}, follows: true, several: true,
	check: func(e *FaultEvent, p *Plan) error {
		if most := dozing * p.cluster.tick; e.Lasts > most {
			return fmt.Errorf("want at most %v: that is a pause", most)
		}
		return nil
	},
	inject: func(f *faults, e FaultEvent) { f.victim(e).pause(e.Lasts) },
}

// dozing is for how many ticks a node may pause without the others losing sight of its clock.
const dozing = 20

// doze lets a leader doze while the clock of another node is wrong.
func (f *faults) doze(e FaultEvent) {
	w, r := f.world, f.ambushes.random
	leader := w.lastLeader[r.IntN(len(w.lastLeader))]
	if leader == 0 || leader == f.astray.id {
		return
	}
	lasts := min(f.elections(1, 2), dozing*w.plan.cluster.tick)
	f.soon(r.duration(0, e.Lasts/2), FaultEvent{Kind: faultDoze, Node: leader, Lasts: lasts})
}
