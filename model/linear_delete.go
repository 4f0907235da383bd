package model

import "sqsd/wire"

// checkDeletes checks that no message is received by a call that began after a delete with its current handle was
// answered.
func checkDeletes(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		if v := s.deletedAndReceived(m); v != nil {
			vs = append(vs, v)
		}
	}
	return vs
}

func (s *survey) deletedAndReceived(m *sighting) *Violation {
	for i, r := range m.receipts {
		u := r.deleted()
		if u == nil {
			continue
		}
		for _, later := range m.receipts[i+1:] {
			if later.op.Call > u.op.Return && s.wasCurrent(r, u, later) {
				return violated(FinalDelete, m.queue, m.id, "received by a call at %d ns, but its delete had been answered at %d ns",
					later.op.Call, u.op.Return).by(r.op.ID, u.op.ID, later.op.ID)
			}
		}
	}
	return nil
}

// deleted is the first delete by the receipt's handle that was answered with success, nil if there is none.
func (r *receipt) deleted() *use {
	for _, u := range r.uses {
		if u.deleting && u.result == took {
			return u
		}
	}
	return nil
}

// wasCurrent says that a receipt's handle was certainly current when it was used. A later receipt can show it, if its
// receive count says that there was none between the two.
func (s *survey) wasCurrent(r *receipt, u *use, later *receipt) bool {
	if r.heldUntil(u.op) <= u.op.Return+s.h.Tolerance && s.movableFrom(r.of) <= u.op.Return {
		return false // it may have been moved away before
	}
	if later != nil && r.count > 0 && later.count == r.count+1 {
		return true
	}
	return s.byQueue[r.of.queue].unseenBefore(u.op.Return) == 0 && !r.mayReplace(u.op.Return)
}

// checkStale checks answers to handles that were certainly old.
func checkStale(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		for _, r := range m.receipts {
			for _, u := range r.uses {
				if v := s.staleUse(r, u); v != nil {
					vs = append(vs, v.by(r.op.ID, u.op.ID))
				}
			}
			for _, u := range r.misuses {
				if u.result == took {
					vs = append(vs, violated(StaleHandles, queueOf(u.op.Request), m.id, "a handle of queue %s was accepted",
						queueOf(r.op.Request)).by(r.op.ID, u.op.ID))
				}
			}
		}
	}
	return vs
}

func (s *survey) staleUse(r *receipt, u *use) *Violation {
	m := r.of
	q := s.byQueue[m.queue]
	for _, removal := range q.removals {
		if !removal.Unknown && r.op.Return < removal.Call && removal.Return < u.op.Call && u.result == took {
			return violated(StaleHandles, m.queue, m.id, "a handle of an earlier queue of that name was accepted")
		}
	}
	later := r.replacedBy(u.op.Call)
	if later == nil {
		return s.currentRefused(r, u)
	}
	if wire.IsFIFO(m.queue) && u.deleting && u.result == took && s.removableFrom(m) > u.op.Return {
		return violated(StaleHandles, m.queue, m.id, "a delete by an old handle was accepted; the message had been received again "+
			"by operation %d", later.op.ID)
	}
	if !u.deleting && u.result == took {
		return violated(StaleHandles, m.queue, m.id,
			"an old handle changed its visibility; it had been received again by operation %d",
			later.op.ID)
	}
	if u.deleting && u.code == wire.ReceiptHandleIsInvalid.Query() && len(q.removals) == 0 {
		return violated(StaleHandles, m.queue, m.id, "a delete by an old handle was answered with an error")
	}
	return nil
}

// currentRefused says that a FIFO queue refused a delete by a handle that was certainly current and not expired.
func (s *survey) currentRefused(r *receipt, u *use) *Violation {
	m := r.of
	if !wire.IsFIFO(m.queue) || !u.deleting || u.code != wire.InvalidParameterValue.Query() || !s.wasCurrent(r, u, nil) ||
		r.heldUntil(u.op) <= u.op.Return+s.h.Tolerance {
		return nil
	}
	return violated(Linearizable, m.queue, m.id, "a delete by the current handle was refused")
}
