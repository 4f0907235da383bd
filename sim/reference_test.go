package sim

import (
	"reflect"
	"testing"

	"sqsd/wire"
)

func TestReferencesStandForWhatAnswersSay(t *testing.T) {
	task := wire.TaskHandle{TaskID: "12345678-1234-1234-1234-123456789012", SourceARN: wire.QueueARN(region, account, "q1")}
	known := &clients{answers: map[int]wire.Response{
		3: &wire.ReceiveMessageResponse{Messages: []wire.Message{{ReceiptHandle: "first"}, {ReceiptHandle: "second"}}},
		4: &wire.StartMessageMoveTaskResponse{TaskHandle: task.Encode()},
	}}
	entries := func(handles ...string) *wire.DeleteMessageBatchRequest {
		r := &wire.DeleteMessageBatchRequest{}
		for _, h := range handles {
			r.Entries = append(r.Entries, wire.DeleteMessageBatchEntry{ReceiptHandle: h})
		}
		return r
	}
	second, third, other := messageReference(3, 2), messageReference(3, 3), messageReference(5, 1)
	for _, c := range []struct {
		name        string
		asks, known wire.Request
		wants       wire.Request
	}{
		{name: "a message", asks: &wire.DeleteMessageRequest{ReceiptHandle: second}, wants: &wire.DeleteMessageRequest{ReceiptHandle: "second"}},
		{name: "a message too many", asks: &wire.DeleteMessageRequest{ReceiptHandle: third}},
		{name: "no answer", asks: &wire.ChangeMessageVisibilityRequest{ReceiptHandle: other}},
		{name: "a message of a task", asks: &wire.DeleteMessageRequest{ReceiptHandle: messageReference(4, 1)}},
		{name: "no reference", asks: &wire.DeleteMessageRequest{ReceiptHandle: "#/"}, wants: &wire.DeleteMessageRequest{ReceiptHandle: "#/"}},
		{name: "a part of a batch", asks: entries(third, second, other, "#x"), known: entries(second, "#x"), wants: entries("second", "#x")},
		{name: "none of a batch", asks: entries(third, other)},
		{
			name: "a task", asks: &wire.CancelMessageMoveTaskRequest{TaskHandle: taskReference(4)},
			wants: &wire.CancelMessageMoveTaskRequest{TaskHandle: task.Encode(), Task: task, Source: "q1"},
		},
		{name: "the task of a receive", asks: &wire.CancelMessageMoveTaskRequest{TaskHandle: taskReference(3)}},
	} {
		step, got, ok := known.resolve(Step{Request: c.asks})
		if ok != (c.wants != nil) || ok && !reflect.DeepEqual(got, c.wants) {
			t.Errorf("%s: %s becomes %s, want %s", c.name, text(c.asks), text(got), text(c.wants))
		}
		if c.known == nil {
			c.known = c.asks
		}
		if ok && !reflect.DeepEqual(step.Request, c.known) {
			t.Errorf("%s: what is known of %s is %s, want %s", c.name, text(c.asks), text(step.Request), text(c.known))
		}
	}
}
