package sim

import "fmt"

// Fault model of membership: nodes are added to the cluster and removed from it while it works, and a node is lost for ever
// and replaced by a new one. Removed nodes never come back. One operator makes these changes, one after another, in all
// groups. At most one node is lost at a time, until the groups have another in its place; a cluster that began with three
// voters keeps three. Nobody is lost or removed before all have met: nodes of a new cluster take part in nothing before. What
// the operator cannot do at its time it leaves out.

var faultJoin = &faultKind{
	name: "join", about: "it is added to the cluster",
	arranged: true, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) { e.Lasts, e.Node = 0, f.world.operator.spare() },
	check: func(e *FaultEvent, p *Plan) error {
		if int(e.Node) <= p.cluster.nodes {
			return fmt.Errorf("n%d is in the cluster from the beginning", e.Node)
		}
		return nil
	},
	inject: func(f *faults, e FaultEvent) { f.world.operator.do(task{add: e.Node, fault: &e}) },
}

var faultRemove = &faultKind{
	name: "remove", about: "it is removed from the cluster",
	arranged: true, cutsOff: true,
	draw:   func(_ *faults, e *FaultEvent) { e.Lasts = 0 },
	inject: func(f *faults, e FaultEvent) { f.world.operator.do(task{remove: e.Node, fault: &e}) },
}

var faultReplace = &faultKind{
	name: "replace", about: "it is lost for ever, and a new node takes its place",
	fields: []string{"by"}, arranged: true, cutsOff: true, several: true,
	draw: func(f *faults, e *FaultEvent) {
		e.Lasts, e.Peer = 0, f.world.operator.spare()
		if e.Peer == 0 {
			e.Node = 0
		}
	},
	check: func(e *FaultEvent, p *Plan) error {
		if int(e.Peer) <= p.cluster.nodes {
			return fmt.Errorf("n%d is in the cluster from the beginning", e.Peer)
		}
		return nil
	},
	inject: func(f *faults, e FaultEvent) {
		f.world.operator.do(task{add: e.Peer, remove: e.Node, lost: true, fault: &e})
	},
}

// memberFaults change who the nodes are, in runs that have spare ones.
var memberFaults = []*faultKind{faultJoin, faultRemove, faultReplace}

// drawMembers decides whether the cluster's nodes change in the run. They do not where disks lie: how many nodes may be lost
// would depend on who the members of each group are just then.
func (p *Plan) drawMembers(r random) {
	if p.calm || r.chance(50) {
		return
	}
	if p.faults.has(func(k *faultKind) bool { return k.apart || k.rare }) {
		return
	}
	p.cluster.spares = r.between(1, mostSpares)
	for _, k := range memberFaults {
		if !k.several || p.cluster.nodes > 1 {
			p.faults.weights[k.number()] = oneOf(r, 1, 2, 5)
		}
	}
}

// mostSpares is how many nodes can be added in a run.
const mostSpares = 4
