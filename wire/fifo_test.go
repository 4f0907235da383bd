package wire

import (
	"strings"
	"testing"
)

func TestFIFOAttributePairs(t *testing.T) {
	for _, c := range []struct {
		scope, limit string
		want         bool
	}{
		{"queue", "perQueue", true}, {"messageGroup", "perQueue", true}, {"messageGroup", "perMessageGroupId", true},
		{"queue", "perMessageGroupId", false},
	} {
		merged := MergeAttributes(DefaultAttributes(true), Pairs{{AttrDedupScope, c.scope}, {AttrFIFOThroughputLimit, c.limit}})
		err := CheckAttributes(merged)
		if c.want && err != nil || !c.want && (err == nil || err.Code != InvalidAttributeValue) {
			t.Errorf("%s, %s: got %v", c.scope, c.limit, err)
		}
	}
	if err := CheckAttributes(DefaultAttributes(false)); err != nil {
		t.Errorf("a standard queue: %v", err)
	}
}

func TestCreateQueueJudgesFIFOAttributesTogether(t *testing.T) {
	for _, c := range []struct {
		attributes Pairs
		want       Code
	}{
		{Pairs{{AttrDedupScope, "messageGroup"}, {AttrFIFOQueue, "True"}, {AttrFIFOThroughputLimit, "perMessageGroupId"}}, 0},
		{Pairs{{AttrFIFOQueue, "true"}, {AttrFIFOThroughputLimit, "perMessageGroupId"}}, InvalidAttributeValue},
	} {
		create := &CreateQueueRequest{QueueName: "q.fifo", Attributes: c.attributes}
		err := create.content()
		if c.want == 0 && err != nil || c.want != 0 && (err == nil || err.Code != c.want) {
			t.Errorf("%v: got %v", c.attributes, err)
		}
		if flag, _ := create.Attributes.Get(AttrFIFOQueue); flag != "true" {
			t.Errorf("FifoQueue is %q", flag)
		}
	}
}

func TestDeduplicationIDs(t *testing.T) {
	const sum = "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5" // sqs-semantics 3.2
	for _, c := range []struct {
		explicit     string
		contentBased bool
		want         string
	}{{"", true, sum}, {"d", true, "d"}, {"d", false, "d"}, {"", false, ""}} {
		got, err := DeduplicationID(&Outgoing{MessageBody: "same", MessageDeduplicationID: c.explicit}, c.contentBased)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && err.Code != InvalidParameterValue {
			t.Errorf("%+v: got %q, %v", c, got, err)
		}
	}
}

// An id that is given as an empty text is not an absent one to a FIFO queue, but is to a standard queue.
func TestEmptyIDsAreNotAbsent(t *testing.T) {
	for _, c := range []struct {
		queue, ids string
		want       Code // 0 for none
	}{
		{"q.fifo", `"MessageGroupId":"g"`, 0},
		{"q.fifo", `"MessageGroupId":"g","MessageDeduplicationId":null`, 0},
		{"q.fifo", `"MessageDeduplicationId":"d"`, MissingParameter},
		{"q.fifo", `"MessageGroupId":null`, MissingParameter},
		{"q.fifo", `"MessageGroupId":""`, InvalidParameterValue},
		{"q.fifo", `"MessageGroupId":"g","MessageDeduplicationId":""`, InvalidParameterValue},
		{"q", `"MessageGroupId":"","MessageDeduplicationId":""`, 0},
	} {
		req := &SendMessageRequest{QueueRef: QueueRef{Name: c.queue}}
		message := `"MessageBody":"b",` + c.ids
		if err := DecodeJSON([]byte(`{`+message+`}`), req); err != nil {
			t.Fatal(err)
		}
		if err := req.content(); c.want == 0 && err != nil || c.want != 0 && (err == nil || err.Code != c.want) {
			t.Errorf("%s, %s: got %v", c.queue, c.ids, err)
		}
		batch := &SendMessageBatchRequest{QueueRef: QueueRef{Name: c.queue}}
		if err := DecodeJSON([]byte(`{"Entries":[{"Id":"1",`+message+`}]}`), batch); err != nil {
			t.Fatal(err)
		}
		err := batch.content()
		if err == nil {
			err = batch.Entries[0].Err
		}
		// A batch without a group id is refused as a whole, with another code than a single message (3.9).
		if c.want == 0 && err != nil || c.want != 0 && (err == nil || err.Code != InvalidParameterValue) {
			t.Errorf("batch, %s, %s: got %v", c.queue, c.ids, err)
		}
	}
}

func TestReceiveAttemptIDsOfFIFOQueues(t *testing.T) {
	for id, want := range map[string]bool{
		"attempt-1": true, strings.Repeat("x", 128): true, strings.Repeat("x", 129): false, "a b": false, "é": false,
	} {
		req := &ReceiveMessageRequest{QueueRef: QueueRef{Name: "q.fifo"}, ReceiveRequestAttemptID: id}
		err := req.content()
		if (err == nil) != want || err != nil && err.Code != InvalidParameterValue || req.ReceiveRequestAttemptID != id {
			t.Errorf("%q: got %v", id, err)
		}
	}
}
