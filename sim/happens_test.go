package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sqsd/node"
)

// told are the faults that the world marks and records from now on.
func (s *scene) told() *[]string {
	told := new([]string)
	s.watch = func(e Event) {
		if e.Kind == EventFault {
			*told = append(*told, fmt.Sprintf("%s n%d", e.Text, e.Node))
		}
	}
	return told
}

func TestFaultsAreRecordedIfTheyHappen(t *testing.T) {
	const hour = time.Hour
	down := func(s *scene) { s.processes[0].crash("test") }
	wrong := func(s *scene) {
		s.until(s.now+5*time.Second, nil)
		s.faults.inject(FaultEvent{Kind: faultStuck, Node: 2, Lasts: hour})
	}
	early := func(s *scene) { s.processes[2].formed = false }
	once := []time.Duration{time.Second}
	flicker := []time.Duration{time.Second, time.Second, time.Second}
	for _, c := range []struct {
		before  func(s *scene) // nil if nothing is wrong
		fault   FaultEvent
		happens bool
	}{
		{nil, FaultEvent{Kind: faultCrash, Lasts: hour}, true},
		{down, FaultEvent{Kind: faultCrash, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultStop, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultPause, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultSuspend, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultDoze, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultFlicker, Times: once}, false},
		{down, FaultEvent{Kind: faultFlicker, Times: flicker}, true},
		{nil, FaultEvent{Kind: faultFlicker, Times: flicker}, true},
		{down, FaultEvent{Kind: faultDevice, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultFull, Lasts: hour}, true},
		{down, FaultEvent{Kind: faultStranger, Peer: 2, Frame: []byte{strangeVersion}}, false},
		{nil, FaultEvent{Kind: faultStranger, Peer: 2, Frame: []byte{strangeVersion}}, true},
		{nil, FaultEvent{Kind: faultSplit, Side: []node.NodeID{2}, Lasts: hour}, true},
		{nil, FaultEvent{Kind: faultSplit, Side: []node.NodeID{2, 3}, Lasts: hour}, false},
		{nil, FaultEvent{Kind: faultClog, Peer: 1, Lasts: hour}, false},
		{nil, FaultEvent{Kind: faultClog, Peer: 2, Lasts: hour}, true},
		{nil, FaultEvent{Kind: faultStuck, Lasts: hour}, false}, // the nodes have just met
		{wrong, FaultEvent{Kind: faultStuck, Lasts: hour}, false},
		{wrong, FaultEvent{Kind: faultAstray, Skew: hour, Lasts: hour}, false},
		{wrong, FaultEvent{Kind: faultFreeze, Lasts: hour}, true},
		{early, FaultEvent{Kind: faultCorrupt, Last: 1000, Lasting: true}, false},
		{nil, FaultEvent{Kind: faultCorrupt, Last: 1000, Lasting: true}, true},
		{down, FaultEvent{Kind: faultCorrupt, Last: 1000, Lasting: true}, true},
		{down, FaultEvent{Kind: faultCorrupt, Last: 1000}, false},
		{early, FaultEvent{Kind: faultLost, Lasts: hour}, false},
		{nil, FaultEvent{Kind: faultLost, Lasts: hour}, true},
		{down, FaultEvent{Kind: faultRollback, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultUpgrade, Lasts: hour}, false},
		{down, FaultEvent{Kind: faultDowngrade, Lasts: hour}, true},
		{nil, FaultEvent{Kind: faultRemove}, false}, // three are left at least
		{early, FaultEvent{Kind: faultReplace, Peer: 4}, false},
		{nil, FaultEvent{Kind: faultReplace, Peer: 4}, true},
	} {
		s := newScene(t, 3, 1, 1<<20, 4096)
		c.fault.Node = 1
		if c.before != nil {
			c.before(s)
		}
		told := s.told()
		mark, injected, hash := "fault: "+c.fault.Kind.name, len(s.faults.script), s.trace.sum()
		marked := s.marks[mark]
		s.faults.inject(c.fault)
		if len(s.faults.script) != injected+1 || s.trace.sum() == hash {
			t.Errorf("%s: it is not in the script and the hash", c.fault.text())
		}
		s.until(s.now+2500*time.Millisecond, nil)
		if got := slices.Contains(*told, c.fault.Kind.name+" n1"); got != c.happens {
			t.Errorf("%s, before anything: %v, is recorded: %v, want %v", c.fault.text(), c.before == nil, got, c.happens)
		}
		if got := s.marks[mark] > marked; got != c.happens {
			t.Errorf("%s, before anything: %v, is marked: %v, want %v", c.fault.text(), c.before == nil, got, c.happens)
		}
	}
}
