package queue

import "sqsd/wire"

const (
	// maxPending is how many messages may be on their way to other groups when a task sends more.
	maxPending = 10 * MaxHandover
	// maxStepBytes bounds the messages that a task moves in a step; the last one may go beyond.
	maxStepBytes = 4 << 20
)

// runTask lets a queue's task go on if it is time, and counts the messages that it moves.
func (m *Machine) runTask(q *queue) (n int) {
	t := q.activeTask()
	if t == nil || t.step > m.now {
		return 0
	}
	count, interval := t.pace()
	t.step = m.now + interval
	for size := 0; m.goesOn(q, t) && n < count && size < maxStepBytes; n++ {
		size += m.moveNext(q, t)
	}
	m.saveTask(q, t)
	return n
}

// goesOn says whether there is a message that a running task may move now. If there is none, the task is over, or it
// waits for those that are on their way.
func (m *Machine) goesOn(q *queue, t *task) bool {
	if t.step == never || m.err != nil {
		return false
	}
	at, in := q.firstVisible()
	switch {
	case in != inNone && at.compare(t.end) < 0:
		return true
	case t.pending > 0:
		t.step = never
	default:
		m.endTask(q, t, taskCompleted)
	}
	return false
}

// moveNext moves the first visible message of a task's queue, and returns its size. If that cannot be, the task fails or
// waits.
func (m *Machine) moveNext(q *queue, t *task) (size int) {
	at, _ := q.firstVisible()
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
	case !local && m.post.pending() >= maxPending:
		m.mark(markTaskWaits)
		t.step = never
		return 0
	}
	d, known := m.takeNext(q)
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
	p := m.addFresh(q)
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

// resumeTasks lets tasks go on that wait for moves to be settled.
func (m *Machine) resumeTasks() {
	for _, q := range m.busy {
		if t := q.activeTask(); t.status == taskRunning && t.step == never {
			_, interval := t.pace()
			t.step = m.now + interval
			m.saveTask(q, t)
			m.touch(q)
		}
	}
}
