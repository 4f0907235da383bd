package sim

import (
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"sqsd/model"
	"sqsd/node"
)

// Fault model: a frame between two nodes takes its link's base latency and a random part, and may be lost or come
// twice. Some links of a run are many times slower than others, and some frames take many times as long as others. Links
// that keep no order let a frame overtake earlier ones, and the second copy of one may come seconds late. A link may carry
// only so many bytes a second: frames queue behind each other, and what finds the queue full is lost, until all is healed: a
// healthy link makes its senders wait. A link can be cut in one direction or both, can be slow for a while, and can be
// clogged: frames wait until it opens. What arrives while its link is cut is lost. Frames are never damaged. A node's frames
// to itself take microseconds and always arrive.

// linkPlan is how the links of a run behave when nothing is cut.
type linkPlan struct {
	latency time.Duration // mean of the base latency of a link
	jitter  time.Duration // mean of the random part
	loss    int           // per mille
	repeat  int           // per mille
	ordered bool          // frames of a link never overtake each other, as on one connection

	far       int           // percent of links whose base latency is another one:
	farther   time.Duration // this
	tail      int           // per mille of frames that take up to two hundred times as long
	bandwidth int           // bytes a second that a link carries; 0 is as many as come
}

const (
	linkQueue     = 8 << 10 // bytes that wait for a link at most, but for one frame
	frameOverhead = 64      // bytes that a frame takes beside its own
	greetingBytes = 100     // that a greeting takes
	slowness      = 10      // times as long is a frame on its way while its link is slow
)

// link is one direction between two nodes.
type link struct {
	latency time.Duration
	cut     bool
	sound   bool          // it loses, repeats and delays nothing beyond what it is
	clogged time.Duration // frames arrive no earlier than this
	slow    time.Duration // until when frames take slowness times as long
	free    time.Duration // when all that waits for the link has been sent
	last    time.Duration // latest arrival so far
}

type network struct {
	world *World
	plan  linkPlan
	links [][]link // by sender and receiver, numbered from 0
	// fair is from when until when nothing is lost, repeated or delayed beyond what the links are.
	fair struct{ from, until time.Duration }
	// promised is what has been promised to others, by node and group.
	promised [][]promised
	// deliver takes what arrives of a boot of a node.
	deliver func(to, from node.NodeID, boot uint64, group node.GroupID, frame []byte)
}

