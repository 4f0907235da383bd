package queue

// touch takes note of what a command or the time has changed in a queue, in which nothing is due now.
func (m *Machine) touch(q *queue) {
	if q.deleted || m.err != nil {
		return
	}
	m.stir(q)
	if q.due <= m.now {
		m.breach("queue %s has work at %d that is not done at %d", q.name, q.due, m.now)
	}
}

// stir takes note of what has changed in a queue while something may be due in it.
func (m *Machine) stir(q *queue) {
	if !q.dirty {
		q.dirty = true
		m.dirty = append(m.dirty, q)
	}
	if due := q.nextDue(); due != q.due {
		q.due = due
		m.timers.fix(q)
	}
	m.checkHeads(q)
	m.notice(q)
}

// checkHeads stops the machine when a set that is not empty has no first element.
func (m *Machine) checkHeads(q *queue) {
	counts := [...]int{q.freshCount(), q.waitingCount, q.lateCount, q.arrivalCount, q.ageCount, int(q.shownCount), int(q.readyCount)}
	heads := [...]int{q.runs.len(), q.waiting.len(), q.late.len(), q.arrivals.len(), q.ages.len(), q.shown.len(), q.ready.len()}
	if q.fifo != nil {
		m.checkGroups(q)
	}
	for i, n := range counts {
		if n > 0 != (heads[i] > 0) {
			m.breach("queue %s counts %v fresh, waiting, late, arrivals, ages, shown, tenants; their heads hold %v", q.name, counts, heads)
			return
		}
	}
}

// notice compares what can be received from a queue with what could.
func (m *Machine) notice(q *queue) {
	visible := q.visible(m.limits.MaxInFlight)
	if visible > q.seen {
		m.report(q)
	}
	q.seen = visible
}

func (m *Machine) report(q *queue) {
	if !q.reported {
		q.reported = true
		m.changed = append(m.changed, q.id)
	}
}

// Changed calls f with each queue in which more became visible since the last call, and with each queue that was
// deleted since then, in a deterministic order.
func (m *Machine) Changed(f func(ID)) {
	for _, id := range m.changed {
		if q := m.queues[id]; q != nil {
			q.reported = false
		}
	}
	ids := m.changed
	m.changed = nil
	for _, id := range ids {
		f(id)
	}
	if m.changed == nil {
		m.changed = ids[:0]
	}
}
