package queue

import "sqsd/wire"

const (
	// maxPending is how many messages may be on their way to other groups when a task sends more; it is less if
	// Limits.MaxInFlight is.
	maxPending = 10 * maxHandover
	// maxStepBytes bounds the messages that a task moves in a step; the last one may go beyond.
	maxStepBytes = 4 << 20
)

// runTask lets a queue's task go on if it is time, and counts the messages that it moves.
func (m *Machine) runTask(q *queue) (n int) {
	t := q.activeTask()
	if t == nil || t.due() > m.now {
		return 0
	}
	count, interval := t.pace()
	t.step = m.now + interval
	for size := 0; ; n++ {
		at, in := m.nextForTask(q, t)
		if in == inNone || n == count || size >= maxStepBytes {
			break
		}
		size += m.moveForTask(q, t, at, in)
	}
	m.saveTask(q, t)
	return n
}

// nextForTask is the place of the message that a running task moves next. If there is none, the task is over, or it waits
// for those that are on their way.
func (m *Machine) nextForTask(q *queue, t *task) (at position, in visibleSet) {
	if t.due() == never || m.err != nil {
		return at, inNone
	}
	at, in = m.firstVisible(q)
	switch {
	case in != inNone && at.compare(t.end) < 0:
		return at, in
	case t.pending > 0:
		t.waits = true
	default:
		m.endTask(q, t, taskCompleted)
	}
	return at, inNone
}

// moveForTask moves the first visible message of a task's queue, which is at a place, and returns its size. If that cannot
// be, the task fails or waits.
func (m *Machine) moveForTask(q *queue, t *task, at position, in visibleSet) (size int) {
	record := m.message(q, at)
	to := record.source
	if t.destination != "" {
		_, _, to, _ = wire.ParseARN(t.destination)
	}
	target, _ := m.names.Get(to)
	local := m.isLocal(to)
	switch {
	case to == "":
		m.failTask(q, t, failedNoSource)
		return 0
	case local && target == nil:
		m.failTask(q, t, failedNoDestination)
		return 0
	case !local && m.post.pending() >= uint64(min(maxPending, m.limits.MaxInFlight)):
		m.mark(markTaskWaits)
		t.waits = true
		return 0
	}
	d, known := m.take(q, at, in)
	if m.err != nil {
		return 0
	}
	if local {
		m.erase(q, d, known)
		m.addAnew(target, &record)
		t.moved++
	} else {
		move := Move{Target: to, Reason: Redrive}
		m.sendAway(q, d, outgoing{known: known, stays: d.stays, task: t.number, Move: move})
		t.pending++
	}
	return len(record.body)
}

func (m *Machine) failTask(q *queue, t *task, why taskFailure) {
	m.mark(markTaskFailed)
	t.failure = why
	m.endTask(q, t, taskFailed)
}

// addAnew sends a message of another queue to a queue, as a new message.
func (m *Machine) addAnew(q *queue, record *messageRecord) {
	record.id, record.sent, record.due, record.source = m.newMessageID(), m.now, m.now, ""
	if q.fifo != nil {
		m.takeInto(q, record, 0, 0)
		m.stir(q)
		return
	}
	p := m.addVisible(q, record)
	m.value = record.append(m.value[:0])
	m.store.Set(messageKey(m.key[:0], q.id, p), m.value)
	m.stir(q)
}

// settleTask takes note of what became of a message that a task sent to another group.
func (m *Machine) settleTask(o *outgoing, outcome Outcome) {
	q := m.queues[o.origin]
	if q == nil {
		return
	}
	for _, t := range q.tasks {
		if t.number != o.task {
			continue
		}
		t.pending--
		switch {
		case outcome == Accepted:
			t.moved++
		case t.status == taskRunning:
			m.failTask(q, t, failedNoDestination)
		}
		if t.status == taskCancelling && t.pending == 0 {
			m.endTask(q, t, taskCancelled)
		}
		m.saveTask(q, t)
		m.touch(q)
	}
}

// resumeTasks lets tasks go on that wait for moves to be settled, but not faster than their pace.
func (m *Machine) resumeTasks() {
	for _, q := range m.busy {
		if t := q.activeTask(); t.waits {
			t.waits, t.step = false, max(t.step, m.now+1)
			m.saveTask(q, t)
			m.touch(q)
		}
	}
}
