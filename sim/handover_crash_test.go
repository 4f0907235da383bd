package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sqsd/model"
	"sqsd/wire"
)

// A message moves from a queue of group 0 to its dead-letter queue in group 1. TestAMoveSurvivesACrashAtEveryStep repeats
// that with a crash at each single event, from the receive that moves the message to the end of the hand-over.
func TestAMoveSurvivesACrashAtEveryStep(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		for name, victims := range map[string]func(*scene) []*process{
			"leader of the source": func(s *scene) []*process { return []*process{s.processes[s.lastLeader[0]-1]} },
			"leader of the target": func(s *scene) []*process { return []*process{s.processes[s.lastLeader[1]-1]} },
			"all nodes":            func(s *scene) []*process { return s.processes },
		} {
			t.Run(name+suffix, func(t *testing.T) {
				steps := moveWithCrash(t, suffix, nil, 0)
				if steps < 50 {
					t.Fatalf("the move takes %d events: too few to be all of it", steps)
				}
				for step := uint64(1); step <= steps; step++ {
					moveWithCrash(t, suffix, victims, step)
				}
				t.Logf("%d crash points", steps)
			})
		}
	}
}

// moveWithCrash moves a message, crashes nodes after the given number of events, and checks that everything is in its
// place afterwards. Without victims nothing crashes, and it returns how many events the move takes.
func moveWithCrash(t *testing.T, suffix string, victims func(*scene) []*process, step uint64) (steps uint64) {
	t.Helper()
	queues := inGroups(2, suffix)
	s := newScene(t, 3, 2, 1<<20, 4096, queues...)
	source := prepareMove(t, s, queues)

	begin := s.events
	s.ask(&wire.ReceiveMessageRequest{QueueRef: source, WaitTimeSeconds: wire.Int(0), MaxNumberOfMessages: wire.Int(1)})
	settled := func() bool {
		return slices.ContainsFunc(s.observer.groups[0], func(c model.Commit) bool {
			_, ok := c.Request.(*model.Settle)
			return ok
		})
	}
	if victims != nil {
		s.until(s.now+recovery, func() bool { return s.events == begin+step })
		for _, p := range victims(s) {
			p.crash("test")
			s.faults.restart(p, 20*time.Millisecond)
		}
		s.until(s.now+2*time.Second, nil)
	} else if !s.until(s.now+recovery, settled) {
		t.Fatal("the move is never settled")
	}
	steps = s.events - begin
	if v := s.finish(); v != nil {
		t.Fatalf("crash after event %d: %v", step, v)
	}
	if got := s.drainedBodies(); !slices.Equal(got, []string{"m1", "m2"}) {
		t.Fatalf("crash after event %d: the queues held %v in the end, want m1 and m2, once each", step, got)
	}
	return steps
}

// prepareMove creates the queues and sends two messages. The first one was received once: the next receive moves it.
func prepareMove(t *testing.T, s *scene, queues []string) (source wire.QueueRef) {
	t.Helper()
	var fifo wire.Pairs
	if wire.IsFIFO(queues[0]) {
		fifo = wire.Pairs{{Name: wire.AttrFIFOQueue, Value: "true"}}
	}
	policy := wire.RedrivePolicy{TargetARN: arnOf(queues[1]), MaxReceiveCount: 1}
	s.call(t, &wire.CreateQueueRequest{QueueName: queues[1], Attributes: fifo})
	s.call(t, &wire.CreateQueueRequest{QueueName: queues[0],
		Attributes: fifo.With(wire.AttrRedrivePolicy, policy.String()).With(wire.AttrVisibilityTimeout, "1")})
	source = refTo(queues[0])
	for i := range 2 {
		out := wire.Outgoing{MessageBody: fmt.Sprintf("m%d", i+1)}
		if fifo != nil {
			out.MessageGroupID, out.MessageDeduplicationID = "g", out.MessageBody
		}
		s.call(t, &wire.SendMessageRequest{QueueRef: source, Outgoing: out})
	}
	received := s.call(t, &wire.ReceiveMessageRequest{QueueRef: source, WaitTimeSeconds: wire.Int(0)})
	if got := received.Response.(*wire.ReceiveMessageResponse).Messages; len(got) != 1 || got[0].Body != "m1" {
		t.Fatalf("received %v, want m1", got)
	}
	s.until(s.now+1100*time.Millisecond, nil)
	return source
}

// drainedBodies are the bodies of what was received after everything had healed, in order.
func (s *scene) drainedBodies() (bodies []string) {
	for _, op := range s.clients.history {
		if r, ok := op.Response.(*wire.ReceiveMessageResponse); ok && time.Duration(op.Call) >= s.recovered {
			for i := range r.Messages {
				bodies = append(bodies, r.Messages[i].Body)
			}
		}
	}
	slices.Sort(bodies)
	return bodies
}