func newNetwork(w *World, plan linkPlan, nodes int) *network {
	n := &network{world: w, plan: plan, links: make([][]link, nodes)}
	n.deliver = func(to, from node.NodeID, boot uint64, group node.GroupID, frame []byte) {
		w.processes[to-1].deliver(from, boot, group, frame)
	}
	for from := range n.links {
		n.links[from] = make([]link, nodes)
		n.promised = append(n.promised, make([]promised, w.plan.cluster.groups))
		for to := range n.links[from] {
			r, l := w.random.network, &n.links[from][to]
			if max(from, to) >= w.plan.cluster.nodes {
				r = w.random.spares
			}
			l.latency = r.duration(plan.latency/2, plan.latency*3/2)
			if plan.far > 0 && r.chance(plan.far) {
				l.latency = max(l.latency, plan.farther)
			}
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
	boot := w.processes[from-1].boot
	if to == from {
		w.after(w.random.network.duration(time.Microsecond, 20*time.Microsecond), func() {
			n.deliver(to, from, boot, group, frame)
		})
		return
	}
	n.post(from, to, len(frame), func() { n.deliver(to, from, boot, group, frame) }, func() {
		n.deliver(to, from, boot, group, slices.Clone(frame))
	})
}

// greet puts a greeting on its way.
func (n *network) greet(from, to node.NodeID, take func()) {
	n.world.trace.hash(kindSend, uint64(from), uint64(to))
	n.post(from, to, greetingBytes, take, take)
}

// post puts some bytes on their way that take receives, and again a second copy if there is one.
func (n *network) post(from, to node.NodeID, bytes int, take, again func()) {
	w := n.world
	l := &n.links[from-1][to-1]
	if l.cut || n.happens(l, n.plan.loss) {
		w.trace.hash(kindDrop, uint64(to), 0)
		return
	}
	n.carry(l, to, bytes, take)
	if !n.happens(l, n.plan.repeat) {
		return
	}
	if n.plan.ordered || w.random.network.chance(50) {
		n.carry(l, to, bytes, again)
		return
	}
	n.arrive(l, w.now+l.latency+w.random.network.spread(500*time.Millisecond), to, again)
}

// happens draws whether what goes wrong with some frames does with this one.
func (n *network) happens(l *link, perMille int) bool {
	return !l.sound && n.world.now >= n.fair.until && n.world.random.network.perMille(perMille)
}

// carry schedules an arrival.
func (n *network) carry(l *link, to node.NodeID, bytes int, take func()) {
	sent, fits := n.transmit(l, bytes+frameOverhead)
	if !fits {
		n.world.trace.hash(kindDrop, uint64(to), 3)
		n.world.mark("network: queue of a link full")
		return
	}
	at := max(sent+n.trip(l), l.clogged)
	if n.plan.ordered {
		at = max(at, l.last)
	}
	l.last = max(at, l.last)
	n.arrive(l, at, to, take)
}

// transmit puts bytes behind those that wait for the link. It returns when all of them have been sent, or false if too many
// are waiting and the link is not sound.
func (n *network) transmit(l *link, bytes int) (sent time.Duration, fits bool) {
	now := n.world.now
	if n.plan.bandwidth == 0 || now < n.fair.until {
		return now, true
	}
	start := max(now, l.free)
	if !l.sound && start-now > n.wire(linkQueue) {
		return 0, false
	}
	l.free = start + n.wire(bytes)
	return l.free, true
}

// wire is how long a link takes to send bytes.
func (n *network) wire(bytes int) time.Duration {
	return time.Duration(bytes) * time.Second / time.Duration(n.plan.bandwidth)
}

// trip draws how long a frame travels.
func (n *network) trip(l *link) time.Duration {
	r := n.world.random.network
	d := l.latency + r.spread(n.plan.jitter)
	if n.happens(l, n.plan.tail) {
		d += 50 * r.spread(n.plan.latency+n.plan.jitter)
	}
	if l.slow > n.world.now {
		d *= slowness
	}
	return d
}

// arrive has something arrive at an instant, unless its link is cut then.
func (n *network) arrive(l *link, at time.Duration, to node.NodeID, take func()) {
	w := n.world
	w.queue.push(at, func() {
		if l.cut {
			w.trace.hash(kindDrop, uint64(to), 1)
			return
		}
		take()
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
	n.recordLink(from, to, "clogged", until)
}

// slow makes the link slow until an instant.
func (n *network) slow(from, to int, until time.Duration) {
	l := &n.links[from][to]
	l.slow = max(l.slow, until)
	n.recordLink(from, to, "slow", until)
}

// heal repairs the links between some nodes and makes them behave from now on. Frames that a clog held back still arrive
// late.
func (n *network) heal(nodes func(i int) bool) {
	for from := range n.links {
		for to := range n.links[from] {
			if l := &n.links[from][to]; nodes(from) && nodes(to) {
				l.sound, l.cut, l.clogged, l.slow, l.last = true, false, 0, 0, 0
			}
		}
	}
	n.recordLinks()
}

// whole says that no link is cut, clogged or slow.
func (n *network) whole() bool {
	return !slices.ContainsFunc(n.links, func(links []link) bool {
		return slices.ContainsFunc(links, func(l link) bool { return l.cut || max(l.clogged, l.slow) > n.world.now })
	})
}

// behaves lets links lose, repeat and delay nothing beyond what they are for as long, and says whether that has been so
// for long enough that every two nodes have heard of each other.
func (n *network) behaves(long time.Duration) bool {
	now := n.world.now
	if now >= n.fair.until {
		n.fair.from = now
		for _, links := range n.links {
			for i := range links {
				links[i].last, links[i].free = 0, 0
			}
		}
	}
	n.fair.until = max(n.fair.until, now+long)
	return now >= n.fair.from+100*time.Millisecond
}
