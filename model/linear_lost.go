package model

import "slices"

// checkLost checks, once all queues were drained, that every acknowledged message was deleted, purged or kept for its
// whole retention: otherwise it is lost.
func checkLost(s *survey) (vs []*Violation) {
	if s.h.DrainedAt == 0 {
		return nil
	}
	for _, m := range s.messages {
		if !m.acked || m.send.Return >= s.h.DrainedAt || s.mayBeGone(m, s.h.DrainedAt) {
			continue
		}
		if s.movableFrom(m) <= s.h.DrainedAt {
			vs = append(vs, violated(OnePlace, m.queue, m.id, "%q was acknowledged at %d ns, may have moved to another queue, and is "+
				"gone without a delete", m.out.MessageBody, m.send.Return).by(m.send.ID))
			continue
		}
		if u := m.oldDelete(); u != nil {
			vs = append(vs, violated(StaleHandles, m.queue, m.id, "it is gone, and only an old handle was used to delete it").
				by(m.send.ID, u.op.ID))
			continue
		}
		vs = append(vs, violated(Durable, m.queue, m.id, "%q was acknowledged at %d ns and never deleted, but it is gone",
			m.out.MessageBody, m.send.Return).by(m.send.ID))
	}
	return vs
}

// mayBeGone says that something may have removed an acknowledged message by a time, from whatever queue it was in then.
func (s *survey) mayBeGone(m *sighting, at int64) bool {
	return slices.ContainsFunc(m.bodies(), func(body string) bool {
		return slices.ContainsFunc(s.kin[body], func(each *sighting) bool {
			return s.endableFrom(each) <= at || s.movableFrom(each) <= at && s.mayBeGoneElsewhere(m, each.queue, at)
		})
	})
}

// mayBeGoneElsewhere says that a message may have been removed from where it moved to, before anybody saw it there.
func (s *survey) mayBeGoneElsewhere(m *sighting, from string, at int64) bool {
	return slices.ContainsFunc(s.queues, func(q *queueSurvey) bool {
		return s.mayMove(from, q.name, true) && (len(q.barriers) > 0 || m.send.Call+q.retention.least-s.h.Tolerance <= at)
	})
}

// removableFrom is the earliest time at which a message may have been gone from its queue.
func (s *survey) removableFrom(m *sighting) int64 { return min(s.endableFrom(m), s.movableFrom(m)) }

// endableFrom is the earliest time at which something may have removed a message for good.
func (s *survey) endableFrom(m *sighting) int64 {
	q := s.byQueue[m.queue]
	from := m.sentFrom() + q.retention.least - s.h.Tolerance
	for _, r := range m.receipts {
		for _, u := range r.uses {
			if u.deleting && u.result != refused && r.replacedBy(u.op.Call) == nil {
				from = min(from, u.op.Call)
			}
		}
	}
	for _, b := range q.barriers {
		if b.end() >= m.send.Call {
			return min(from, b.Call) // barriers are in the order of calls
		}
	}
	return from
}

// removedBy is a time by which a message was certainly removed; Never if there is none.
func (s *survey) removedBy(m *sighting) int64 {
	q := s.byQueue[m.queue]
	by := int64(Never)
	for _, r := range m.receipts {
		if u := r.deleted(); u != nil && s.wasCurrent(r, u, nil) {
			by = min(by, u.op.Return)
		}
	}
	if !m.acked || s.mayReturn(m) {
		return by
	}
	by = min(by, m.send.Return+q.retention.most+s.h.Tolerance)
	for _, b := range q.barriers {
		if !b.Unknown && b.Call > m.send.Return {
			by = min(by, b.Return)
		}
	}
	return by
}

// oldDelete is a delete of the message by a handle that was certainly old.
func (m *sighting) oldDelete() *use {
	for _, r := range m.receipts {
		for _, u := range r.uses {
			if u.deleting && r.replacedBy(u.op.Call) != nil {
				return u
			}
		}
	}
	return nil
}
