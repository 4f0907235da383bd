package sim

import (
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node"
	"sqsd/wire"
)

// A node that was suspended answers all heartbeats at once that came meanwhile.
func TestANodeThatWasSuspendedIsNotSentItsEntriesForEveryHeartbeat(t *testing.T) {
	s := newScene(t, 5, 1, 1<<20, 4096, "q")
	s.call(t, &wire.CreateQueueRequest{QueueName: "q"})
	s.until(s.now+5*time.Second, nil)
	p := s.processes[4]
	copies := 0
	deliver := s.network.deliver
	s.network.deliver = func(to, from node.NodeID, boot uint64, group node.GroupID, frame []byte) {
		if m := node.RaftMessage(frame); to == p.id && m.GetType() == raftpb.MsgApp {
			if p.paused {
				return // the leader has to ask how much of the log the node has
			}
			copies++
		}
		deliver(to, from, boot, group, frame)
	}
	p.pause(6 * time.Second)
	s.leader().crash("test")
	s.until(s.now+recovery, s.led)
	s.sendSome(t)
	leader := s.leader().members[0].replica
	if !s.until(s.now+recovery, func() bool {
		return !p.paused && p.members[0].replica.Status().Applied == leader.Status().Applied
	}) {
		t.Fatal("it does not catch up")
	}
	if copies == 0 || copies > 4 {
		t.Errorf("its entries came %d times", copies)
	}
}
