package sim

import (
	"slices"
	"testing"
	"time"

	"sqsd/node"
	"sqsd/wire"
)

// TestAChangeOfMembersSurvivesACrash repeats changes of a cluster with a crash at many single events, from the question to
// the answer for the last group: the change is complete in the end, everywhere, and nothing is lost.
func TestAChangeOfMembersSurvivesACrash(t *testing.T) {
	leader := func(s *scene) []*process { return []*process{s.processes[s.lastLeader[0]-1]} }
	all := func(s *scene) []*process { return s.cluster() }
	for _, c := range []struct {
		name    string
		nodes   int
		first   []task // is done before
		change  task
		victims func(*scene) []*process
		want    []node.NodeID
	}{
		{"node joins, leader crashes", 3, nil, task{add: 4}, leader, []node.NodeID{1, 2, 3, 4}},
		{"node joins, it crashes", 3, nil, task{add: 4}, func(s *scene) []*process { return s.processes[3:4] }, []node.NodeID{1, 2, 3, 4}},
		{"node joins, all crash", 3, nil, task{add: 4}, all, []node.NodeID{1, 2, 3, 4}},
		{"one becomes two, all crash", 1, nil, task{add: 2}, all, []node.NodeID{1, 2}},
		{"two become one, leader crashes", 1, []task{{add: 2}}, task{remove: 2}, leader, []node.NodeID{1}},
		{"two become one, all crash", 1, []task{{add: 2}}, task{remove: 1}, all, []node.NodeID{2}},
		{"leader removed, all crash", 3, []task{{add: 4}}, task{remove: 1}, all, []node.NodeID{2, 3, 4}},
		{"node replaced, all crash", 3, nil, task{add: 4, remove: 2, lost: true}, all, []node.NodeID{1, 3, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(victims func(*scene) []*process, step uint64) (steps uint64) {
				s := newScene(t, c.nodes, 1, 1<<20, 4096, "q")
				s.call(t, &wire.CreateQueueRequest{QueueName: "q"})
				s.call(t, &wire.SendMessageRequest{QueueRef: refTo("q"), Outgoing: wire.Outgoing{MessageBody: "m"}})
				for _, earlier := range c.first {
					s.operator.do(earlier)
					s.until(s.now+recovery, s.operator.settled)
				}
				steps = s.changeWithCrash(t, c.change, victims, step)
				if !slices.Equal(slices.Sorted(slices.Values(s.operator.members)), c.want) {
					t.Fatalf("the members are %v, want %v", s.operator.members, c.want)
				}
				if got := s.drainedBodies(); !slices.Equal(got, []string{"m"}) {
					t.Fatalf("crash after event %d: the queue held %v in the end", step, got)
				}
				return steps
			}
			const points = 40
			steps := run(nil, 0)
			for step := uint64(1); step <= steps; step += 1 + steps/points {
				run(c.victims, step)
			}
		})
	}
}

// changeWithCrash has the operator make a change, crashes nodes after the given number of events, and checks that the world
// recovers. Without victims nothing crashes, and it returns how many events the change takes.
func (s *scene) changeWithCrash(t *testing.T, change task, victims func(*scene) []*process, step uint64) (steps uint64) {
	t.Helper()
	begin := s.events
	s.operator.do(change)
	made := func() bool { return len(s.operator.steps) == 0 }
	if victims != nil {
		s.until(s.now+recovery, func() bool { return s.events == begin+step })
		for _, p := range victims(s) {
			p.crash("test")
			s.faults.restart(p, 20*time.Millisecond)
		}
	} else if !s.until(s.now+recovery, made) {
		t.Fatal("the change is never made")
	}
	steps = s.events - begin
	if v := s.finish(); v != nil {
		t.Fatalf("crash after event %d: %v", step, v)
	}
	return steps
}
