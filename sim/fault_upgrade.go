package sim

import (
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/queue"
)

// Fault model of upgrades: some or all nodes begin with an old binary, which knows the first format only. A node is
// stopped at any instant and started again with the newest binary, or with the old one; now and then one goes back just
// when the last one is upgraded, so that the raise may find it gone. Until a group may have been raised every binary
// must start and run. Afterwards the old one must say that the data is too new for it, when it starts or when it comes
// to the raise; then the newest is started on what it leaves, and must find everything. At the end all nodes run the
// newest binary, and all groups must be raised.

// oldest is the only format of the old binary.
const oldest node.Format = 1

var faultUpgrade = &faultKind{
	name: "upgrade", about: "it is started with a newer binary",
	fields: []string{"for", "back"}, arranged: true, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) {
		others := f.aimAt(e, func(p *process) bool { return p.format == oldest })
		if others == 0 && f.random.chance(30) {
			if back := oneOf(f.random, f.world.cluster()...); back.id != e.Node {
				e.Side = []node.NodeID{back.id}
			}
		}
	},
	inject: func(f *faults, e FaultEvent) {
		f.startWith(node.NewestFormat, e)
		f.world.after(e.Lasts, func() {
			for _, id := range e.Side {
				if !f.stopped {
					f.replaceBinary(f.world.processes[id-1], oldest, e.Lasts)
				}
			}
		})
	},
}

var faultDowngrade = &faultKind{
	name: "downgrade", about: "it is started with an older binary",
	fields: []string{"for"}, arranged: true, cutsOff: true,
	draw:   func(f *faults, e *FaultEvent) { f.aimAt(e, func(p *process) bool { return p.format > oldest }) },
	inject: func(f *faults, e FaultEvent) { f.startWith(oldest, e) },
}

// aimAt draws another victim, if there is one that fits, and returns how many others do.
func (f *faults) aimAt(e *FaultEvent, fits func(*process) bool) (others int) {
	var list []*process
	for _, p := range f.world.cluster() {
		if fits(p) {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return 0
	}
	e.Node = oneOf(f.random, list...).id
	return len(list) - 1
}

// startWith replaces the victim's binary.
func (f *faults) startWith(format node.Format, e FaultEvent) {
	p := f.victim(e)
	if p.inCluster() && (p.alive || p.format != format) {
		f.happens(e)
	}
	f.replaceBinary(p, format, e.Lasts)
}

// replaceBinary stops a node and starts it after a while with the binary of a format. One that is down already is
// started when it would have been.
func (f *faults) replaceBinary(p *process, format node.Format, down time.Duration) {
	if !p.inCluster() {
		return
	}
	p.format = format
	if p.alive {
		p.crash("its binary is replaced")
		f.restart(p, down)
	}
}

// drawUpgrade lets some runs begin with old binaries, and replaces them in the chaos.
func (p *Plan) drawUpgrade(r random) {
	turnedOn := func(k *faultKind) bool { return p.faults.weights[k.number()] > 0 }
	apart := func(k *faultKind) bool { return k.apart && turnedOn(k) }
	if p.calm || p.Profile == Ruin || !r.chance(40) || slices.ContainsFunc(faultKinds, apart) {
		return
	}
	if r.chance(30) {
		p.cluster.limits = queue.DefaultLimits() // log entries of newer formats leave these out
	}
	some := r.chance(30)
	for i := range p.cluster.nodes {
		if !some || r.chance(50) {
			p.cluster.old = append(p.cluster.old, node.NodeID(i+1))
		}
	}
	for _, k := range []*faultKind{faultCorrupt, faultLost, faultRollback} {
		p.faults.weights[k.number()] = 0 // a group is raised once all its members can be
	}
	others := 0
	for _, weight := range p.faults.weights {
		others += weight
	}
	p.faults.weights[faultUpgrade.number()] = 2 + others
	p.faults.weights[faultDowngrade.number()] = oneOf(r, 0, 1, 1+others/4)
}

// formats is what was seen of the groups' formats and the nodes' binaries.
type formats struct {
	world *World
	knew  []bool   // by node: it has run the newest binary
	from  []uint64 // by group: an entry behind which every replica must be raised; 0 as long as none was seen so
	seen  [][]bool // by node and group: the replica was seen raised
}

func newFormats(w *World) *formats {
	c := &w.plan.cluster
	nodes := c.nodes + c.spares
	f := &formats{world: w, knew: make([]bool, nodes), from: make([]uint64, c.groups)}
	for range nodes {
		f.seen = append(f.seen, make([]bool, c.groups))
	}
	return f
}

// watch looks at a replica after it has advanced. One that has failed may have stopped in the middle of an entry.
func (f *formats) watch(p *process, group int, s *node.Status) {
	switch from := &f.from[group]; {
	case s.Failed != nil:
	case s.Format > oldest:
		f.mayBeRaised(p, group)
		f.seen[p.id-1][group] = true
		if *from == 0 || s.Applied < *from {
			*from = s.Applied
		}
	case *from != 0 && s.Applied >= *from:
		f.world.violate(model.Durable, "", "node %d has group %d in format %d at entry %d, but another replica has it in a "+
			"newer one at entry %d", p.id, group, s.Format, s.Applied, *from)
	}
}

// mayBeRaised makes sure that every node has run the newest binary before a group is raised. One that is being removed counts
// no more.
func (f *formats) mayBeRaised(p *process, group int) {
	for _, id := range f.world.operator.members {
		if !f.knew[id-1] {
			f.world.violate(model.Live, "", "node %d finds group %d raised to a newer format, but node %d has never run a "+
				"binary that knows it", p.id, group, id)
		}
	}
}

// started looks at a replica that has started.
func (f *formats) started(p *process, group int) {
	if p.format == oldest && f.seen[p.id-1][group] {
		f.world.violate(model.NothingSilent, "", "node %d starts with an old binary on group %d, which it has seen in a "+
			"newer format", p.id, group)
	}
}

// tooOld ends a boot whose binary has said that it does not know the format of a group. The newest one is started then.
func (f *formats) tooOld(p *process, group int, err error) {
	if p.format > oldest {
		f.world.violate(model.NothingSilent, "", "node %d refuses the data of group %d, although its binary is the newest: %v",
			p.id, group, err)
	}
	f.mayBeRaised(p, group)
	p.crash(err.Error())
	p.format = node.NewestFormat
	f.world.faults.restart(p, 10*time.Millisecond)
}

// allNewest replaces the old binaries that are left.
func (f *formats) allNewest() {
	for _, p := range f.world.processes {
		if p.format == oldest {
			p.crash("its binary is replaced")
			p.format = node.NewestFormat
		}
	}
}

// raised demands that a group is raised now that every node knows the newest format. A node that has ended for good can
// no more say so.
func (f *formats) raised(group int) {
	w := f.world
	if len(w.standing()) < len(w.cluster()) {
		return
	}
	all := func() bool {
		return !slices.ContainsFunc(w.cluster(), func(p *process) bool {
			return p.members[group].replica.Status().Format < node.NewestFormat
		})
	}
	if !w.until(w.now+recovery, all) {
		w.violate(model.Live, "", "group %d is not raised to format %d within %v, although all nodes know it",
			group, node.NewestFormat, recovery)
	}
}
