package queue

// Move tasks take the messages of a FIFO queue in send order too, whatever group they are of, as far as their groups are
// not held up.

// firstOpen is the place of the oldest message that can be received. It is at the head of a group that is ready. Those are
// ordered by stamp and then by age, so that only the first one of each stamp comes into question: there are few stamps
// where little was received.
func (m *Machine) firstOpen(q *queue) (at position, in visibleSet) {
	ready := &q.fifo.ready
	consider := func(r readyGroup) {
		if in == inNone || r.ordinal < at.ordinal {
			at, in = position{r.ordinal, trunk}, inGroups
		}
	}
	for i := range ready.len() {
		consider(ready.at(i))
	}
	from := ready.bound
	for more := ready.more; more && m.err == nil; {
		r, found := m.readyFrom(q, from)
		if more = found; found {
			consider(r)
			from = readyGroup{stamp: r.stamp + 1}
		}
	}
	return at, in
}

// readyFrom is the first group that is ready at a place in the order of receives or behind it.
func (m *Machine) readyFrom(q *queue, from readyGroup) (r readyGroup, found bool) {
	var bad error
	err := m.store.Scan(from.key(nil, q.id), queueKey(nil, classReady, q.id+1), func(key, value []byte) bool {
		r, bad = parseReady(key, value)
		found = bad == nil
		return false
	})
	m.check(err)
	m.check(bad)
	return r, found
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
