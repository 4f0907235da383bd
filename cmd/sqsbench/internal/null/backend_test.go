package null

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"sqsd/wire"
)

// world is a backend with one queue, q, whose visibility timeout is the default.
type world struct {
	*testing.T
	backend *Backend
}

func newWorld(t *testing.T, options Options) world {
	w := world{t, NewBackend(options)}
	w.do(&wire.CreateQueueRequest{QueueName: "q"})
	return w
}

func (w world) do(req wire.Request) wire.Response {
	w.Helper()
	response, err := w.backend.Do(w.Context(), req)
	if err != nil {
		w.Fatalf("%s: %v", req.Action(), err)
	}
	return response
}

func (w world) send(body string) {
	w.Helper()
	w.do(&wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, Outgoing: wire.Outgoing{MessageBody: body}})
}

// receive returns up to ten messages, waiting the given seconds.
func (w world) receive(wait int32) []wire.Message {
	w.Helper()
	return w.do(&wire.ReceiveMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, MaxNumberOfMessages: wire.Int(10),
		WaitTimeSeconds: wire.Int(wait)}).(*wire.ReceiveMessageResponse).Messages
}

func (w world) delete(handle string) {
	w.Helper()
	w.do(&wire.DeleteMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, ReceiptHandle: handle})
}

func (w world) expectBodies(got []wire.Message, want ...string) {
	w.Helper()
	if len(got) != len(want) {
		w.Fatalf("received %d messages, want %v", len(got), want)
	}
	for i, m := range got {
		if m.Body != want[i] {
			w.Errorf("message %d is %q, want %q", i, m.Body, want[i])
		}
	}
}

func (w world) expectCounts(visible, inFlight, delayed int) {
	w.Helper()
	got := map[string]string{}
	for _, a := range w.do(&wire.GetQueueAttributesRequest{QueueRef: wire.QueueRef{Name: "q"}}).(*wire.GetQueueAttributesResponse).Attributes {
		got[a.Name] = a.Value
	}
	for name, want := range map[string]int{"": visible, "NotVisible": inFlight, "Delayed": delayed} {
		if got["ApproximateNumberOfMessages"+name] != strconv.Itoa(want) {
			w.Errorf("ApproximateNumberOfMessages%s is %s, want %d", name, got["ApproximateNumberOfMessages"+name], want)
		}
	}
}

func TestMessagesComeInSendOrderWithDigest(t *testing.T) {
	w := newWorld(t, Options{})
	w.send("message")
	w.send("second")
	got := w.receive(0)
	w.expectBodies(got, "message", "second")
	if got[0].MD5OfBody != "78e731027d8fd50ed642340b7c9a63b3" {
		t.Errorf("digest %s", got[0].MD5OfBody)
	}
	if len(got[0].MessageID) != 36 || got[0].MessageID == got[1].MessageID {
		t.Errorf("ids %q and %q", got[0].MessageID, got[1].MessageID)
	}
}

func TestHeldMessageIsHiddenUntilItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.send("a")
		w.expectBodies(w.receive(0), "a")
		time.Sleep(defaultVisibility - time.Millisecond)
		w.expectBodies(w.receive(0))
		w.expectCounts(0, 1, 0)
		time.Sleep(time.Millisecond)
		w.expectCounts(1, 0, 0)
		w.expectBodies(w.receive(0), "a")
	})
}

func TestDeletedMessageNeverComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.send("a")
		w.delete(w.receive(0)[0].ReceiptHandle)
		time.Sleep(2 * defaultVisibility)
		w.expectBodies(w.receive(0))
		w.expectCounts(0, 0, 0)
	})
}

func TestExpiredHandleDeletesWhileNobodyElseHoldsTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.send("a")
		held := w.receive(0)
		time.Sleep(2 * defaultVisibility)
		w.expectCounts(1, 0, 0)
		w.delete(held[0].ReceiptHandle)
		w.expectCounts(0, 0, 0)
		w.expectBodies(w.receive(0))
	})
}

func TestStaleHandleDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.send("a")
		stale := w.receive(0)[0].ReceiptHandle
		time.Sleep(defaultVisibility)
		w.receive(0)
		w.delete(stale)
		time.Sleep(defaultVisibility)
		w.expectBodies(w.receive(0), "a")
	})
}

func TestHandleOfAnEarlierIncarnationIsInvalid(t *testing.T) {
	w := newWorld(t, Options{})
	w.send("a")
	stale := w.receive(0)[0].ReceiptHandle
	w.do(&wire.DeleteQueueRequest{QueueRef: wire.QueueRef{Name: "q"}})
	w.do(&wire.CreateQueueRequest{QueueName: "q"})
	for _, handle := range []string{stale, "", "1.2", "x.y.z"} {
		_, err := w.backend.Do(t.Context(), &wire.DeleteMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, ReceiptHandle: handle})
		if err == nil || err.Code != wire.ReceiptHandleIsInvalid {
			t.Errorf("%q: %v", handle, err)
		}
	}
}

func TestVisibilityChangeReleasesAndExtends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.send("a")
		change := func(m wire.Message, seconds int32) {
			w.do(&wire.ChangeMessageVisibilityRequest{QueueRef: wire.QueueRef{Name: "q"}, ReceiptHandle: m.ReceiptHandle,
				VisibilityTimeout: wire.Int(seconds)})
		}
		held := w.receive(0)
		change(held[0], 0)
		w.expectCounts(1, 0, 0)
		held = w.receive(0)
		change(held[0], 60)
		time.Sleep(59 * time.Second)
		w.expectBodies(w.receive(0))
		time.Sleep(time.Second)
		change(held[0], 10) // visible again, but nobody took it: hidden once more
		w.expectCounts(0, 1, 0)
		time.Sleep(10 * time.Second)
		w.expectBodies(w.receive(0), "a")
	})
}

func TestDelayedMessageAppearsAfterItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.do(&wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: "q"},
			Outgoing: wire.Outgoing{MessageBody: "a", DelaySeconds: wire.Int(5)}})
		w.expectCounts(0, 0, 1)
		start := time.Now()
		w.expectBodies(w.receive(20), "a")
		if waited := time.Since(start); waited != 5*time.Second {
			t.Errorf("the long poll took %v, want 5s", waited)
		}
		w.expectCounts(0, 1, 0)
	})
}

func TestLongPollEndsEmptyAfterItsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		start := time.Now()
		w.expectBodies(w.receive(3))
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("took %v", waited)
		}
	})
}

func TestEverySendWakesOneWaitingReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		const receivers = 30
		got := make(chan []wire.Message, receivers)
		for range receivers {
			go func() { got <- w.receive(20) }()
		}
		synctest.Wait()
		start := time.Now()
		for i := range receivers {
			w.send(strconv.Itoa(i))
			synctest.Wait()
		}
		for range receivers {
			if messages := <-got; len(messages) != 1 {
				t.Errorf("a receiver got %d messages", len(messages))
			}
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("took %v", waited)
		}
	})
}

func TestWaitingReceiverGetsAMessageThatAnotherLetExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		got := make(chan []wire.Message, 2)
		for range 2 {
			go func() {
				got <- w.do(&wire.ReceiveMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, WaitTimeSeconds: wire.Int(20),
					VisibilityTimeout: wire.Int(5)}).(*wire.ReceiveMessageResponse).Messages
			}()
		}
		synctest.Wait()
		start := time.Now()
		w.send("a")
		w.expectBodies(<-got, "a")
		w.expectBodies(<-got, "a")
		if waited := time.Since(start); waited != 5*time.Second {
			t.Errorf("the second took %v, want 5s", waited)
		}
	})
}

func TestReceiverThatLeftTakesNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan wire.Response)
		go func() {
			response, _ := w.backend.Do(ctx, &wire.ReceiveMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, WaitTimeSeconds: wire.Int(20)})
			left <- response
		}()
		synctest.Wait()
		leave()
		<-left
		w.send("a")
		w.expectBodies(w.receive(0), "a")
	})
}

func TestPurgeForgetsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.send("a")
		w.receive(0)
		w.send("b")
		w.do(&wire.PurgeQueueRequest{QueueRef: wire.QueueRef{Name: "q"}})
		w.expectCounts(0, 0, 0)
		time.Sleep(2 * defaultVisibility)
		w.expectBodies(w.receive(0))
		w.send("c")
		w.expectBodies(w.receive(0), "c")
	})
}

func TestBatchesAnswerEntryByEntry(t *testing.T) {
	w := newWorld(t, Options{})
	entry := func(id, body string, err *wire.Error) wire.SendMessageBatchEntry {
		return wire.SendMessageBatchEntry{ID: id, Outgoing: wire.Outgoing{MessageBody: body}, Err: err}
	}
	sends := w.do(&wire.SendMessageBatchRequest{QueueRef: wire.QueueRef{Name: "q"}, Entries: []wire.SendMessageBatchEntry{
		entry("x", "a", nil), entry("y", "", wire.Missing("MessageBody")), entry("z", "c", nil),
	}}).(*wire.SendMessageBatchResponse)
	if len(sends.Successful) != 2 || len(sends.Failed) != 1 || sends.Failed[0].Code != "MissingParameter" || !sends.Failed[0].SenderFault {
		t.Errorf("sends: %+v", sends)
	}
	got := w.receive(0)
	w.expectBodies(got, "a", "c")
	deletes := w.do(&wire.DeleteMessageBatchRequest{QueueRef: wire.QueueRef{Name: "q"}, Entries: []wire.DeleteMessageBatchEntry{
		{ID: "x", ReceiptHandle: got[0].ReceiptHandle}, {ID: "y", ReceiptHandle: "junk"}, {ID: "z", ReceiptHandle: got[1].ReceiptHandle},
	}}).(*wire.BatchResponse)
	if len(deletes.Successful) != 2 || len(deletes.Failed) != 1 || deletes.Failed[0].Code != "ReceiptHandleIsInvalid" {
		t.Errorf("deletes: %+v", deletes)
	}
	w.expectCounts(0, 0, 0)
}

func TestManyMessagesPassThroughInOrder(t *testing.T) {
	w := newWorld(t, Options{})
	next := 0
	for i := range 10_000 {
		w.send(strconv.Itoa(i))
		if i%3 != 0 {
			continue
		}
		for _, m := range w.receive(0) {
			if m.Body != strconv.Itoa(next) {
				t.Fatalf("received %s, want %d", m.Body, next)
			}
			next++
			w.delete(m.ReceiptHandle)
		}
	}
}

func TestMissingQueueAndUnsupportedAction(t *testing.T) {
	w := newWorld(t, Options{})
	if _, err := w.backend.Do(t.Context(), &wire.PurgeQueueRequest{QueueRef: wire.QueueRef{Name: "other"}}); err == nil || err.Code != wire.QueueDoesNotExist {
		t.Errorf("missing queue: %v", err)
	}
	set := &wire.SetQueueAttributesRequest{QueueRef: wire.QueueRef{Name: "q"}}
	if _, err := w.backend.Do(t.Context(), set); err == nil || err.Code != wire.UnsupportedOperation {
		t.Errorf("unsupported: %v", err)
	}
}
