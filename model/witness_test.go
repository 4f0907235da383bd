package model

import (
	"slices"
	"testing"

	"sqsd/wire"
)

// sequence is a history of requests to a correct server, one after the other. Operation i is request i.
func sequence(reqs ...wire.Request) *History {
	w := newWorld(1, 0, false)
	w.history.Operations, w.history.Commits = w.history.Operations[:0], nil
	w.server, w.index, w.lead = newServer(testConfig), 0, 0
	for _, req := range reqs {
		w.run(req)
	}
	return &w.history
}

// brokenHistory is a correct sequence that was tampered with, and the promise that it then breaks, or none.
type brokenHistory struct {
	name    string
	change  func(h *History)
	promise Promise
}

func TestReplayFindsTampering(t *testing.T) {
	sendA := send("q", "a").req
	sent := func() *History { return sequence(create("q").req, sendA, attributes("q").req, purge("q").req) }
	const creation, sending, reading, purging = 0, 1, 2, 3 // among operations
	const purged = 3                                       // among commits; before it comes a tick
	for _, tc := range []brokenHistory{
		{"an acknowledged send is not in the log", func(h *History) {
			h.Commits = slices.Delete(h.Commits, sending, sending+1)
		}, Durable},
		{"a proposal is applied twice", func(h *History) {
			again := h.Commits[sending]
			again.At.Index = 99
			h.Commits = append(h.Commits, again)
		}, OneEffect},
		{"an acknowledged send is proposed again", func(h *History) {
			again := h.Commits[sending]
			again.At.Index, again.At.Seq = 99, 99
			again.Response = &wire.SendMessageResponse{MessageID: "m99"}
			h.Commits = append(h.Commits, again)
		}, OneEffect},
		{"an unknown send takes effect twice", func(h *History) {
			h.Operations[sending].Unknown, h.Operations[sending].At = true, nil
			again := h.Commits[sending]
			again.At.Index, again.At.Seq = 99, 99
			again.Response = &wire.SendMessageResponse{MessageID: "m99"}
			h.Commits = append(h.Commits, again)
		}, OneEffect},
		{"a command takes effect that nobody asked for", func(h *History) { h.Operations = slices.Delete(h.Operations, purging, purging+1) }, Linearizable},
		{"a refused call takes effect", func(h *History) {
			o := &h.Operations[sending]
			o.Response, o.Err, o.At = nil, wire.NoSuchQueue(), nil
		}, Linearizable},
		{"a read is older than a command that had returned", func(h *History) {
			h.Operations[reading].At.Index = h.Operations[creation].At.Index
		}, Linearizable},
		{"a read does not have the answer of its place", func(h *History) {
			h.Operations[reading].Response = &wire.GetQueueAttributesResponse{}
		}, Linearizable},
		{"a read delivers", func(h *History) {
			o := &h.Operations[reading]
			o.Request, o.Response = receive("q").req, &wire.ReceiveMessageResponse{Messages: []wire.Message{{MessageID: "m1"}}}
		}, OneHolder},
		{"the client got another answer than the state machine gave", func(h *History) {
			h.Operations[sending].Response = &wire.SendMessageResponse{MessageID: "m2"}
		}, Linearizable},
		{"the log has another request than the client made", func(h *History) {
			h.Commits[sending].Request = send("q", "A").req
		}, NothingSilent},
		{"two calls have one effect", func(h *History) { h.Operations[purging].At = h.Operations[sending].At }, Linearizable},
		{"a position is not the one that the command has", func(h *History) {
			at := *h.Operations[sending].At
			at.Time++
			h.Operations[sending].At = &at
		}, Linearizable},
		{"commands are applied out of order", func(h *History) { h.Commits[1], h.Commits[2] = h.Commits[2], h.Commits[1] }, OneEffect},
		{"time goes back in the log", func(h *History) { h.Commits[sending].At.Time = 0 }, ReplicatedNow},
		{"the state machine breaks a rule", func(h *History) { h.Commits[purged].Err = wire.NoSuchQueue() }, Linearizable},

		{"nothing is changed", func(*History) {}, ""},
		{"an unknown send took effect", func(h *History) {
			h.Operations[sending].Unknown, h.Operations[sending].At, h.Operations[sending].Response = true, nil, nil
		}, ""},
		{"an unknown send did not take effect", func(h *History) {
			h.Operations = append(h.Operations, Operation{ID: 9, Call: 1, Return: Never, Request: send("q", "b").req, Unknown: true})
		}, ""},
		{"an answer without a position", func(h *History) { h.Operations[sending].At = nil }, ""},
		{"a command that was refused as unavailable", func(h *History) {
			c := h.Commits[sending]
			c.Request, c.Response, c.Err, c.At.Index, c.At.Seq = send("q", "b").req, nil, wire.Errorf(wire.ServiceUnavailable,
				""), 99, 99
			c.At.Time = h.Commits[len(h.Commits)-1].At.Time
			h.Commits = append(h.Commits, c)
		}, ""},
		{"a read that was concurrent with a command is before it", func(h *History) {
			o := &h.Operations[reading]
			o.Call, o.Return = h.Operations[purging].Call, h.Operations[purging].Return
		}, ""},
		{"an empty receive that a long poll tried and went on waiting", func(h *History) {
			c := h.Commits[purged]
			c.Request, c.Response = poll("q", 9).req, &wire.ReceiveMessageResponse{}
			c.At.Index, c.At.Seq = 99, 99
			h.Commits = append(h.Commits, c)
		}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := sent()
			tc.change(h)
			wantPromise(t, Replay(h), tc.promise)
		})
	}
}

// wantPromise checks that a promise is among the broken ones, or that none is.
func wantPromise(t *testing.T, vs []*Violation, want Promise) {
	t.Helper()
	if want == "" && len(vs) == 0 || slices.ContainsFunc(vs, func(v *Violation) bool { return v.Promise == want }) {
		return
	}
	t.Errorf("want promise %q broken, got %v", want, vs)
}

func TestReplayAcceptsCorrectHistories(t *testing.T) {
	for _, k := range kinds {
		for seed := range uint64(60) {
			h := newDamagedWorld(seed, 300, seed%2 == 0, k, nil).generate()
			for _, v := range Replay(h) {
				t.Errorf("%+v, seed %d: %v", k, seed, v)
			}
		}
	}
}

func TestJudgeSaysWhatAnotherAnswerWouldBreak(t *testing.T) {
	h := sequence(create("q").req, send("q", "a").req, receive("q").req, receive("q").req)
	i := slices.IndexFunc(h.Commits, func(c Commit) bool { return c.Request.Action() == "ReceiveMessage" })
	delivery := h.Commits[i].Response.(*wire.ReceiveMessageResponse).Messages[0]
	again := Commit{At: h.Commits[i].At, Request: h.Commits[i].Request, Response: &wire.ReceiveMessageResponse{Messages: []wire.Message{delivery}}}
	again.At.Index++
	h.Commits = append(h.Commits[:i+1:i+1], Commit{At: again.At, Request: again.Request, Response: &wire.ReceiveMessageResponse{}})
	if v := Judge(h, &h.Commits[i+1]); v != nil {
		t.Errorf("the answer of the log: %v", v)
	}
	if v := Judge(h, &again); v == nil || v.Promise != OneHolder || v.Message != delivery.MessageID {
		t.Errorf("a second delivery: %v, want promise %s broken", v, OneHolder)
	}
	h.Commits[i].Err, h.Commits[i].Response = wire.NoSuchQueue(), nil
	if v := Judge(h, &again); v != nil {
		t.Errorf("behind a wrong answer: %v", v)
	}
}
