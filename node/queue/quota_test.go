package queue

import (
	"strconv"
	"testing"

	"sqsd/wire"
)

// TestQuotas has the rows of sqs-semantics part 8 whose numbers are too large for a script, or that set no limit at all.
// Everything happens in one millisecond.
func TestQuotas(t *testing.T) {
	t.Run("in flight, standard", func(t *testing.T) {
		m := openMachine(t)
		round(m, 1, &wire.CreateQueueRequest{QueueName: "a"})
		m.Begin(Stamp{Time: 1, Limits: DefaultLimits()})
		for i := range 120_001 {
			m.Apply(&wire.SendMessageRequest{QueueRef: testRef, Outgoing: wire.Outgoing{MessageBody: strconv.Itoa(i)}}, false)
		}
		wantReceived(t, m, testRef, 120_000)
		if r := m.Apply(&wire.ReceiveMessageRequest{QueueRef: testRef}, true); r.Err == nil || r.Err.Code != wire.OverLimit {
			t.Errorf("a short poll is answered %+v", r)
		}
		long := &wire.ReceiveMessageRequest{QueueRef: testRef, WaitTimeSeconds: wire.Int(1)}
		if r := m.Apply(long, true); r.Err != nil || len(r.Response.(*wire.ReceiveMessageResponse).Messages) != 0 {
			t.Errorf("a long poll is answered %+v", r)
		}
	})
	t.Run("in flight, FIFO", func(t *testing.T) {
		m := openMachine(t)
		round(m, 1, createFIFO())
		m.Begin(Stamp{Time: 1, Limits: DefaultLimits()})
		for i := range 120_001 {
			m.Apply(sendToGroup(strconv.Itoa(i), strconv.Itoa(i)), false)
		}
		wantReceived(t, m, fifoRef, 120_000)
		if r := m.Apply(&wire.ReceiveMessageRequest{QueueRef: fifoRef}, true); r.Err != nil ||
			len(r.Response.(*wire.ReceiveMessageResponse).Messages) != 0 {
			t.Errorf("a short poll is answered %+v", r)
		}
	})
	t.Run("FIFO rate", func(t *testing.T) {
		m := openMachine(t)
		round(m, 1, createFIFO())
		for i := range 4000 { // one group: high throughput has a limit for each
			if r := round(m, 1, sendToGroup("g", strconv.Itoa(i))); r.Err != nil {
				t.Fatalf("send %d: %v", i, r.Err)
			}
		}
		for i := range 400 {
			receive := &wire.ReceiveMessageRequest{QueueRef: fifoRef, VisibilityTimeout: wire.Int(0)}
			if r := round(m, 1, receive); r.Err != nil || len(r.Response.(*wire.ReceiveMessageResponse).Messages) != 1 {
				t.Fatalf("receive %d: %+v", i, r)
			}
		}
	})
	t.Run("tagging calls", func(t *testing.T) {
		m := openMachine(t)
		round(m, 1, &wire.CreateQueueRequest{QueueName: "a"})
		for i := range 100 {
			if r := round(m, 1, &wire.TagQueueRequest{QueueRef: testRef, Tags: wire.Pairs{{Name: "k", Value: "v"}}}); r.Err != nil {
				t.Fatalf("call %d: %v", i, r.Err)
			}
		}
	})
	t.Run("move tasks", moveTasksWithoutLimit)
}

// moveTasksWithoutLimit starts more tasks than AWS lets one account have, of which one takes longer than AWS lets it.
func moveTasksWithoutLimit(t *testing.T) {
	const hours, sources = 37, 101
	m := openMachine(t)
	target := wire.QueueARN("us-east-1", wire.DefaultAccount, "a")
	round(m, 1, &wire.CreateQueueRequest{QueueName: "a"})
	for i := range sources {
		name := "d" + strconv.Itoa(i)
		ref := wire.QueueRef{Name: name}
		round(m, 1, &wire.CreateQueueRequest{QueueName: name})
		m.Begin(Stamp{Time: 1, Limits: DefaultLimits()})
		for range map[bool]int{true: hours*3600 + 1, false: 1}[i == 0] {
			m.Apply(&wire.SendMessageRequest{QueueRef: ref, Outgoing: wire.Outgoing{MessageBody: "b"}}, false)
		}
		r := m.Apply(&wire.StartMessageMoveTaskRequest{
			Source: name, SourceARN: wire.QueueARN("us-east-1", wire.DefaultAccount, name), Destination: "a", DestinationARN: target,
			MaxNumberOfMessagesPerSecond: wire.Int(1),
		}, true)
		if r.Err != nil {
			t.Fatalf("task %d: %v", i+1, r.Err)
		}
	}
	for m.Now() < 1+hours*3600*second {
		round(m, 1+hours*3600*second) // an entry makes so many steps and no more
	}
	if task := m.queues[2].tasks[0]; task.status != taskRunning || task.moved != hours*3600 {
		t.Errorf("after %d hours the task is %s, %d messages moved", hours, taskStatusNames[task.status], task.moved)
	}
}

func openMachine(t testing.TB) *Machine {
	t.Helper()
	m, err := Open(newMemoryStore(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wantReceived receives from a queue until nothing more comes.
func wantReceived(t *testing.T, m *Machine, queue wire.QueueRef, want int) {
	t.Helper()
	receive := &wire.ReceiveMessageRequest{QueueRef: queue, MaxNumberOfMessages: wire.Int(10), WaitTimeSeconds: wire.Int(1)}
	for got := 0; ; {
		messages := m.Apply(receive, true).Response.(*wire.ReceiveMessageResponse).Messages
		if got += len(messages); len(messages) == 0 {
			if got != want {
				t.Errorf("received %d messages, want %d", got, want)
			}
			return
		}
	}
}
