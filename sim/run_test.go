package sim

import (
	"testing"
)

func TestSeedsPass(t *testing.T) {
	for seed := range uint64(15) {
		if report := Run(NewPlan(seed, Lite), Options{}); report.Violation != nil {
			t.Errorf("%v: %v", report.Plan.String(), report.Violation)
		}
	}
}

func TestARunIsAFunctionOfItsSeed(t *testing.T) {
	hashes := map[uint64]uint64{}
	for seed := range uint64(6) {
		plan := NewPlan(seed, Default)
		first, again, onPebble := Run(plan, Options{}), Run(plan, Options{}), Run(plan, Options{Pebble: true})
		if first.Hash != again.Hash {
			t.Errorf("seed %d: trace %016x, and %016x the second time", seed, first.Hash, again.Hash)
		}
		if first.Hash != onPebble.Hash {
			t.Errorf("seed %d: trace %016x, on Pebble %016x", seed, first.Hash, onPebble.Hash)
		}
		if other, same := hashes[first.Hash]; same {
			t.Errorf("seeds %d and %d have the same trace", seed, other)
		}
		hashes[first.Hash] = seed
	}
}

func TestALostWriteIsSeen(t *testing.T) {
	plan := NewPlan(4, Lite)
	w := newWorld(plan, Options{})
	// Half way every node forgets its log: what was acknowledged before is gone.
	w.after(plan.chaos/2, func() {
		for _, p := range w.processes {
			p.crash("test")
			p.log.visible, p.log.durable, p.log.pending, p.log.shown = newContent(), newContent(), nil, p.log.written
			p.state.visible, p.state.durable, p.state.pending, p.state.shown = newContent(), newContent(), nil, p.state.written
			w.faults.restart(p, 0)
		}
	})
	defer seedRaft(plan.Seed)()
	if v := w.run(); v == nil {
		t.Error("losing all that was acknowledged breaks no promise")
	}
}
