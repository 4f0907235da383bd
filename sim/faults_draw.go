package sim

import (
	"time"

	"sqsd/node"
)

// faultPlan is what may go wrong in a run.
type faultPlan struct {
	weights []int
	every   time.Duration // mean time between faults
	lasts   time.Duration // mean time until one is mended
	leaders int           // percent of faults aimed at a leader
}

func drawFaults(r random, profile Profile, nodes int) faultPlan {
	f := faultPlan{
		weights: make([]int, faultKinds),
		every:   oneOf(r, 300*time.Millisecond, time.Second, 3*time.Second),
		lasts:   oneOf(r, 200*time.Millisecond, time.Second, 3*time.Second),
		leaders: oneOf(r, 0, 50, 90),
	}
	for k := range f.weights {
		f.weights[k] = oneOf(r, 0, 0, 1, 1, 5)
		others := fault(k) >= faultSplit && fault(k) <= faultClog || fault(k) == faultAstray
		if nodes == 1 && others || profile == Lite && fault(k) >= faultClog {
			f.weights[k] = 0
		}
	}
	f.separateAstray(r)
	return f
}

// separateAstray keeps clocks from going astray in runs in which nodes may be down or cut off: of two clocks that
// disagree nobody can say which one is wrong, and the nodes then prefer having a leader.
func (f *faultPlan) separateAstray(r random) {
	if f.weights[faultAstray] > 0 && r.chance(70) {
		f.weights[faultAstray] = 0
	}
	if f.weights[faultAstray] > 0 {
		for k := range f.weights {
			if fault(k).cutsOff() {
				f.weights[k] = 0
			}
		}
	}
}

// names are the faults that the plan has turned on.
func (f *faultPlan) names() []string {
	var names []string
	for k, w := range f.weights {
		if w > 0 {
			names = append(names, faultNames[k])
		}
	}
	return names
}

// decide draws everything about a fault of a kind.
func (f *faults) decide(k fault) FaultEvent {
	w, r := f.world, f.random
	e := FaultEvent{Kind: k, Node: f.victim(), Lasts: r.spread(f.plan.lasts)}
	skew := w.plan.clock.skew
	switch k {
	case faultPowerLoss:
		e.Node = 0
		for range w.processes {
			e.Times = append(e.Times, r.spread(e.Lasts))
		}
		e.Lasts = 0
	case faultFlicker:
		e.Lasts, e.Times = 0, []time.Duration{r.duration(0, 50*time.Millisecond)}
		for range r.between(1, 3) {
			e.Times = append(e.Times, r.spread(100*time.Millisecond), r.duration(0, 50*time.Millisecond))
		}
	case faultDevice:
		e.Full = r.chance(50)
	case faultJump:
		e.Lasts, e.Skew = 0, r.duration(-skew, skew)
	case faultDrift:
		e.Lasts, e.Drift = 0, r.between(-w.plan.clock.drift, w.plan.clock.drift)
	case faultAstray:
		e.Lasts *= 3
		e.Skew, e.Then = r.duration(2, 5)*w.plan.clock.maxSkew, r.duration(-skew, skew)
		if r.chance(50) {
			e.Skew = -e.Skew
		}
	case faultStranger:
		e.Lasts, e.Peer, e.Frame = 0, oneOf(r, w.processes...).id, f.strangeFrame()
		e.Group = node.GroupID(r.IntN(w.plan.cluster.groups))
	case faultClog:
		e.Peer = oneOf(r, w.processes...).id
	case faultSplit, faultBridge:
		for _, p := range w.processes {
			if p.id != e.Node && r.chance(50) {
				e.Side = append(e.Side, p.id)
			}
		}
	}
	return e
}

// victim draws the node that a fault is aimed at.
func (f *faults) victim() node.NodeID {
	w := f.world
	if f.random.chance(f.plan.leaders) {
		if id := w.lastLeader[f.random.IntN(len(w.lastLeader))]; id != 0 {
			return id
		}
	}
	return w.processes[f.random.IntN(len(w.processes))].id
}

// strangeVersion begins frames of a version that no node knows.
const strangeVersion = 0xf0

// strangeFrame draws a frame as a newer node may send it.
func (f *faults) strangeFrame() []byte {
	frame := []byte{strangeVersion}
	for range f.random.IntN(40) {
		frame = append(frame, byte(f.random.IntN(256)))
	}
	return frame
}
