package sim

import (
	"slices"
	"time"

	"sqsd/node"
)

// plainer are changes to a configuration after which there is less to think about, or after which rare things happen
// sooner. All keep within what seeds draw.
var plainer = []func(p *Plan){
	func(p *Plan) { p.quiet = 0 },
	func(p *Plan) { p.core = nil },
	func(p *Plan) { p.endSoon(0) },
	func(p *Plan) { p.endSoon(100 * time.Millisecond) },
	func(p *Plan) { p.endSoon(time.Second) },
	func(p *Plan) { p.endSoon(3 * time.Second) },
	func(p *Plan) { p.oneGroup() },
	func(p *Plan) { p.noSpares() },
	func(p *Plan) { p.onlyNodes(1) },
	func(p *Plan) { p.onlyNodes(1, 2, 3) },
	func(p *Plan) { p.onlyNodes(3, 4, 5) },
	func(p *Plan) { p.onlyNodes(1, 3, 5) },
	func(p *Plan) { p.onlyClients() },
	func(p *Plan) { p.cluster.old = nil },
	func(p *Plan) { p.cluster.checkpoint = 2000 },
	func(p *Plan) { p.cluster.keep = 0 },
	func(p *Plan) { p.link.loss = 0 },
	func(p *Plan) { p.link.repeat = 0 },
	func(p *Plan) { p.link.tail = 0 },
	func(p *Plan) { p.link.far, p.link.farther = 0, 0 },
	func(p *Plan) { p.link.bandwidth = 0 },
	func(p *Plan) { p.link.ordered = true },
	func(p *Plan) { p.link.latency = time.Millisecond },
	func(p *Plan) { p.link.jitter = 100 * time.Microsecond },
	func(p *Plan) { p.disk.late = false },
	func(p *Plan) { p.disk.latency = time.Millisecond },
	func(p *Plan) { p.steadyClocks() },
	func(p *Plan) { p.rightClocks() },
	func(p *Plan) { p.batching = 0 },
	func(p *Plan) { p.work.hop = 100 * time.Microsecond },
	func(p *Plan) { p.cluster.maxEntry = 1 << 16 },
	func(p *Plan) { p.cluster.maxPending = 1 << 20 },
	func(p *Plan) { p.cluster.chunk = 1 << 16 },
	func(p *Plan) { p.cluster.limits.DeletedQueueWindow = 0 },
	func(p *Plan) { p.cluster.limits.PurgeWindow = 0 },
	func(p *Plan) { p.cluster.limits.MaxInFlight = 120_000 },
	func(p *Plan) { p.cluster.limits.DueBatch = 4096 },
}

// configure makes the changes of plainer after which the plan still fails.
func (s *shrinker) configure() {
	for from := 0; ; {
		var changed []Plan
		var which []int
		for i, change := range plainer[from:] {
			p := s.best.keeping(func(int, item) bool { return true })
			change(&p)
			if p.Text("") != s.best.Text("") {
				changed, which = append(changed, p), append(which, from+i)
			}
		}
		i := s.try(min(4, s.variations()), len(changed), func(i int) Plan { return changed[i] })
		if i < 0 {
			return
		}
		from = which[i] + 1
	}
}

// oneGroup puts all queues into one group.
func (p *Plan) oneGroup() {
	p.cluster.groups = 1
	for i := range p.Script.Faults {
		p.Script.Faults[i].Group = 0
	}
}

// onlyNodes takes all other nodes out of the cluster, with what happens to them, and gives their calls to those that stay.
func (p *Plan) onlyNodes(stay ...node.NodeID) {
	if p.cluster.spares > 0 || p.cluster.nodes <= len(stay) || int(slices.Max(stay)) > p.cluster.nodes {
		return
	}
	number := func(old node.NodeID) node.NodeID { return node.NodeID(slices.Index(stay, old) + 1) }
	for i := range p.Script.Steps {
		s := &p.Script.Steps[i]
		if s.Node = number(s.Node); s.Node == 0 {
			s.Node = node.NodeID(1 + i%len(stay))
		}
	}
	var faults []FaultEvent
	for _, e := range p.Script.Faults {
		if e.onlyNodes(number, stay) {
			faults = append(faults, e)
		}
	}
	p.cluster.old, p.core = renumbered(p.cluster.old, number), renumbered(p.core, number)
	p.Script.Faults, p.cluster.nodes = faults, len(stay)
	if p.checkCore() != nil {
		p.core = nil
	}
}

// onlyNodes gives the nodes of a fault other numbers. It returns false if nothing can happen any more.
func (e *FaultEvent) onlyNodes(number func(node.NodeID) node.NodeID, stay []node.NodeID) bool {
	if e.Kind.everyone {
		var times []time.Duration
		for _, id := range stay {
			times = append(times, e.Times[id-1])
		}
		e.Times = times
		return true
	}
	if e.Node = number(e.Node); e.Node == 0 || e.Kind.several && len(stay) < 3 {
		return false
	}
	if e.Peer != 0 {
		if e.Peer = number(e.Peer); e.Peer == 0 {
			return false
		}
	}
	e.Side = renumbered(e.Side, number)
	return true
}

// renumbered are the new numbers of those nodes that stay.
func renumbered(nodes []node.NodeID, number func(node.NodeID) node.NodeID) []node.NodeID {
	var stay []node.NodeID
	for _, id := range nodes {
		if number(id) != 0 {
			stay = append(stay, number(id))
		}
	}
	return stay
}

// onlyClients leaves out clients that do nothing and numbers the others anew.
func (p *Plan) onlyClients() {
	var busy []int
	for i := range p.Script.Steps {
		if c := p.Script.Steps[i].Client; !slices.Contains(busy, c) {
			busy = append(busy, c)
		}
	}
	for i := range p.Script.Steps {
		p.Script.Steps[i].Client = slices.Index(busy, p.Script.Steps[i].Client)
	}
	p.work.clients = max(1, len(busy))
}

// steadyClocks lets clocks neither run too fast nor too slow.
func (p *Plan) steadyClocks() {
	p.clock.drift = 0
	p.Script.Faults = slices.DeleteFunc(p.Script.Faults, func(e FaultEvent) bool { return e.Kind == faultDrift })
}

// rightClocks lets clocks show the true time but those that go astray.
func (p *Plan) rightClocks() {
	p.clock.skew = 0
	p.Script.Faults = slices.DeleteFunc(p.Script.Faults, func(e FaultEvent) bool { return e.Kind == faultJump })
	for i := range p.Script.Faults {
		p.Script.Faults[i].Then = 0
	}
}

// noSpares leaves the cluster as it begins: nobody comes or goes.
func (p *Plan) noSpares() {
	nodes := p.cluster.nodes
	p.cluster.spares = 0
	p.Script.Faults = slices.DeleteFunc(p.Script.Faults, func(e FaultEvent) bool {
		return slices.Contains(memberFaults, e.Kind) || int(max(e.Node, e.Peer)) > nodes
	})
	for i := range p.Script.Faults {
		e := &p.Script.Faults[i]
		if e.Kind.everyone {
			e.Times = e.Times[:nodes:nodes]
		}
		e.Side = slices.DeleteFunc(slices.Clone(e.Side), func(id node.NodeID) bool { return int(id) > nodes })
	}
	for i := range p.Script.Steps {
		if s := &p.Script.Steps[i]; int(s.Node) > nodes {
			s.Node = node.NodeID(1 + i%nodes)
		}
	}
}
