package sim

import (
	"testing"
	"time"

	"sqsd/model"
	"sqsd/node"
)

func TestNodesOutsideOfTheCoreStayUselessToIt(t *testing.T) {
	for seed := range uint64(40) {
		s := newScene(t, 5, 1, 1<<20, 4096)
		s.plan.Seed, s.plan.core = seed, []node.NodeID{1, 3, 4}
		s.processes[1].crash("test")
		s.faults.restart(s.processes[1], time.Millisecond)
		s.faults.heal(s.inCore)
		s.faults.keepOut()
		s.until(s.now+100*time.Millisecond, nil)
		if s.processes[1].alive {
			t.Fatal("what was down before the core healed starts again")
		}
		p, heard := s.processes[4], true
		for _, id := range s.plan.core {
			heard = heard && !s.network.links[4][id-1].cut && !s.network.links[id-1][4].cut
		}
		if p.alive && !p.paused && heard {
			t.Errorf("seed %d: a node outside of the core works", seed)
		}
	}
}

func TestACoreThatCannotServeIsReported(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	s.plan.core = []node.NodeID{1, 2}
	s.network.deliver = func(node.NodeID, node.NodeID, uint64, node.GroupID, []byte) {} // nobody hears anybody
	if v := breaks(s.liveCore); v == nil || v.Promise != model.Live {
		t.Errorf("a core whose nodes do not hear each other breaks %v, want %s", v, model.Live)
	}
}

func TestACoreIsAMajority(t *testing.T) {
	for _, c := range []struct {
		core []node.NodeID
		ok   bool
	}{
		{nil, true}, {[]node.NodeID{1, 3}, true}, {[]node.NodeID{1}, false}, {[]node.NodeID{2, 2}, false}, {[]node.NodeID{1, 4}, false},
	} {
		plan := quietPlan(1, 3)
		plan.calm, plan.cluster.spares, plan.core = false, 0, c.core
		if err := plan.checkCore(); (err == nil) != c.ok {
			t.Errorf("core %v: %v, want it taken: %v", c.core, err, c.ok)
		}
	}
}
