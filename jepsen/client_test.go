package jepsen

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"sqsd/model"
	"sqsd/wire"
)

// fake starts a node that answers every request the same way.
func fake(t *testing.T, id int, status int, code, body string) *Node {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code != "" {
			w.Header().Set("x-amzn-query-error", code+";Sender")
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return &Node{ID: id, Endpoint: server.URL}
}

func dead(t *testing.T, id int) *Node {
	n := fake(t, id, 200, "", "")
	server := httptest.NewServer(nil)
	n.Endpoint = server.URL
	server.Close()
	return n
}

func send(queue, body string) *wire.SendMessageRequest {
	return &wire.SendMessageRequest{QueueRef: ref(queue), Outgoing: wire.Outgoing{MessageBody: body}}
}

func TestAttemptReadsItsOutcome(t *testing.T) {
	for _, test := range []struct {
		name    string
		node    func(*testing.T) *Node
		outcome Outcome
		unknown bool
		code    wire.Code
	}{
		{"success", func(t *testing.T) *Node { return fake(t, 1, 200, "", `{"MessageId":"m"}`) }, Succeeded, false, 0},
		{"unavailable", func(t *testing.T) *Node { return fake(t, 1, 503, "ServiceUnavailable", `{}`) }, Unavailable, true, 0},
		{"no process", func(t *testing.T) *Node { return dead(t, 1) }, Broken, true, 0},
		{"refusal", func(t *testing.T) *Node { return fake(t, 1, 400, "InvalidMessageContents", `{}`) }, Refused, false, wire.InvalidMessageContents},
		{"failure", func(t *testing.T) *Node { return fake(t, 1, 500, "InternalFailure", `{}`) }, Refused, true, 0},
		{"unknown code", func(t *testing.T) *Node { return fake(t, 1, 400, "Nonsense", `{}`) }, Malformed, true, 0},
		{"answer cut short", func(t *testing.T) *Node { return fake(t, 1, 200, "", `{"MessageId"`) }, Malformed, true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			history := NewHistory()
			c := NewClient(7, []*Node{test.node(t)}, 0, history)
			defer c.Close()
			got := c.Attempt(patient(t), send("q", "a"))
			if got.Outcome != test.outcome || got.Unknown != test.unknown {
				t.Errorf("got %v, unknown %v: %v", got.Outcome, got.Unknown, got.Problem)
			}
			if (got.Err == nil) != (test.code == 0) || got.Err != nil && got.Err.Code != test.code {
				t.Errorf("error %v", got.Err)
			}
			ops := history.Operations()
			if len(ops) != 1 || ops[0].Client != 7 || (ops[0].Return == model.Never) != test.unknown || ops[0].Call > ops[0].Return {
				t.Errorf("history %+v", ops)
			}
		})
	}
}

func TestCallTurnsToTheNextNodeAndRecordsEveryAttempt(t *testing.T) {
	history := NewHistory()
	nodes := []*Node{dead(t, 1), fake(t, 2, 503, "ServiceUnavailable", "{}"), fake(t, 3, 200, "", `{"MessageId":"m"}`)}
	c := NewClient(0, nodes, 0, history)
	defer c.Close()
	response, err := c.Call(patient(t), send("q", "a"))
	if err != nil || response.(*wire.SendMessageResponse).MessageID != "m" {
		t.Fatalf("got %+v, %v", response, err)
	}
	var outcomes []Outcome
	for _, a := range history.Attempts() {
		outcomes = append(outcomes, a.Outcome)
	}
	if len(outcomes) != 3 || outcomes[0] != Broken || outcomes[1] != Unavailable || outcomes[2] != Succeeded {
		t.Errorf("outcomes %v", outcomes)
	}
	if !history.SentSince("q", 0) || history.SentSince("q", history.Now()) || history.SentSince("other", 0) {
		t.Error("SentSince does not tell the send")
	}
}

func TestCallEndsAtARefusal(t *testing.T) {
	c := NewClient(0, []*Node{fake(t, 1, 404, "ReceiptHandleIsInvalid", "{}")}, 0, NewHistory())
	defer c.Close()
	_, err := c.Call(patient(t), &wire.DeleteMessageRequest{QueueRef: ref("q"), ReceiptHandle: "h"})
	if !errors.Is(err, ErrRefused) {
		t.Errorf("got %v", err)
	}
}
