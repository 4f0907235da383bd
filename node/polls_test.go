package node

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sqsd/wire"
)

// outgoingTo is a message in a group of its own, where the queue has groups.
func outgoingTo(queue, body string) wire.Outgoing {
	o := wire.Outgoing{MessageBody: body}
	if wire.IsFIFO(queue) {
		o.MessageGroupID, o.MessageDeduplicationID = body, body
	}
	return o
}

// A receive moves so many dead letters at most. Nobody wakes the poll again for what is behind them.
func TestALongPollGoesOnBehindManyDeadLetters(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("q"+suffix, func(t *testing.T) {
			w := newWorld(t, 1)
			r, name, dead := w.replicas[0], "q"+suffix, "dead"+suffix
			var kind wire.Pairs
			if suffix != "" {
				kind = wire.Pairs{{Name: wire.AttrFIFOQueue, Value: "true"}}
			}
			policy := wire.RedrivePolicy{TargetARN: wire.QueueARN(r.cfg.Region, r.cfg.Account, dead), MaxReceiveCount: 1}
			w.do(r, &wire.CreateQueueRequest{QueueName: dead, Attributes: kind})
			w.do(r, &wire.CreateQueueRequest{QueueName: name,
				Attributes: append(kind, wire.Pair{Name: wire.AttrRedrivePolicy, Value: policy.String()})})
			for i := range 2 * wire.MaxReceiveMessages {
				w.do(r, &wire.SendMessageRequest{QueueRef: refTo(name), Outgoing: outgoingTo(name, fmt.Sprint("bad-", i))})
			}
			for range 2 {
				w.do(r, &wire.ReceiveMessageRequest{QueueRef: refTo(name), MaxNumberOfMessages: wire.Int(wire.MaxReceiveMessages),
					VisibilityTimeout: wire.Int(1)})
			}
			w.run(2 * time.Second)
			w.do(r, &wire.SendMessageRequest{QueueRef: refTo(name), Outgoing: outgoingTo(name, "good")})
			poll := submit(r, longPoll(name))
			w.settle()
			if got := poll.bodies(t); !slices.Equal(got, []string{"good"}) {
				t.Errorf("received %q", got)
			}
		})
	}
}

// The first one in line goes when the message is its own already, but nothing has been proposed.
func TestAPollBehindOneWhoseClientHasGoneIsServedAtOnce(t *testing.T) {
	w := newWorld(t, 1)
	r := w.replicas[0]
	w.do(r, &wire.CreateQueueRequest{QueueName: "q"})
	w.do(r, sendTo("q", "m"))
	first, second := submit(r, longPoll("q")), submit(r, longPoll("q"))
	r.Cancel(&first.Call)
	w.settle()
	if got := second.bodies(t); !slices.Equal(got, []string{"m"}) {
		t.Errorf("received %q", got)
	}
}

// What was forwarded to the old leader gets a last moment for its answer; what that one gives back has all its time again.
func TestALongPollOutlivesAHandOver(t *testing.T) {
	w := newWorld(t, 3)
	old := w.leader()
	w.do(old, &wire.CreateQueueRequest{QueueName: "q"})
	polls := []*clientCall{submit(w.replicas[1], longPoll("q")), submit(w.replicas[2], longPoll("q"))}
	w.settle()
	old.Leave(func() {})
	w.run(time.Second)
	next := w.leader()
	if next == old || next.Status().Polls != len(polls) {
		t.Fatalf("node %d leads, with %d polls in line", next.cfg.Node, next.Status().Polls)
	}
	w.do(next, sendTo("q", "m"), sendTo("q", "m"))
	for i, poll := range polls {
		if got := poll.bodies(t); !slices.Equal(got, []string{"m"}) {
			t.Errorf("the poll at node %d received %q", i+2, got)
		}
	}
}
