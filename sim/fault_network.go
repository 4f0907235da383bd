package sim

import (
	"bytes"
	"fmt"
	"time"

	"sqsd/node"
)

// Fault model of the network: nodes do not hear each other, in both directions or one, in two sides that may share a
// node, for a while or several times in quick succession; a link holds what it carries back, or is slow; a frame arrives
// that this version does not know, as a newer one may send it. A cut takes the place of the one before, whose links are whole
// again. See network.go for what links do when none of this happens.

var faultSplit = &faultKind{
	name: "split", about: "two sides do not hear each other",
	fields: []string{"with", "for"}, lite: true, several: true, cutsOff: true,
	draw: drawSide,
	inject: func(f *faults, e FaultEvent) {
		side := f.side(e)
		f.cutLinks(e, func(from, to int) bool { return side[from] != side[to] })
	},
}

var faultOneWay = &faultKind{
	name: "one way", about: "its side does not hear the other one, which hears it",
	fields: []string{"with", "for"}, lite: true, several: true, cutsOff: true,
	draw: drawSide,
	inject: func(f *faults, e FaultEvent) {
		side := f.side(e)
		f.cutLinks(e, func(from, to int) bool { return !side[from] && side[to] })
	},
}

var faultIsolate = &faultKind{
	name: "isolate", about: "it hears nobody and is not heard",
	fields: []string{"for"}, lite: true, several: true, cutsOff: true,
	inject: func(f *faults, e FaultEvent) {
		victim := int(e.Node) - 1
		f.cutLinks(e, func(from, to int) bool { return from == victim || to == victim })
	},
}

var faultDeaf = &faultKind{
	name: "deaf", about: "it hears nobody",
	fields: []string{"for"}, lite: true, several: true, cutsOff: true,
	inject: func(f *faults, e FaultEvent) {
		f.cutLinks(e, func(_, to int) bool { return to == int(e.Node)-1 })
	},
}

var faultMute = &faultKind{
	name: "mute", about: "nobody hears it",
	fields: []string{"for"}, lite: true, several: true, cutsOff: true,
	inject: func(f *faults, e FaultEvent) {
		f.cutLinks(e, func(from, _ int) bool { return from == int(e.Node)-1 })
	},
}

var faultBridge = &faultKind{
	name: "bridge", about: "two sides share this node alone",
	fields: []string{"with", "for"}, lite: true, several: true, cutsOff: true,
	draw: drawSide,
	inject: func(f *faults, e FaultEvent) {
		side, victim := f.side(e), int(e.Node)-1
		f.cutLinks(e, func(from, to int) bool { return from != victim && to != victim && side[from] != side[to] })
	},
}

var faultClog = &faultKind{
	name: "clog", about: "a link holds frames back",
	fields: []string{"to", "for"}, several: true, cutsOff: true,
	draw: drawPeer,
	inject: func(f *faults, e FaultEvent) {
		if e.Peer != e.Node {
			f.happens(e)
		}
		f.world.network.clog(int(e.Node)-1, int(e.Peer)-1, f.world.now+e.Lasts)
	},
}

var faultFlap = &faultKind{
	name: "flap", about: "it and others hear each other now and then",
	fields: []string{"off", "times"}, lite: true, several: true, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) {
		r := f.random
		one := oneOf(r, f.world.processes...).id // a link, if it is not the victim itself
		for _, p := range f.world.processes {
			if p.id != e.Node && (one == e.Node || p.id == one) {
				e.Side = append(e.Side, p.id)
			}
		}
		mean := oneOf(r, 10*time.Millisecond, 50*time.Millisecond, 250*time.Millisecond)
		e.Lasts, e.Times = 0, []time.Duration{r.spread(mean)}
		for range r.between(2, 6) {
			e.Times = append(e.Times, r.spread(mean), r.spread(mean))
		}
	},
	check: func(e *FaultEvent, _ *Plan) error { return e.checkTimes("cut, whole, ..., cut") },
	inject: func(f *faults, e FaultEvent) {
		off, victim := f.side(e), int(e.Node)-1
		off[victim] = false
		lost := func(from, to int) bool { return from == victim && off[to] || to == victim && off[from] }
		if f.world.separates(lost) {
			f.happens(e)
		}
		f.flap(e.Times, lost)
	},
}

