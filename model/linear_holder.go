package model

// checkHolders checks that no receipt of a message begins while an earlier one certainly holds it.
func checkHolders(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		for i := 1; i < len(m.receipts); i++ {
			if v := s.heldTwice(m.receipts[i-1], m.receipts[i]); v != nil {
				vs = append(vs, v)
				break
			}
		}
	}
	return vs
}

func (s *survey) heldTwice(a, b *receipt) *Violation {
	until := a.heldUntil(b.op)
	tooEarly := until > b.op.Return+s.h.Tolerance
	if tooEarly && !a.before(b) { // either may have been first
		tooEarly = b.heldUntil(a.op) > a.op.Return+s.h.Tolerance
	}
	if !tooEarly {
		return nil
	}
	m := a.of
	if u := m.oldUse(a, b); u != nil {
		return violated(StaleHandles, m.queue, m.id, "received again by %d ns, but held until %d ns: an old handle had an effect",
			b.op.Return, until).by(a.op.ID, u.op.ID, b.op.ID)
	}
	return violated(OneHolder, m.queue, m.id,
		"received again by %d ns, but the receipt before it holds it until %d ns", b.op.Return,
		until).by(a.op.ID, b.op.ID)
}

// heldUntil is a time until which a receipt certainly keeps the message from a rival receive: the earliest end that any
// setting of its timeout has that may be the last one before the rival.
func (r *receipt) heldUntil(rival *Operation) int64 {
	settings := []setting{{r.op, r.least}}
	for _, u := range r.uses {
		if !u.deleting && u.result != refused && u.op.Call < rival.Return {
			settings = append(settings, setting{u.op, u.timeout})
		}
	}
	until := int64(Never)
	for _, s := range settings {
		if !s.replaced(settings, rival.Call) {
			until = min(until, s.op.Call+s.timeout)
		}
	}
	return until
}

// setting is an operation that sets how long a receipt is held, in ns.
type setting struct {
	op      *Operation
	timeout int64
}

// replaced says that a later setting had certainly taken the place of this one before a time.
func (s setting) replaced(settings []setting, at int64) bool {
	for _, later := range settings {
		if !later.op.Unknown && s.op.end() < later.op.Call && later.op.Return < at {
			return true
		}
	}
	return false
}

// oldUse is a change of visibility by a handle from before receipt a that may have taken place between a and b.
func (m *sighting) oldUse(a, b *receipt) *use {
	for _, old := range m.receipts {
		if old == a || !old.before(a) {
			continue
		}
		for _, u := range old.uses {
			if !u.deleting && u.op.Call <= b.op.Return && u.op.end() >= a.op.Call {
				return u
			}
		}
	}
	return nil
}
