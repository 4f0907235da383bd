package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

// checkDedup checks that a deduplication id enqueues once per window, and that sends which are answered with the id of
// an earlier message are duplicates of it.
func checkDedup(s *survey) (vs []*Violation) {
	for _, q := range s.queues {
		if !wire.IsFIFO(q.name) {
			continue
		}
		byName := map[dedupName][]*sighting{}
		for _, m := range s.messages {
			if m.queue != q.name || m.sends == nil || m.id == "" {
				continue
			}
			if v := s.lateDuplicate(m); v != nil {
				vs = append(vs, v)
			}
			name := m.dedupName()
			for _, other := range byName[name] {
				if v := s.storedTwice(q, other, m); v != nil {
					vs = append(vs, v)
					break
				}
			}
			byName[name] = append(byName[name], m)
		}
	}
	return vs
}

// stored bounds when a message was stored: between the first call that may have done it, and the first answer or
// receipt that shows it.
func (m *sighting) stored() (from, by int64) {
	by = m.send.end()
	for _, r := range m.receipts {
		by = min(by, r.op.Return)
	}
	return m.send.Call, by
}

// storedTwice says that two messages with one deduplication id were certainly stored within one window, with nothing in
// between that may have made the queue forget.
func (s *survey) storedTwice(q *queueSurvey, a, b *sighting) *Violation {
	if q.scopes.perGroup && (a.unsure || b.unsure || a.group() != b.group()) {
		return nil
	}
	fromA, byA := a.stored()
	fromB, byB := b.stored()
	first, last := min(fromA, fromB), max(byA, byB)
	if last-first >= dedupWindow*1e6-s.h.Tolerance || q.mayForget(first, last) {
		return nil
	}
	return violated(OneEffect, q.name, b.id, "deduplication id %q is in its window the id of message %s", b.dedupName().id, a.id).
		by(a.send.ID, b.send.ID)
}

// mayForget says that a purge or the end of the queue may have taken effect in a period.
func (q *queueSurvey) mayForget(from, to int64) bool {
	return slices.ContainsFunc(q.barriers, func(b *Operation) bool { return b.Call <= to && b.end() >= from })
}

// lateDuplicate says that a send was answered with the id of a message whose window had certainly ended.
func (s *survey) lateDuplicate(m *sighting) *Violation {
	if !m.acked {
		return nil
	}
	byReturn := slices.SortedFunc(slices.Values(m.sends), func(a, b *Operation) int { return cmp.Compare(a.end(), b.end()) })
	for _, o := range byReturn[1:] {
		if o.Call-byReturn[0].Return > dedupWindow*1e6+s.h.Tolerance {
			return violated(OneEffect, m.queue, m.id, "a send was taken for a duplicate of it, %s after it had been answered",
				seconds(o.Call-byReturn[0].Return)).by(byReturn[0].ID, o.ID)
		}
	}
	return nil
}

// checkAttempts checks that a receive which is repeated, while all that it took is certainly hidden and untouched, has
// the same answer.
func checkAttempts(s *survey) (vs []*Violation) {
	last := map[attemptName]*Operation{}
	for i := range s.h.Operations {
		o := &s.h.Operations[i]
		req, ok := o.Request.(*wire.ReceiveMessageRequest)
		if !ok || !wire.IsFIFO(req.Name) || req.ReceiveRequestAttemptID == "" || o.outcome() == refused {
			continue
		}
		name := attemptName{req.Name, req.ReceiveRequestAttemptID}
		before := last[name]
		last[name] = o
		if before == nil || before.Unknown || o.Unknown || o.unheard || before.unheard || before.Return >= o.Call {
			continue
		}
		if v := s.repeatedOtherwise(req.Name, before, o); v != nil {
			vs = append(vs, v)
		}
	}
	return vs
}

func (s *survey) repeatedOtherwise(queue string, before, o *Operation) *Violation {
	first, second := before.Response.(*wire.ReceiveMessageResponse), o.Response.(*wire.ReceiveMessageResponse)
	if len(first.Messages) == 0 || o.Return-before.Call >= attemptWindow*1e6-s.h.Tolerance {
		return nil
	}
	same := len(first.Messages) == len(second.Messages)
	for i := range first.Messages {
		handle := first.Messages[i].ReceiptHandle
		r := s.receipts[handle]
		if r == nil || r.op != before || len(r.uses) > 0 && !onlyBy(r.uses, o) {
			return nil // repeated or changed before
		}
		if r.heldUntil(before) <= o.Return+s.h.Tolerance || s.removableFrom(r.of) <= o.Return {
			return nil
		}
		same = same && second.Messages[i].ReceiptHandle == handle
	}
	if same {
		return nil
	}
	return violated(Linearizable, queue, first.Messages[0].MessageID, "a receive was repeated while all that it had taken was "+
		"hidden and untouched, but was not answered as before").by(before.ID, o.ID)
}

// onlyBy says that an operation is all that used a handle.
func onlyBy(uses []*use, o *Operation) bool {
	return !slices.ContainsFunc(uses, func(u *use) bool { return u.op != o })
}
