package model

// checkMoves checks that a redrive policy moves a message only after it was received often enough and when nobody holds
// it, and that it is then gone from where it came from.
func checkMoves(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		if len(m.receipts) == 0 {
			continue
		}
		var v *Violation
		switch {
		case m.home != nil:
			v = s.wrongMove(m)
		case m.past != nil:
			v = s.wrongReturn(m)
		}
		if v != nil {
			vs = append(vs, v)
		}
	}
	return vs
}

func (s *survey) wrongMove(m *sighting) *Violation {
	home, first := m.home, m.receipts[0]
	limit := s.limit(m.queue)
	if m.early || first.count > 0 && first.count <= limit {
		return violated(OnePlace, m.queue, m.id, "received with count %d, but it may move from queue %s only after %d receipts",
			first.count, home.queue, limit).by(first.op.ID)
	}
	if s.mayMove(m.queue, home.queue, false) {
		return nil // it may have come back
	}
	for _, r := range home.receipts {
		u := r.deleted()
		switch {
		case r.op.Call > m.send.Return:
			return violated(OnePlace, home.queue, m.id, "received by a call at %d ns, but it had been received from queue %s by %d ns",
				r.op.Call, m.queue, m.send.Return).by(first.op.ID, r.op.ID)
		case r.before(first) && r.heldUntil(first.op) > first.op.Return+s.h.Tolerance:
			return violated(OneHolder, m.queue, m.id, "received by %d ns, but a receipt from queue %s holds it until %d ns",
				first.op.Return, home.queue, r.heldUntil(first.op)).by(r.op.ID, first.op.ID)
		case u != nil && first.op.Call > u.op.Return && s.wasCurrent(r, u, nil):
			return violated(FinalDelete, m.queue, m.id, "received by a call at %d ns, but it had been deleted from queue %s at %d ns",
				first.op.Call, home.queue, u.op.Return).by(u.op.ID, first.op.ID)
		}
	}
	return nil
}

// wrongReturn says that a message which a task gave a new id is still received by the old one. It speaks only of messages
// that have one sighting besides.
func (s *survey) wrongReturn(m *sighting) *Violation {
	if len(s.kin[m.out.MessageBody]) != 2 {
		return nil
	}
	for _, r := range m.past.receipts {
		if r.op.Call > m.send.Return && r.message.Body == m.out.MessageBody { // or it was a duplicate that had m's content
			return violated(OnePlace, r.of.queue, r.of.id, "received by a call at %d ns, but a task had moved it to queue %s, where it "+
				"was received as %s by %d ns", r.op.Call, m.queue, m.id, m.send.Return).by(m.receipts[0].op.ID, r.op.ID)
		}
	}
	return nil
}
