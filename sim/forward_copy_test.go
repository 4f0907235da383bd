package sim

import (
	"slices"
	"testing"
	"time"

	"sqsd/node"
	"sqsd/wire"
)

// Calls reach the leader and are executed, but it goes down before its answers arrive. Then the network delivers copies of
// the calls to it. It must not say that it has not executed them.
func TestCopyOfAForwardedCallIsNotGivenBack(t *testing.T) {
	const forwarded, reply = 2, 3 // kinds of frames
	s := newScene(t, 3, 1, 1<<20, 4096, "q0")
	s.call(t, &wire.CreateQueueRequest{QueueName: "q0"})
	leader := s.lastLeader[0]
	var copies []func()
	deliver, silent := s.network.deliver, true
	s.network.deliver = func(to, from node.NodeID, boot uint64, group node.GroupID, frame []byte) {
		if silent && from == leader && frame[1] == reply {
			return
		}
		if to == leader && from != leader && frame[1] == forwarded {
			again := slices.Clone(frame)
			copies = append(copies, func() { deliver(to, from, boot, group, again) })
		}
		deliver(to, from, boot, group, frame)
	}
	for i := range 8 {
		s.ask(&wire.SendMessageRequest{QueueRef: refTo("q0"), Outgoing: wire.Outgoing{MessageBody: string(rune('a' + i))}})
	}
	s.until(s.now+200*time.Millisecond, nil)
	if len(copies) == 0 {
		t.Fatal("no call was forwarded")
	}
	s.processes[leader-1].crash("test")
	s.processes[leader-1].start()
	silent = false
	for _, again := range copies {
		again()
	}
	if v := s.finish(); v != nil {
		t.Fatal(v)
	}
}
