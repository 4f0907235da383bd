package model

import (
	"slices"
	"strings"
	"testing"

	"sqsd/wire"
)

// batchSend is a batch whose entries have the ids and bodies a, b, …; an entry written with ! was refused by validation.
func batchSend(queue string, entries ...string) step {
	req := &wire.SendMessageBatchRequest{QueueRef: ref(queue)}
	for _, e := range entries {
		entry := wire.SendMessageBatchEntry{ID: strings.TrimPrefix(e, "!"), Outgoing: wire.Outgoing{MessageBody: e}}
		if strings.HasPrefix(e, "!") {
			entry.Err = wire.Errorf(wire.InvalidMessageContents, "refused")
		}
		req.Entries = append(req.Entries, entry)
	}
	return step{req: req}
}

// results answers a batch send: entries as id=message id, failures as id!.
func (st step) results(results ...string) step {
	return st.to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
		resp := &wire.SendMessageBatchResponse{}
		for _, r := range results {
			entry, id, sent := strings.Cut(r, "=")
			if !sent {
				resp.Failed = append(resp.Failed, failure(strings.TrimSuffix(entry, "!"), wire.InvalidMessageContents))
				continue
			}
			req := st.req.(*wire.SendMessageBatchRequest)
			i := slices.IndexFunc(req.Entries, func(e wire.SendMessageBatchEntry) bool { return e.ID == entry })
			o := &req.Entries[i].Outgoing
			if b.messages[id] == nil {
				b.enter(req.Name, o, id, at)
			}
			resp.Successful = append(resp.Successful,
				wire.SendMessageBatchResult{ID: entry, SendMessageResponse: *b.acknowledge(o, id)})
		}
		return resp, nil
	})
}

func failure(entry string, code wire.Code) wire.BatchResultError {
	return wire.BatchResultError{ID: entry, Code: code.Query(), SenderFault: code.SenderFault()}
}

func TestSend(t *testing.T) {
	long := strings.Repeat("x", 1024)
	rich := step{req: &wire.SendMessageRequest{QueueRef: ref("q"), Outgoing: wire.Outgoing{
		MessageBody:             "a",
		MessageAttributes:       wire.MessageAttributes{{Name: "k", DataType: "String", StringValue: "x"}},
		MessageSystemAttributes: wire.MessageAttributes{{Name: "AWSTraceHeader", DataType: "String", StringValue: "Root=1"}},
		MessageGroupID:          "tenant", SenderID: "me",
	}}}
	runScenarios(t, []scenario{
		{"a message larger than the queue allows is taken", at(0, created("q", "MaximumMessageSize", "1024"),
			send("q", long+"y").sent("m1")), Linearizable},
		{"a digest is wrong", at(0, created("q"), send("q", "a").result(&wire.SendMessageResponse{MessageID: "m1",
			MD5OfMessageBody: wire.BodyMD5("b")})), NothingSilent},
		{"a standard queue numbers messages", at(0, created("q"), send("q", "a").result(&wire.SendMessageResponse{MessageID: "m1",
			SequenceNumber: "1"})), Linearizable},
		{"an attribute is lost", at(0, created("q"), rich.sent("m1"), receive("q").gotWith("m1#1", func(m *wire.Message) {
			m.MessageAttributes, m.MD5OfMessageAttributes = nil, ""
		})), NothingSilent},
		{"a system attribute is lost", at(0, created("q"), rich.sent("m1"), receive("q").gotWith("m1#1", func(m *wire.Message) {
			m.Attributes = m.Attributes.Without("AWSTraceHeader")
		})), Linearizable},
		{"an attribute is made up", at(0, created("q"), send("q", "a").sent("m1"),
			receive("q").gotWith("m1#1", func(m *wire.Message) {
				m.Attributes = m.Attributes.With("SequenceNumber", "1")
			})), Linearizable},

		{"the size limit includes its value", at(0, created("q", "MaximumMessageSize", "1024"), send("q", long).sent("m1"),
			send("q", long+"y").refused(wire.InvalidParameterValue)), ""},
		{"attributes come back", at(0, created("q"), rich.sent("m1"), receive("q").got("m1#1")), ""},
	})
}

func TestBatches(t *testing.T) {
	five := at(0, created("q"), batchSend("q", "a", "!b", "c").results("a=m1", "b!", "c=m2"), receiveMax("q", 1).got("m1#1"))
	entries := func(handles ...string) (all []wire.DeleteMessageBatchEntry) {
		for _, h := range handles {
			all = append(all, wire.DeleteMessageBatchEntry{ID: "id-" + h, ReceiptHandle: h})
		}
		return all
	}
	deletes := func(handles ...string) step {
		return step{req: &wire.DeleteMessageBatchRequest{QueueRef: ref("q"), Entries: entries(handles...)}}
	}
	changes := func(timeout int32, handles ...string) step {
		req := &wire.ChangeMessageVisibilityBatchRequest{QueueRef: ref("q")}
		for _, e := range entries(handles...) {
			req.Entries = append(req.Entries, wire.ChangeMessageVisibilityBatchEntry{ID: e.ID, ReceiptHandle: e.ReceiptHandle,
				VisibilityTimeout: wire.Int(timeout)})
		}
		return step{req: req}
	}
	answer := func(failed []wire.BatchResultError, ids ...string) *wire.BatchResponse {
		resp := &wire.BatchResponse{Failed: failed}
		for _, id := range ids {
			resp.Successful = append(resp.Successful, wire.BatchResultEntry{ID: id})
		}
		return resp
	}
	invalid := []wire.BatchResultError{failure("id-nonsense", wire.ReceiptHandleIsInvalid)}
	runScenarios(t, []scenario{
		{"an entry is missing in the answer", at(0, created("q"), batchSend("q", "a", "b").results("a=m1")), Linearizable},
		{"a refused entry is taken", at(0, created("q"), batchSend("q", "a", "!b").results("a=m1", "b=m2")), Linearizable},
		{"an entry is answered twice", at(0, created("q"), batchSend("q", "a").results("a=m1", "a=m2")), Linearizable},
		{"results are out of order", at(0, created("q"), batchSend("q", "a", "b").results("b=m2", "a=m1")), Linearizable},
		{"the order of a batch is lost", story(at(0, created("q"), batchSend("q", "a", "b").results("a=m1", "b=m2"),
			receiveMax("q", 1).got("m2#1"))), Linearizable},
		{"a bad handle is accepted in a batch", story(five, at(1, deletes("nonsense").result(answer(nil,
			"id-nonsense")))), Linearizable},

		{"entries succeed and fail one by one", story(five, at(1, deletes("m1#1", "nonsense").result(answer(invalid, "id-m1#1")),
			receive("q").got("m2#1"), changes(0, "nonsense", "m2#1").result(answer(invalid, "id-m2#1")),
			receive("q").got("m2#2"))), ""},
		{"a change of a deleted message is ReceiptHandleIsInvalid in a batch", story(five, at(1, del("q", "m1#1").ok(),
			changes(1, "m1#1").result(answer([]wire.BatchResultError{failure("id-m1#1", wire.ReceiptHandleIsInvalid)})))), ""},
		{"the twelve hours hold in a batch", story(five, at(1, changes(43_200, "m1#1").
			result(answer([]wire.BatchResultError{failure("id-m1#1", wire.InvalidParameterValue)})))), ""},
	})
}
