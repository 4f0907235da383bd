package node

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sqsd/wire"
)

// seenFrom are the calls from another replica that a leader remembers.
func seenFrom(leader, other *Replica) []*request {
	var all []*request
	if s := leader.relay.sessions[session{other.cfg.Node, other.boot}]; s != nil {
		for _, q := range s.calls {
			all = append(all, q)
		}
	}
	return all
}

// wantNothingLeft wants that a replica waits for nothing, and that its leader forgets earlier calls for later ones.
func (w *world) wantNothingLeft(r *Replica) {
	w.t.Helper()
	if n := r.Status().Forwarded; n > 0 {
		w.t.Errorf("node %d waits for %d answers, want none", r.cfg.Node, n)
	}
	const times, each = 5, 200
	for range times {
		var sends []wire.Request
		for i := range each {
			sends = append(sends, sendTo("q", fmt.Sprint(i)))
		}
		w.do(r, sends...)
	}
	if n := len(seenFrom(w.leader(), r)); n >= times*each/2 {
		w.t.Errorf("the leader remembers %d calls of node %d, which has had the answers to %d", n, r.cfg.Node, times*each)
	}
}

// The client goes when its call has come so far: nowhere, to the leader, into the log, and so on.
func TestAClientThatHangsUpLeavesNothing(t *testing.T) {
	w := newWorld(t, 3)
	leader, follower := w.replicas[0], w.replicas[2]
	w.do(leader, &wire.CreateQueueRequest{QueueName: "q"}, &wire.CreateQueueRequest{QueueName: "empty"})
	for _, req := range []wire.Request{
		sendTo("q", "m"),
		longPoll("q"),
		longPoll("empty"),
		&wire.GetQueueAttributesRequest{QueueRef: refTo("q")},
	} {
		for rounds := range 8 {
			late := sendTo("q", "late")
			late.DelaySeconds = wire.Int(1)
			w.do(leader, late)
			w.now += time.Second // so that what reads the time has to wait for a tick
			c := submit(follower, req)
			for range rounds {
				w.round()
			}
			follower.Cancel(&c.Call)
			w.settle()
			if follower.Status().Forwarded > 0 {
				t.Errorf("%s, %d rounds: the follower waits for an answer", req.Action(), rounds)
				clear(follower.relay.sent)
			}
			for _, q := range seenFrom(leader, follower) {
				if q.stage != stageDone {
					t.Errorf("%s, %d rounds: the leader is still at it, in stage %d", req.Action(), rounds, q.stage)
				}
			}
		}
	}
	w.wantNothingLeft(follower)
}

// A leader that has just been elected keeps calls until it serves.
func TestAClientThatHangsUpBeforeTheLeaderServesLeavesNothing(t *testing.T) {
	w := newWorld(t, 3)
	leader, follower := w.replicas[0], w.replicas[2]
	leader.lead.ready = false
	c := submit(follower, sendTo("q", "m"))
	w.settle()
	follower.Cancel(&c.Call)
	w.settle()
	leader.becomeReady()
	w.settle()
	if follower.Status().Forwarded > 0 {
		t.Error("the follower waits for an answer")
	}
}

func TestALostAnswerLeavesNothing(t *testing.T) {
	w := newWorld(t, 3)
	leader, follower := w.replicas[0], w.replicas[2]
	w.do(leader, &wire.CreateQueueRequest{QueueName: "q"})
	w.lose = func(f onTheWay) bool { return frameKind(f.frame[1]) == frameReply }
	c := submit(follower, sendTo("q", "m"))
	w.settle()
	w.run(follower.cfg.CallTimeout)
	if !c.ended || c.res.Err == nil || c.res.Err.Code != wire.ServiceUnavailable {
		t.Fatalf("ended %t with %v", c.ended, c.res.Err)
	}
	w.lose = func(onTheWay) bool { return false }
	w.run(follower.cfg.CallTimeout)
	w.wantNothingLeft(follower)
}

// A call is not forgotten as soon as it has been given up.
func TestMessagesThatComeTooLateAreReleased(t *testing.T) {
	w := newWorld(t, 3)
	leader, follower := w.replicas[0], w.replicas[2]
	w.do(leader, &wire.CreateQueueRequest{QueueName: "q"}, sendTo("q", "m"))
	var late []byte
	w.lose = func(f onTheWay) bool {
		isReply := frameKind(f.frame[1]) == frameReply
		if isReply {
			late = f.frame
		}
		return isReply
	}
	receive := &wire.ReceiveMessageRequest{QueueRef: refTo("q"), WaitTimeSeconds: wire.Int(0)}
	first := submit(follower, receive)
	w.settle()
	w.lose = func(onTheWay) bool { return false }
	w.run(follower.cfg.CallTimeout)
	w.do(follower, &wire.GetQueueURLRequest{QueueName: "q"})
	follower.Deliver(leader.cfg.Node, late)
	w.settle()
	again := submit(follower, receive)
	w.settle()
	if got := again.bodies(t); !first.ended || first.res.Err == nil || !slices.Equal(got, []string{"m"}) {
		t.Errorf("the first receive ended %t with %v, the second one got %q", first.ended, first.res.Err, got)
	}
}

func TestALeaderThatGoesDownLeavesNothing(t *testing.T) {
	w := newWorld(t, 3)
	w.do(w.leader(), &wire.CreateQueueRequest{QueueName: "q"})
	down := w.leader().cfg.Node
	w.lose = func(f onTheWay) bool { return f.from == down || f.to == down }
	for _, r := range w.replicas[1:] {
		submit(r, sendTo("q", "m"))
	}
	w.run(2 * w.replicas[1].cfg.CallTimeout)
	for _, r := range w.replicas[1:] {
		w.wantNothingLeft(r)
	}
}

func TestAnsweredCallsKeepNoBodies(t *testing.T) {
	w := newWorld(t, 3)
	leader, follower := w.replicas[0], w.replicas[2]
	w.do(leader, &wire.CreateQueueRequest{QueueName: "q"})
	calls := []*clientCall{
		submit(follower, sendTo("q", "m")), submit(follower, sendTo("none", "refused")),
		submit(follower, &wire.GetQueueAttributesRequest{QueueRef: refTo("q")}),
	}
	w.settle()
	seen := seenFrom(leader, follower)
	if len(seen) != len(calls) {
		t.Fatalf("the leader remembers %d calls, want %d", len(seen), len(calls))
	}
	for _, c := range calls {
		if !c.ended {
			t.Errorf("no answer to %s", c.Request.Action())
		}
	}
	for _, q := range seen {
		if q.req != nil || q.raw != nil {
			t.Errorf("the leader keeps %v and %d bytes of a call that is answered", q.req, len(q.raw))
		}
	}
}
