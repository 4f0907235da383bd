package model

import (
	"slices"

	"sqsd/wire"
)

// attemptWindow is how long a receive can be repeated, in ms, from the first one on.
const attemptWindow = 300_000

// attempt is a receive from a FIFO queue that can be repeated with its ReceiveRequestAttemptId.
type attempt struct {
	at         wire.Time
	deliveries []*delivery
}

// attempt writes a receive down. One that took nothing cannot be repeated: the next one is a fresh one anyway.
func (q *queueState) attempt(req *wire.ReceiveMessageRequest, taken []*message, now wire.Time) {
	if q.fifo == nil || req.ReceiveRequestAttemptID == "" {
		return
	}
	delete(q.fifo.attempts, req.ReceiveRequestAttemptID)
	if len(taken) == 0 {
		return
	}
	a := &attempt{at: now}
	for _, m := range taken {
		a.deliveries = append(a.deliveries, m.current)
	}
	q.fifo.attempts[req.ReceiveRequestAttemptID] = a
}

// attempted is the receive that a request repeats; nil if there is none, or if any of its messages was deleted, became
// visible, was received again or had its visibility changed: then the request is a fresh receive.
func (q *queueState) attempted(req *wire.ReceiveMessageRequest, now wire.Time) *attempt {
	if q.fifo == nil || req.ReceiveRequestAttemptID == "" {
		return nil
	}
	a := q.fifo.attempts[req.ReceiveRequestAttemptID]
	over := func(d *delivery) bool { return !d.intact(now) }
	if a == nil || now >= a.at+attemptWindow || slices.ContainsFunc(a.deliveries, over) {
		return nil
	}
	return a
}

// intact says that a delivery still hides its message and was never changed.
func (d *delivery) intact(now wire.Time) bool {
	m := d.message
	return m.fate == stored && m.current == d && !d.changed && now < m.visibleAt
}

// receiveAgain answers a repeated receive as before, with the same handles. Only the timeouts start again.
func (s *Spec) receiveAgain(q *queueState, before *attempt, timeout wire.Time, got []wire.Message, a answer) *Violation {
	for _, d := range before.deliveries {
		d.message.visibleAt = s.now + timeout
	}
	if !a.seen {
		return nil
	}
	if _, v := accepted[*wire.ReceiveMessageResponse](a, Live, q.name, "ReceiveMessage"); v != nil {
		return v
	}
	if len(got) != len(before.deliveries) {
		return violated(Linearizable, q.name, "", "a receive that had taken %d messages at %d was repeated and took %d",
			len(before.deliveries), before.at, len(got))
	}
	for i, d := range before.deliveries {
		m, handle := d.message, got[i].ReceiptHandle
		s.learnID(m, got[i].MessageID)
		if d.handle == "" && s.handles[handle] == nil {
			d.handle = handle
			s.handles[handle] = d
		}
		if got[i].MessageID != m.id || handle != d.handle {
			return violated(Linearizable, q.name, m.id, "a repeated receive delivered %s by %s, not the message of the first one "+
				"by the same handle", got[i].MessageID, shortHandle(handle))
		}
		if v := s.checkContent(m, &got[i]); v != nil {
			return v
		}
	}
	return nil
}
