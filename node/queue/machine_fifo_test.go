package queue

import (
	"fmt"
	"testing"

	"sqsd/wire"
)

var fifoRef = wire.QueueRef{Name: "f.fifo"}

func sendToGroup(group, body string) *wire.SendMessageRequest {
	req := &wire.SendMessageRequest{QueueRef: fifoRef}
	req.MessageBody, req.MessageGroupID, req.MessageDeduplicationID = body, group, body
	return req
}

func createFIFO() *wire.CreateQueueRequest {
	return &wire.CreateQueueRequest{QueueName: fifoRef.Name, Attributes: wire.Pairs{{Name: wire.AttrFIFOQueue, Value: "true"}}}
}

// fillFIFO makes a FIFO queue that has a key of every class of FIFO queues.
func fillFIFO(m *Machine) {
	round(m, 2000, createFIFO(), sendToGroup("a", "1"), sendToGroup("a", "2"), sendToGroup("a", "3"),
		&wire.ReceiveMessageRequest{QueueRef: fifoRef, ReceiveRequestAttemptID: "attempt"}, sendToGroup("b", "4"))
}

// A group is written once in a round, whatever happens in it, and not at all if it begins and ends there.
func TestGroupsAreWrittenAtTheEndOfARound(t *testing.T) {
	store := newMemoryStore()
	m, err := Open(store, Config{})
	if err != nil {
		t.Fatal(err)
	}
	round(m, 1000, createFIFO())
	m.Begin(Stamp{Time: 1000, Limits: DefaultLimits()})
	m.Apply(sendToGroup("a", "1"), true)
	got := m.Apply(&wire.ReceiveMessageRequest{QueueRef: fifoRef}, true).Response.(*wire.ReceiveMessageResponse)
	m.Apply(&wire.DeleteMessageRequest{QueueRef: fifoRef, ReceiptHandle: got.Messages[0].ReceiptHandle}, true)
	m.Flush()
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	for _, key := range keysOf(store) {
		if key[0] == classMessageGroup || key[0] == classHeld {
			t.Errorf("key %q was written", key)
		}
	}
}

// A machine that hands out one message of each of many groups keeps only those in memory that are in flight, and a bounded
// number of others.
func TestMemoryIsBoundedByWhatIsInFlight(t *testing.T) {
	m, err := Open(newMemoryStore(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	round(m, 1000, createFIFO())
	const groups, inFlight = 5 * idleGroups, 10
	for i := range groups {
		name := fmt.Sprint(i)
		round(m, 1000, sendToGroup(name, name))
	}
	round(m, 1000, &wire.ReceiveMessageRequest{QueueRef: fifoRef, MaxNumberOfMessages: wire.Int(inFlight)})
	f := m.queues[1].fifo
	if n := len(f.groups); n > idleGroups+inFlight {
		t.Errorf("%d groups are in memory", n)
	}
	if f.messages != groups || len(f.flying) != inFlight || f.held.len() != inFlight || f.open != groups-inFlight {
		t.Errorf("counts are %+v, %d in flight", f.fifoCounts, len(f.flying))
	}
	if n := f.ready.len() + f.line.len() + f.memos.len(); n > 3*headSize {
		t.Errorf("heads hold %d elements", n)
	}
}
