package model

import (
	"slices"

	"sqsd/wire"
)

// subject is what a story is about.
type subject struct {
	queue, message string
	handles        map[string]bool // of the message's deliveries
}

func newSubject(h *History, queue, message string) *subject {
	s := &subject{queue: queue, message: message, handles: map[string]bool{}}
	for i := range h.Commits {
		s.learn(h.Commits[i].Response)
	}
	for i := range h.Operations {
		s.learn(h.Operations[i].Response)
	}
	return s
}

// learn takes the handles of the message from an answer.
func (s *subject) learn(resp wire.Response) {
	if r, ok := resp.(*wire.ReceiveMessageResponse); ok && s.message != "" {
		for i := range r.Messages {
			if r.Messages[i].MessageID == s.message {
				s.handles[r.Messages[i].ReceiptHandle] = true
			}
		}
	}
}

// concerns says that a call or a command is about the subject.
func (s *subject) concerns(req wire.Request, resp wire.Response) bool {
	if s.message == "" {
		return s.queue != "" && queueOf(req) == s.queue
	}
	switch r := req.(type) {
	case *wire.SendMessageRequest:
		return sentID(resp) == s.message
	case *wire.SendMessageBatchRequest:
		sent, ok := resp.(*wire.SendMessageBatchResponse)
		return ok && slices.ContainsFunc(sent.Successful, func(e wire.SendMessageBatchResult) bool {
			return e.MessageID == s.message
		})
	case *wire.ReceiveMessageRequest:
		got, ok := resp.(*wire.ReceiveMessageResponse)
		return ok && slices.ContainsFunc(got.Messages, func(m wire.Message) bool { return m.MessageID == s.message })
	case *wire.DeleteMessageRequest:
		return s.handles[r.ReceiptHandle]
	case *wire.ChangeMessageVisibilityRequest:
		return s.handles[r.ReceiptHandle]
	case *wire.DeleteMessageBatchRequest:
		return slices.ContainsFunc(r.Entries, func(e wire.DeleteMessageBatchEntry) bool {
			return s.handles[e.ReceiptHandle]
		})
	case *wire.ChangeMessageVisibilityBatchRequest:
		return slices.ContainsFunc(r.Entries, func(e wire.ChangeMessageVisibilityBatchEntry) bool {
			return s.handles[e.ReceiptHandle]
		})
	case *Release:
		return slices.ContainsFunc(r.Handles, func(handle string) bool { return s.handles[handle] })
	case *Accept:
		return slices.ContainsFunc(r.Moves, func(m Move) bool { return m.MessageID == s.message })
	}
	return false
}

// state is what the specification of a group holds of the subject at a time that it may not have come to yet.
func (s *subject) state(spec *Spec, at wire.Time) State {
	if s.message == "" {
		counts, ok := spec.countsAt(s.queue, at)
		return State{Known: ok, Queue: s.queue, Counts: counts}
	}
	m := spec.ids[s.message]
	if m == nil {
		return State{}
	}
	st := State{Known: true, Queue: m.queue.name, Fate: string(m.fate), Since: m.fateAt, Delivery: m.receives}
	if m.current != nil {
		st.Handle = m.current.handle
	}
	if m.fate != stored {
		return st
	}
	ends := m.sentAt + m.queue.seconds(wire.AttrMessageRetentionPeriod)
	switch hidden := m.hiddenUntil(); {
	case at >= ends:
		st.Fate, st.Since = string(expired), ends
	case at >= hidden:
		st.Fate = Visible
	case m.current != nil:
		st.Fate, st.Until = Held, hidden
	default:
		st.Fate, st.Until = Delayed, hidden
	}
	return st
}
