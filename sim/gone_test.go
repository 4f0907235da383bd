package sim

import (
	"testing"
	"time"

	"sqsd/wire"
)

// A client hangs up while its receive is being committed.
func TestMessagesOfAClientThatHasGone(t *testing.T) {
	for _, test := range []struct{ name, queue, attempt, next, again, mark string }{
		{"of a standard queue go to the next one", "q", "", "m", "", "release messages of a client that has gone"},
		{"of a FIFO queue wait for its next attempt", "q.fifo", "a", "", "m",
			"messages of a client that has gone left for its next attempt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 3, 1, 1<<20, 4096, test.queue)
			ref := wire.QueueRef{QueueURL: test.queue, Name: test.queue}
			create, send := &wire.CreateQueueRequest{QueueName: test.queue}, &wire.SendMessageRequest{QueueRef: ref}
			send.MessageBody, send.SenderID = "m", senderID
			if wire.IsFIFO(test.queue) {
				create.Attributes = wire.Pairs{{Name: wire.AttrFIFOQueue, Value: "true"}}
				send.MessageGroupID, send.MessageDeduplicationID = "g", "d"
			}
			s.call(t, create)
			s.call(t, send)
			receive := func(attempt string) *operation {
				return s.askAt(int(s.leader().id)-1, &wire.ReceiveMessageRequest{
					QueueRef: ref, WaitTimeSeconds: wire.Int(0), ReceiveRequestAttemptID: attempt,
				})
			}
			gone := receive(test.attempt)
			s.until(s.now+time.Second, func() bool { return gone.call != nil })
			s.until(s.now+100*time.Microsecond, nil) // it is proposed, but not committed yet
			gone.cancel()
			s.until(s.now+time.Second, nil)
			body := func(op *operation) string {
				s.until(s.now+recovery, func() bool { return op.ended })
				if got := op.Response.(*wire.ReceiveMessageResponse).Messages; len(got) > 0 {
					return got[0].Body
				}
				return ""
			}
			if got := body(receive("other")); got != test.next {
				t.Errorf("another client gets %q, want %q", got, test.next)
			}
			if got := body(receive(test.attempt)); got != test.again {
				t.Errorf("the same one gets %q, want %q", got, test.again)
			}
			if !gone.left || s.marks[test.mark] != 1 {
				t.Errorf("its call was given up: %v, %d receives were given up in time", gone.left, s.marks[test.mark])
			}
		})
	}
}
