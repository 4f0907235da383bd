package sim

import (
	"slices"
	"testing"
	"time"

	"sqsd/node"
)

// What a node got before its crash arrives again in its next life, but not what is older, and not what it sent to itself.
func TestAnEchoOfFramesBeforeACrash(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	s.faults.echoes = newEchoes(s.World)
	victim := s.processes[1]
	var got []string
	deliver := s.faults.echoes.deliver
	s.faults.echoes.deliver = func(to, from node.NodeID, boot uint64, group node.GroupID, frame []byte) {
		if to == 2 && victim.boot == 2 {
			got = append(got, string(frame))
		}
		deliver(to, from, boot, group, frame)
	}
	at := s.now
	s.network.deliver(2, 1, 1, 0, []byte("old"))
	s.until(at+time.Second, nil)
	s.network.deliver(2, 1, 1, 0, []byte("new"))
	s.network.deliver(2, 2, 1, 0, []byte("own"))
	s.network.deliver(3, 1, 1, 0, []byte("another's"))
	s.faults.inject(FaultEvent{Kind: faultEcho, Node: 2, Late: 100 * time.Millisecond, Lasts: 50 * time.Millisecond})
	s.until(s.now+140*time.Millisecond, nil)
	early := slices.Contains(got, "new")
	s.until(s.now+20*time.Millisecond, nil)
	if early || !slices.Contains(got, "new") {
		t.Errorf("the frame comes before its time: %v; then there are %q", early, got)
	}
	for _, other := range []string{"old", "own", "another's"} {
		if slices.Contains(got, other) {
			t.Errorf("the frame %q comes again", other)
		}
	}
}
