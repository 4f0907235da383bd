package queue

import "sqsd/wire"

// maxMovesPerReceive is how many messages a receive moves to the dead-letter queue before it ends with what it has
// taken, so that no receive takes long.
const maxMovesPerReceive = wire.MaxReceiveMessages

// moveToDeadLetters moves a message that was taken out of its set instead of delivering it, if the queue's redrive
// policy wants that and it can be done: a message is never dropped for want of a dead-letter queue. A queue that names
// itself has none. Whether there is a queue in another group turns out later; if not, the message comes back.
func (m *Machine) moveToDeadLetters(q *queue, d *delivery, known bool) bool {
	to := q.redrive
	if to.target == "" || to.target == q.name || d.count < to.maxReceives || d.stays {
		return false
	}
	target, _ := m.names.Get(to.target)
	local := m.isLocal(to.target)
	if local && target == nil || wire.IsFIFO(to.target) != wire.IsFIFO(q.name) {
		m.mark(markNoDeadLetterQueue)
		return false
	}
	if !local {
		m.sendAway(q, d, outgoing{known: known, stays: true, Move: Move{Target: to.target, Reason: DeadLetter}})
		return true
	}
	record := m.message(q, d.position)
	m.erase(q, d, known)
	record.source = q.name
	m.takeIn(target, &record, d.first, d.count)
	return true
}

// takeIn adds a message to its dead-letter queue, unless it is too old for it.
func (m *Machine) takeIn(q *queue, record *messageRecord, first wire.Time, count uint32) {
	if q.fifo != nil {
		m.mark(markDeadLetter)
		m.takeInto(q, record, first, count)
		m.touch(q)
		return
	}
	if record.sent <= m.now-q.retention {
		m.mark(markDeadLetterExpired)
		return
	}
	m.mark(markDeadLetter)
	record.due = 0
	m.addMoved(q, record, first, count)
	m.touch(q)
}

// message reads the record of a message that is stored.
func (m *Machine) message(q *queue, p position) messageRecord {
	value, err := m.readMessage(q, p)
	if err != nil {
		m.check(err)
		return messageRecord{}
	}
	record, err := parseMessage(value)
	m.check(err)
	return record
}