var faultSlowLink = &faultKind{
	name: "slow link", about: "a link is ten times as slow",
	fields: []string{"to", "for"}, several: true, cutsOff: true,
	draw: drawPeer,
	inject: func(f *faults, e FaultEvent) {
		if e.Peer != e.Node {
			f.happens(e)
		}
		f.world.network.slow(int(e.Node)-1, int(e.Peer)-1, f.world.now+e.Lasts)
	},
}

// strangeVersion begins frames of a version that no node knows. strangeKind is behind the version of those that are of a
// kind that no node knows.
const (
	strangeVersion = 0xf0
	strangeKind    = 0xf0
)

var faultStranger = &faultKind{
	name: "stranger", about: "it gets a frame of an unknown version or kind",
	fields: []string{"from", "group", "frame"},
	draw: func(f *faults, e *FaultEvent) {
		drawPeer(f, e)
		e.Lasts, e.Frame = 0, []byte{strangeVersion}
		n := f.random.IntN(40)
		if n%2 == 1 {
			e.Frame = []byte{byte(oldest), strangeKind}
		}
		for range n {
			e.Frame = append(e.Frame, byte(f.random.IntN(256)))
		}
		e.Group = node.GroupID(f.random.IntN(f.world.plan.cluster.groups))
	},
	check: func(e *FaultEvent, _ *Plan) error {
		if bytes.HasPrefix(e.Frame, []byte{strangeVersion}) || bytes.HasPrefix(e.Frame, []byte{byte(oldest), strangeKind}) {
			return nil
		}
		return fmt.Errorf("want a frame that begins with %02x, a version that no node knows, or with %02x%02x, a kind", strangeVersion,
			oldest, strangeKind)
	},
	inject: func(f *faults, e FaultEvent) {
		boot := f.world.processes[e.Peer-1].boot
		if f.victim(e).accepts(e.Peer, boot) {
			f.happens(e)
		}
		f.world.network.deliver(e.Node, e.Peer, boot, e.Group, e.Frame)
	},
}

// drawPeer draws the other end of a link.
func drawPeer(f *faults, e *FaultEvent) { e.Peer = oneOf(f.random, f.world.cluster()...).id }

// drawSide draws who is on the victim's side.
func drawSide(f *faults, e *FaultEvent) {
	for _, p := range f.world.cluster() {
		if p.id != e.Node && f.random.chance(50) {
			e.Side = append(e.Side, p.id)
		}
	}
}

// side says of each node, numbered from 0, whether it is on the victim's side.
func (f *faults) side(e FaultEvent) []bool {
	side := make([]bool, len(f.world.processes))
	side[e.Node-1] = true
	for _, id := range e.Side {
		side[id-1] = true
	}
	return side
}

// cutLinks cuts links for as long as a fault lasts.
func (f *faults) cutLinks(e FaultEvent, lost func(from, to int) bool) {
	if f.world.separates(lost) {
		f.happens(e)
	}
	f.cut(e.Lasts, lost)
}

// separates says whether a node of the cluster no longer hears another one if links are cut.
func (w *World) separates(lost func(from, to int) bool) bool {
	for _, p := range w.cluster() {
		for _, q := range w.cluster() {
			if p != q && lost(int(p.id)-1, int(q.id)-1) {
				return true
			}
		}
	}
	return false
}

// cut cuts links and repairs them after a while, unless another cut has taken over.
func (f *faults) cut(lasts time.Duration, lost func(from, to int) bool) {
	w := f.world
	f.cuts++
	cuts := f.cuts
	w.network.cut(lost)
	w.after(lasts, func() {
		if f.cuts == cuts {
			w.network.cut(func(int, int) bool { return false })
		}
	})
}

// flap cuts links for the first of some times, repairs them for the second, and so on, unless another cut has taken over.
func (f *faults) flap(times []time.Duration, lost func(from, to int) bool) {
	f.cut(times[0], lost)
	if len(times) < 3 {
		return
	}
	cuts := f.cuts
	f.world.after(times[0]+times[1], func() {
		if f.cuts == cuts && f.judged == nil {
			f.flap(times[2:], lost)
		}
	})
}
