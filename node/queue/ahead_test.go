package queue

import (
	"fmt"
	"testing"

	"sqsd/wire"
)

// TestBacklogIsReadInFewScans receives a backlog in batches: the bodies are right whatever was read ahead, also of
// messages that come back, and the store is not asked for every message.
func TestBacklogIsReadInFewScans(t *testing.T) {
	store := newMemoryStore()
	m, err := Open(store, Config{})
	if err != nil {
		t.Fatal(err)
	}
	round(m, 1000, &wire.CreateQueueRequest{QueueName: "a"})
	const total = 3 * aheadMessages
	for i := range total {
		req := &wire.SendMessageRequest{QueueRef: testRef}
		req.MessageBody = fmt.Sprint(i)
		round(m, wire.Time(1001+i), req)
	}
	if m, err = Open(store, Config{}); err != nil {
		t.Fatal(err)
	}
	gets := store.gets
	receive := &wire.ReceiveMessageRequest{
		QueueRef: testRef, MaxNumberOfMessages: wire.Int(10), VisibilityTimeout: wire.Int(60),
	}
	next := 0
	for next < total {
		res := round(m, 2000, receive)
		for _, message := range res.Response.(*wire.ReceiveMessageResponse).Messages {
			if message.Body != fmt.Sprint(next) {
				t.Fatalf("message %d has body %q", next, message.Body)
			}
			next++
		}
	}
	if got := store.gets - gets; got > 2*aheadWorth {
		t.Errorf("%d single reads for %d messages", got, total)
	}
	for i, message := range round(m, 70_000, receive).Response.(*wire.ReceiveMessageResponse).Messages {
		if message.Body != fmt.Sprint(i) {
			t.Errorf("redelivered message %d has body %q", i, message.Body)
		}
	}
	if m.Err() != nil {
		t.Fatal(m.Err())
	}
}
