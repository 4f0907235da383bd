package model

import "sqsd/wire"

// checkTimes checks that nothing is received before its delay is over, or after its retention is.
func checkTimes(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		if m.send == nil || len(m.receipts) == 0 || m.home != nil || m.past != nil {
			continue
		}
		q := s.byQueue[m.queue]
		visible := m.send.Call + q.delayOf(m.out).least
		for _, r := range m.receipts {
			if r.op.Return+s.h.Tolerance < visible {
				vs = append(vs, violated(ReplicatedNow, m.queue, m.id, "received by %d ns, but delayed until %d ns", r.op.Return,
					visible).
					by(m.send.ID, r.op.ID))
				break
			}
			if m.acked && !s.mayBeAnew(m) && r.op.Call-s.h.Tolerance > m.send.Return+q.retention.most {
				vs = append(vs, violated(ReplicatedNow, m.queue, m.id, "received by a call at %d ns, but its retention ended by %d ns",
					r.op.Call, m.send.Return+q.retention.most).by(m.send.ID, r.op.ID))
				break
			}
		}
	}
	return vs
}

// mayBeAnew says that the retention of a message may have begun anew, as it does in FIFO queues with every move.
func (s *survey) mayBeAnew(m *sighting) bool { return wire.IsFIFO(m.queue) && s.mayReturn(m) }

// checkBarriers checks that nothing is received after a purge, or the end of its queue, that came after its send, or
// after it had come from another queue.
func checkBarriers(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		if m.send == nil || s.mayReturn(m) { // it may have been in another queue then
			continue
		}
		for _, r := range m.receipts {
			if b := s.byQueue[m.queue].barrierBetween(m.send, r.op); b != nil {
				vs = append(vs, violated(Incarnations, m.queue, m.id, "received by a call at %d ns, but %s was answered at %d ns, "+
					"and called when the message was there", r.op.Call, b.Request.Action(), b.Return).by(m.send.ID, b.ID, r.op.ID))
				break
			}
		}
	}
	return vs
}

// barrierBetween is a barrier that certainly took effect after one operation and before another.
func (q *queueSurvey) barrierBetween(first, second *Operation) *Operation {
	for _, b := range q.barriers {
		if !b.Unknown && first.end() < b.Call && b.Return < second.Call {
			return b
		}
	}
	return nil
}

// checkDeletedName checks that a deleted queue answers nothing until it is created again, and is not created again too
// soon.
func checkDeletedName(s *survey) (vs []*Violation) {
	window := s.h.Config.DeletedQueueWindow * 1e6
	for _, q := range s.queues {
		for _, removal := range q.removals {
			if removal.Unknown {
				continue
			}
			for _, c := range q.creates {
				if !c.Unknown && c.Call > removal.Return && c.Return+s.h.Tolerance < removal.Call+window {
					vs = append(vs, violated(Incarnations, q.name, "", "created again by %d ns, but deleted from %d ns on", c.Return,
						removal.Call).by(removal.ID, c.ID))
				}
			}
		}
	}
	for i := range s.h.Operations {
		o := &s.h.Operations[i]
		if !o.succeeded() || queueOf(o.Request) == "" {
			continue
		}
		if removal := s.byQueue[queueOf(o.Request)].removedFor(o); removal != nil {
			vs = append(vs, violated(Incarnations, queueOf(o.Request), "", "%s was answered, but the queue had been deleted",
				o.Request.Action()).by(removal.ID, o.ID))
		}
	}
	return vs
}

// removedFor is a removal that certainly took effect before an operation, without a creation that may have come between.
func (q *queueSurvey) removedFor(o *Operation) *Operation {
	for _, removal := range q.removals {
		if removal.Unknown || removal.Return >= o.Call {
			continue
		}
		again := false
		for _, c := range q.creates {
			again = again || c.end() >= removal.Call && c.Call <= o.Return
		}
		if !again {
			return removal
		}
	}
	return nil
}
