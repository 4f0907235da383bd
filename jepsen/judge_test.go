package jepsen

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sqsd/model"
	"sqsd/wire"
)

// scripted starts a node that gives one answer after the other to whatever it is asked.
func scripted(t *testing.T, answers ...string) *Node {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if len(answers) == 0 {
			t.Error("more requests than answers")
			return
		}
		io.WriteString(w, answers[0])
		answers = answers[1:]
	}))
	t.Cleanup(server.Close)
	return &Node{ID: 1, Endpoint: server.URL}
}

// What clients record must be enough for the model to see a broken promise in it.
func TestJudgeSeesBrokenPromises(t *testing.T) {
	const (
		sent     = `{"MessageId":"m","MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}`
		received = `{"Messages":[{"MessageId":"m","ReceiptHandle":"h1","Body":"a","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661"}]}`
		again    = `{"Messages":[{"MessageId":"m","ReceiptHandle":"h2","Body":"a","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661"}]}`
	)
	create := &wire.CreateQueueRequest{QueueName: "q"}
	receive := &wire.ReceiveMessageRequest{QueueRef: ref("q"), VisibilityTimeout: wire.Int(30)}
	remove := &wire.DeleteMessageRequest{QueueRef: ref("q"), ReceiptHandle: "h1"}
	const created = `{"QueueUrl":"http://host/000000000000/q"}`
	for _, test := range []struct {
		name     string
		requests []wire.Request
		answers  []string
		broken   model.Promise
	}{
		{"nothing", []wire.Request{create, send("q", "a"), receive, remove}, []string{created, sent, received, ""}, ""},
		{"lost message", []wire.Request{create, send("q", "a")}, []string{created, sent}, model.Durable},
		{"two holders", []wire.Request{create, send("q", "a"), receive, receive, remove}, []string{created, sent, received, again, ""}, model.OneHolder},
		{"deleted message", []wire.Request{create, send("q", "a"), receive, remove, receive}, []string{created, sent, received, "", again}, model.FinalDelete},
	} {
		t.Run(test.name, func(t *testing.T) {
			history := NewHistory()
			c := NewClient(0, []*Node{scripted(t, test.answers...)}, 0, history)
			defer c.Close()
			for _, req := range test.requests {
				if a := c.Attempt(patient(t), req); a.Outcome != Succeeded {
					t.Fatalf("%s: %v %v", req.Action(), a.Outcome, a.Problem)
				}
			}
			got := Judge(history, nil, history.Now()).Complaints
			if test.broken == "" {
				if len(got) != 0 {
					t.Errorf("got %v", got)
				}
				return
			}
			for _, err := range got {
				if v, ok := errors.AsType[*model.Violation](err); ok && v.Promise == test.broken && v.Queue == "q" {
					return
				}
			}
			t.Errorf("%s broken is not among %v", test.broken, got)
		})
	}
}

func TestJudgeSaysAtMostTenOfAKind(t *testing.T) {
	history := NewHistory()
	for range 2 * maxComplaints {
		history.Add(&Attempt{Outcome: Malformed, Operation: model.Operation{Request: send("q", "a"), Unknown: true}})
	}
	if got := Judge(history, nil, int64(time.Second)).Complaints; len(got) != maxComplaints {
		t.Errorf("%d complaints", len(got))
	}
}

func TestWrongStatuses(t *testing.T) {
	attempt := func(req wire.Request, o Outcome, code wire.Code) *Attempt {
		a := &Attempt{Outcome: o, Operation: model.Operation{Request: req}}
		if o == Refused {
			a.Err = wire.Errorf(code, "text")
		}
		return a
	}
	remove, change := &wire.DeleteMessageRequest{}, &wire.ChangeMessageVisibilityRequest{}
	removeFIFO := &wire.DeleteMessageRequest{QueueRef: ref("q.fifo")}
	batch := attempt(&wire.SendMessageBatchRequest{}, Succeeded, 0)
	batch.Response = &wire.SendMessageBatchResponse{Failed: []wire.BatchResultError{{ID: "1"}}}
	for _, test := range []struct {
		name  string
		a     *Attempt
		wrong bool
	}{
		{"success", attempt(remove, Succeeded, 0), false},
		{"unavailable", attempt(remove, Unavailable, 0), false},
		{"broken connection", attempt(remove, Broken, 0), false},
		{"timeout", attempt(remove, TimedOut, 0), false},
		{"refused delete", attempt(remove, Refused, wire.ReceiptHandleIsInvalid), true},
		{"internal failure", attempt(remove, Refused, wire.InternalFailure), true},
		{"malformed", attempt(remove, Malformed, 0), true},
		{"change under a stale handle", attempt(change, Refused, wire.ReceiptHandleIsInvalid), false},
		{"change of nothing", attempt(change, Refused, wire.InvalidParameterValue), false},
		{"change of a missing queue", attempt(change, Refused, wire.QueueDoesNotExist), true},
		{"delete under a stale handle in a FIFO queue", attempt(removeFIFO, Refused, wire.InvalidParameterValue), false},
		{"delete in a missing FIFO queue", attempt(removeFIFO, Refused, wire.QueueDoesNotExist), true},
		{"half a batch", batch, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := wrongStatuses([]*Attempt{test.a}); (len(got) > 0) != test.wrong {
				t.Errorf("got %v", got)
			}
		})
	}
}
