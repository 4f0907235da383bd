package host

import (
	"context"

	"sqsd/node"
	"sqsd/wire"
)

// Do executes a request: it goes to this node's replica of the queue's group, which answers it or forwards it. It
// makes Host a wire.Backend.
func (h *Host) Do(ctx context.Context, req wire.Request) (wire.Response, *wire.Error) {
	m := h.members[node.Route(req, len(h.members))]
	answer := make(chan node.Result, 1)
	call := &node.Call{Request: req, Done: func(r node.Result) { answer <- r }}
	m.loop.post(event{member: m, submit: call})
	ending := h.ending
	if !mayPoll(req) {
		ending = nil
	}
	select {
	case r := <-answer:
		return r.Response, r.Err
	case <-h.failed:
		return nil, unavailable("this node has stopped")
	case <-ctx.Done():
		m.loop.post(event{member: m, cancel: call})
		return nil, unavailable("the client has gone")
	case <-ending:
		return h.endPoll(m, call, answer)
	}
}

// mayPoll says whether a request may wait for messages. Without a wait time of its own it may by its queue's.
func mayPoll(req wire.Request) bool {
	r, ok := req.(*wire.ReceiveMessageRequest)
	return ok && r.WaitTimeSeconds.Or(1) > 0
}

// EndPolls answers all waiting receives, now and from now on, with what they have: nothing. It is called when the
// server shuts down; clients poll again elsewhere.
func (h *Host) EndPolls() { h.drain.Do(func() { close(h.ending) }) }

// endPoll cancels a receive. If it got messages all the same, they are the answer.
func (h *Host) endPoll(m *member, call *node.Call, answer <-chan node.Result) (wire.Response, *wire.Error) {
	m.loop.post(event{member: m, cancel: call})
	select {
	case r := <-answer:
		if r.Err != nil && r.Err.Code != wire.ServiceUnavailable || r.Response != nil {
			return r.Response, r.Err
		}
		return &wire.ReceiveMessageResponse{}, nil
	case <-h.failed:
		return nil, unavailable("this node has stopped")
	}
}

func unavailable(why string) *wire.Error {
	return wire.Errorf(wire.ServiceUnavailable, "The service is not available: %s.", why)
}
