package sim

import (
	"testing"
	"time"

	"sqsd/node"
	"sqsd/wire"
)

// leader is the node that was last seen to begin to lead group 0.
func (s *scene) leader() *process { return s.processes[s.lastLeader[0]-1] }

func TestALeaderIsSuspendedWithAReadToConfirm(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	s.until(s.now+5*time.Second, nil)
	old := s.leader()
	s.faults.waiting[reading] = true
	s.askAt(int(old.id)%3, &wire.ListQueuesRequest{})
	s.until(s.now+time.Second, nil)
	if !s.faults.waiting[reading] {
		t.Fatal("what another node is asked counts")
	}
	s.askAt(int(old.id)-1, &wire.GetQueueURLRequest{QueueName: "q"})
	if !s.until(s.now+100*time.Millisecond, func() bool { return old.paused }) {
		t.Fatal("the leader goes on")
	}
	if p := s.faults.outdated(); p != nil {
		t.Errorf("node %d is taken for outdated before another one leads", p.id)
	}
	s.faults.strike(FaultEvent{Kind: faultPowerLoss, Times: make([]time.Duration, len(s.processes))})
	if !s.until(s.now+recovery, func() bool { return s.leader() != old }) || !old.paused {
		t.Errorf("node %d leads, the suspended node is paused: %v", s.leader().id, old.paused)
	}
	if p := s.faults.outdated(); p != old {
		t.Error("the suspended node is not known to be outdated")
	}
	if n := s.marks["fault: power loss"]; n > 0 {
		t.Error("something else has gone wrong meanwhile")
	}
	if !s.until(s.now+recovery, func() bool { return !old.paused }) || s.faults.outdated() != nil {
		t.Error("the leader is suspended for good")
	}
}

func TestTheSenderOfASnapshotHandsOverWhileItIsWritten(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096, "q")
	s.call(t, &wire.CreateQueueRequest{QueueName: "q"})
	s.until(s.now+5*time.Second, nil)
	sender := s.leader()
	s.faults.waiting[receiving] = true
	s.faults.inject(FaultEvent{Kind: faultJoin, Node: 4})
	joins := s.processes[3]
	if !s.until(s.now+recovery, func() bool { return joins.device.stalled > 0 }) {
		t.Fatal("the device of the node that joins is never slow")
	}
	if !s.until(s.now+recovery, func() bool { return s.leader() != sender }) || s.marks["fault: stop"] != 1 {
		t.Error("the sender leads on")
	}
	installed := func() bool { return joins.restored[0] }
	if s.marks["snapshot of an earlier leader refused"] == 0 && !s.until(s.now+recovery, installed) {
		t.Error("the snapshot is neither refused nor installed")
	}
}

func TestALeaderDozesWhileAnotherClockIsWrong(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	s.until(s.now+5*time.Second, nil)
	old := s.leader()
	wrong := node.NodeID(int(old.id)%3 + 1)
	s.faults.strike(FaultEvent{Kind: faultAstray, Node: wrong, Skew: 2 * time.Second, Lasts: 10 * time.Second})
	again := s.marks["fault: doze"]
	s.faults.strike(FaultEvent{Kind: faultAstray, Node: old.id, Skew: 2 * time.Second, Lasts: 10 * time.Second})
	s.until(s.now+6*time.Second, nil)
	if s.leader().id == wrong {
		t.Error("the node with the wrong clock leads")
	}
	if n := s.marks["fault: doze"]; again != 0 || n != 1 {
		t.Errorf("a leader dozes %d times, want once: of two clocks only one goes wrong", n)
	}
}
