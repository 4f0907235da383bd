package sim

import (
	"time"

	"sqsd/model"
	"sqsd/node"
)

// quietPlan is a plan in which nothing goes wrong, for tests of single parts.
func quietPlan(seed uint64, nodes int) Plan {
	p := NewPlan(seed, Default)
	p.cluster.nodes, p.cluster.groups, p.cluster.old, p.core = nodes, 1, nil, nil
	p.link = linkPlan{latency: time.Millisecond, jitter: time.Millisecond}
	p.disk = diskPlan{latency: time.Millisecond}
	p.clock.skew, p.clock.drift = 0, 0
	p.work.loss, p.work.impatient = 0, 0
	p.faults.weights = nil
	return p
}

// bootless returns a world whose first node runs without replicas.
func bootless(plan Plan) (*World, *process) {
	w := newWorld(plan, Options{})
	p := w.processes[0]
	p.boot, p.alive = 1, true
	p.members = []member{{scheduled: true}} // Advance is never called
	return w, p
}

// breaks returns the promise that f breaks, or nil.
func breaks(f func()) (v *model.Violation) {
	defer func() {
		if s, ok := recover().(stop); ok {
			v = s.violation
		}
	}()
	f()
	return nil
}

// arrival is a frame that the network delivered.
type arrival struct {
	at       time.Duration
	to, from node.NodeID
	frame    string
}

// collect makes the network deliver to a list.
func collect(w *World) *[]arrival {
	list := new([]arrival)
	w.network.deliver = func(to, from node.NodeID, _ uint64, _ node.GroupID, frame []byte) {
		*list = append(*list, arrival{w.now, to, from, string(frame)})
	}
	return list
}
