package queue

import "sqsd/wire"

// advance moves time to an entry's, and makes happen what is due by then in order of due time. When Limits.DueBatch
// transitions have happened and more are due, time stays where they happened.
func (m *Machine) advance(target wire.Time) {
	if target < m.now {
		m.mark(markTimeBack)
	}
	happened := 0
	for m.err == nil {
		if m.timers.len() == 0 || m.timers.min().due > target {
			m.now = max(m.now, target)
			return
		}
		q := m.timers.min()
		if q.due > m.now && happened >= max(1, m.limits.DueBatch) {
			m.mark(markTimeStopped)
			return
		}
		m.now = max(m.now, q.due)
		happened += m.happen(q)
		m.touch(q)
	}
}

// happen brings a queue up to the time that was reached, and counts the transitions.
func (m *Machine) happen(q *queue) int {
	if q.fifo != nil {
		return m.happenInGroups(q) + m.runTask(q)
	}
	return m.endTimeouts(q) + m.endDelays(q) + m.expire(q) + m.runTask(q)
}

// endTimeouts makes visible what was hidden until now.
func (m *Machine) endTimeouts(q *queue) (n int) {
	for q.inFlight.len() > 0 && m.err == nil && q.inFlight.min().visibleAt <= m.now {
		d := q.inFlight.min()
		q.inFlight.remove(d)
		m.file(q, d)
		n++
	}
	return n
}

// expire removes the messages whose retention is over: those sent at or before now less the period, whatever their
// state. It counts the steps it took, in which many fresh messages may be one.
func (m *Machine) expire(q *queue) (n int) {
	limit := m.now - q.retention
	n = m.expireMoved(q, limit) + m.expireShown(q, limit)
	for q.byAge.len() > 0 && q.byAge.min().sent <= limit {
		if q.byAge.min().visibleAt > m.now {
			m.mark(markExpiredInFlight)
		}
		m.discard(q, q.byAge.min())
		n++
	}
	for q.late.len() > 0 && q.late.at(0).sent <= limit && m.err == nil {
		p := m.popLate(q)
		m.store.SingleDelete(messageKey(m.key[:0], q.id, p.position))
		n++
	}
	if q.mayExpireWaiting() && q.oldestSent <= limit {
		n += m.expireWaiting(q, limit)
	}
	return n + m.expireFresh(q, limit)
}

// NextDue is the earliest time at which something may happen by time alone.
func (m *Machine) NextDue() (wire.Time, bool) {
	if m.timers.len() == 0 || m.timers.min().due == never {
		return 0, false
	}
	return m.timers.min().due, true
}
