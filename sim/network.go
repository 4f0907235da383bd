package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"sqsd/model"
	"sqsd/node"
)

// Fault model: a frame between two nodes takes its link's base latency and a random part, and may be lost or come
// twice. Links that keep no order let a frame overtake earlier ones, and the second copy of one may come seconds late. A link can be cut in one direction or both, and
// can be clogged: frames wait until it opens. What arrives while its link is cut is lost. Frames are never damaged.
// A node's frames to itself take microseconds and always arrive.

// linkPlan is how the links of a run behave when nothing is cut.
type linkPlan struct {
	latency time.Duration // mean of the base latency of a link
	jitter  time.Duration // mean of the random part
	loss    int           // per mille
	repeat  int           // per mille
	ordered bool          // frames of a link never overtake each other, as on one connection
}

// link is one direction between two nodes.
type link struct {
	latency time.Duration
	cut     bool
	clogged time.Duration // frames arrive no earlier than this
	last    time.Duration // latest arrival so far
}

type network struct {
	world *World
	plan  linkPlan
	links [][]link // by sender and receiver, numbered from 0
	// promised is what has been promised to others, by node and group.
	promised [][]promised
	deliver  func(to, from node.NodeID, group node.GroupID, frame []byte)
}

func newNetwork(w *World, plan linkPlan, nodes int) *network {
	n := &network{world: w, plan: plan, links: make([][]link, nodes)}
	n.deliver = func(to, from node.NodeID, group node.GroupID, frame []byte) {
		w.processes[to-1].deliver(from, group, frame)
	}
	for from := range n.links {
		n.links[from] = make([]link, nodes)
		n.promised = append(n.promised, make([]promised, w.plan.cluster.groups))
		for to := range n.links[from] {
			r := w.random.network
			if max(from, to) >= w.plan.cluster.nodes {
				r = w.random.spares
			}
			n.links[from][to].latency = r.duration(plan.latency/2, plan.latency*3/2)
		}
	}
	return n
}

// send puts a frame of a running node on its way.
func (n *network) send(from, to node.NodeID, group node.GroupID, frame []byte) {
	w := n.world
	w.trace.hash(kindSend, uint64(from), xxhash.Sum64(frame)^uint64(to)<<32^uint64(group))
	if to == 0 || int(to) > len(n.links) {
		w.violate(model.NothingSilent, "", "node %d sends to node %d, which does not exist", from, to)
	}
	if to == from {
		w.after(w.random.network.duration(time.Microsecond, 20*time.Microsecond), func() {
			n.deliver(to, from, group, frame)
		})
		return
	}
	n.promise(from, group, frame)
	l := &n.links[from-1][to-1]
	if l.cut || w.random.network.perMille(n.plan.loss) {
		w.trace.hash(kindDrop, uint64(to), 0)
		return
	}
	n.carry(l, from, to, group, frame)
	if !w.random.network.perMille(n.plan.repeat) {
		return
	}
	again := slices.Clone(frame)
	if n.plan.ordered || w.random.network.chance(50) {
		n.carry(l, from, to, group, again)
		return
	}
	n.arrive(l, w.now+l.latency+w.random.network.spread(500*time.Millisecond), from, to, group, again)
}

// carry schedules the arrival of a frame.
func (n *network) carry(l *link, from, to node.NodeID, group node.GroupID, frame []byte) {
	w := n.world
	at := max(w.now+l.latency+w.random.network.spread(n.plan.jitter), l.clogged)
	if n.plan.ordered {
		at = max(at, l.last)
	}
	l.last = max(at, l.last)
	n.arrive(l, at, from, to, group, frame)
}

// arrive has a frame arrive at an instant, unless its link is cut then.
func (n *network) arrive(l *link, at time.Duration, from, to node.NodeID, group node.GroupID, frame []byte) {
	w := n.world
	w.queue.push(at, func() {
		if l.cut {
			w.trace.hash(kindDrop, uint64(to), 1)
			return
		}
		n.deliver(to, from, group, frame)
	})
}

// cut cuts the links for which the function says so and repairs all others.
func (n *network) cut(lost func(from, to int) bool) {
	for from := range n.links {
		for to := range n.links[from] {
			n.links[from][to].cut = from != to && lost(from, to)
		}
	}
	n.recordLinks()
}

// clog holds what the link carries back until an instant.
func (n *network) clog(from, to int, until time.Duration) {
	l := &n.links[from][to]
	l.clogged = max(l.clogged, until)
	n.world.record(Event{Kind: EventFault, Node: node.NodeID(from + 1), Text: fmt.Sprintf("to n%d clogged", to+1), Until: until})
}

// heal repairs every link and makes the network behave from now on. Frames that a clog held back still arrive late.
func (n *network) heal() {
	n.cut(func(int, int) bool { return false })
	n.plan.loss, n.plan.repeat = 0, 0
	for from := range n.links {
		for to := range n.links[from] {
			n.links[from][to].clogged, n.links[from][to].last = 0, 0
		}
	}
}
