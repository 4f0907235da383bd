package sim

import (
	"time"

	"sqsd/node"
)

// faultPlan is what may go wrong in a run.
type faultPlan struct {
	weights []int         // by number of the kind
	every   time.Duration // mean time between faults: the more kinds there are, the more often one of them happens
	lasts   time.Duration // mean time until one is mended
	leaders int           // percent of faults aimed at a leader
}

func drawFaults(r random, profile Profile, nodes int) faultPlan {
	f := faultPlan{
		weights: make([]int, len(faultKinds)),
		every:   oneOf(r, 5*time.Second, 17*time.Second, 51*time.Second) / time.Duration(drawn()),
		lasts:   oneOf(r, 200*time.Millisecond, time.Second, 3*time.Second),
		leaders: oneOf(r, 0, 50, 90),
	}
	for i, k := range faultKinds {
		if k.arranged || k.follows {
			continue
		}
		f.weights[i] = oneOf(r, 0, 0, 1, 1, 5)
		if nodes == 1 && k.several || profile == Lite && !k.lite || k.rare && profile != Ruin && !r.chance(25) {
			f.weights[i] = 0
		}
		if k.rare && profile == Ruin && nodes > 1 {
			f.weights[i] = 2
		}
	}
	f.separate(r)
	return f
}

// drawn is the number of kinds that runs have by a draw, with the others or of their own.
func drawn() (n int) {
	for _, k := range faultKinds {
		if !k.follows {
			n++
		}
	}
	return n
}

// separate decides between kinds that cut off and those that are apart from them.
func (f *faultPlan) separate(r random) {
	apart := func(k *faultKind) bool { return k.apart }
	if !f.has(apart) {
		return
	}
	leave := func(k *faultKind) bool { return k.cutsOff }
	if r.chance(75) {
		leave = apart
	}
	for i, k := range faultKinds {
		if leave(k) {
			f.weights[i] = 0
		}
	}
}

// has says whether the plan has turned on one of some kinds.
func (f *faultPlan) has(these func(k *faultKind) bool) bool {
	for i, w := range f.weights {
		if w > 0 && these(faultKinds[i]) {
			return true
		}
	}
	return false
}

// names are the faults that the plan has turned on.
func (f *faultPlan) names() []string {
	var names []string
	for i, w := range f.weights {
		if w > 0 {
			names = append(names, faultKinds[i].name)
		}
	}
	return names
}

// decide draws everything about a fault of a kind.
func (f *faults) decide(k *faultKind) FaultEvent {
	e := FaultEvent{Kind: k, Node: f.aim(), Lasts: f.random.spread(f.plan.lasts)}
	if k.everyone {
		e.Node = 0
	}
	if k.draw != nil {
		k.draw(f, &e)
	}
	return e
}

// aim draws the node that a fault hits.
func (f *faults) aim() node.NodeID {
	w := f.world
	if f.random.chance(f.plan.leaders) {
		if id := w.lastLeader[f.random.IntN(len(w.lastLeader))]; id != 0 && w.processes[id-1].inCluster() {
			return id
		}
	}
	return oneOf(f.random, w.cluster()...).id
}
