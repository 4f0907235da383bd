package queue

// Move tasks take the messages of a FIFO queue in send order too, whatever group they are of, as far as their groups are
// not held up.

// firstOpen is the place of the oldest message that can be received: the first one that is at the head of a group that is
// ready. What is passed over on the way to it is not looked at again before its group is ready.
func (m *Machine) firstOpen(q *queue) (at position, in visibleSet) {
	f := q.fifo
	if f.readyCount == 0 {
		return at, inNone
	}
	var bad error
	lo, hi := numberKey(nil, classPlace, q.id, f.openFrom), queueKey(nil, classPlace, q.id+1)
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		p, err := parsePlace(key, value)
		if bad = err; bad != nil {
			return false
		}
		f.openFrom = p.ordinal
		if g := m.group(q, p.group); g != nil && g.entry.ordinal == p.ordinal {
			at, in = position{p.ordinal, trunk}, inGroups
		}
		return in == inNone && m.err == nil
	})
	m.check(err)
	m.check(bad)
	return at, in
}

// takeOpen finds the message at the head of a group that is ready, for it to be moved.
func (m *Machine) takeOpen(q *queue, at position) *delivery {
	if p, ok := m.placeFrom(q, at.ordinal); ok && p.ordinal == at.ordinal {
		if g := m.group(q, p.group); g != nil && g.open > 0 && g.head() == at.ordinal {
			return m.openAt(q, g, 0)
		}
	}
	m.breach("message %v of queue %s is not at the head of a group that is ready", at, q.name)
	return nil
}
