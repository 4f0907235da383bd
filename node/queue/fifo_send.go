package queue

import "sqsd/wire"

// checkDedupIDs refuses a batch with an entry that a FIFO queue cannot take for want of a deduplication id
// (sqs-semantics 3.9).
func (q *queue) checkDedupIDs(entries []wire.SendMessageBatchEntry) *wire.Error {
	if q.fifo == nil {
		return nil
	}
	for i := range entries {
		if entries[i].Err != nil {
			continue
		}
		if err := q.checkDedupID(&entries[i].Outgoing); err != nil {
			return err
		}
	}
	return nil
}

// checkDedupID refuses a message that a FIFO queue cannot take for want of a deduplication id.
func (q *queue) checkDedupID(o *wire.Outgoing) *wire.Error {
	if q.fifo == nil || o.MessageDeduplicationID != "" || q.contentBased {
		return nil
	}
	_, err := wire.DeduplicationID(o, false)
	return err
}

// sendToGroup stores a message in its group. If it was sent before, nothing happens and the record gets the id of then.
func (m *Machine) sendToGroup(q *queue, record *messageRecord, o *wire.Outgoing) (ordinal uint64) {
	record.dedup, _ = wire.DeduplicationID(o, true) // refuses nothing if content will do
	before := m.sendsBefore(q, record.group, record.dedup)
	if first, ok := before.original(m.now); ok {
		m.mark(markDuplicate)
		record.id = first.id
		return first.ordinal
	}
	record.id = m.newMessageID()
	ordinal = m.enqueue(q, record, 0, 0)
	m.remember(q, record, ordinal, &before)
	return ordinal
}

// takeInto adds a message that a redrive policy moves to a FIFO queue. It counts as sent now, and its deduplication id is
// its message id (sqs-semantics 5.2): it is never a duplicate.
func (m *Machine) takeInto(q *queue, record *messageRecord, first wire.Time, count uint32) {
	record.dedup = record.id.String()
	m.enqueue(q, record, first, count)
}
