package queue

import "sqsd/wire"

const (
	// aheadSlots is how many queues are read ahead of at a time.
	aheadSlots = 8
	// aheadMessages and aheadBytes bound what is read ahead of one queue.
	aheadMessages = 64
	aheadBytes    = 256 << 10
	// aheadWorth is how long a backlog must be for a scan to be cheaper than single reads.
	aheadWorth = 8
)

// ahead holds records of fresh messages that will be received next, read in one scan: a backlog is drained in the order
// in which it lies on disk. A record never changes while its message exists, so it cannot be out of date.
type ahead struct {
	slots [aheadSlots]stretch
	turn  int // the slot to be used next
}

// stretch is the records of consecutive ordinals of one queue.
type stretch struct {
	id      ID
	first   uint64
	records [][]byte // those that were handed out are nil
}

// take hands out a record if it is there.
func (a *ahead) take(id ID, ordinal uint64) []byte {
	for i := range a.slots {
		s := &a.slots[i]
		if s.id == id && ordinal >= s.first && ordinal-s.first < uint64(len(s.records)) {
			record := s.records[ordinal-s.first]
			s.records[ordinal-s.first] = nil
			return record
		}
	}
	return nil
}

// slot returns the place for a new stretch of a queue: the queue's own, or another queue's in turn.
func (a *ahead) slot(id ID) *stretch {
	for i := range a.slots {
		if a.slots[i].id == id {
			return &a.slots[i]
		}
	}
	a.turn = (a.turn + 1) % aheadSlots
	return &a.slots[a.turn]
}

// readMessage returns the record of a message that is being received.
func (m *Machine) readMessage(q *queue, p position) ([]byte, error) {
	if p.delayed() {
		return m.store.Get(messageKey(m.key[:0], q.id, p))
	}
	if record := m.ahead.take(q.id, p.ordinal); record != nil {
		return record, nil
	}
	if p.ordinal+wire.MaxReceiveMessages < q.cursor || q.freshCount() < aheadWorth {
		return m.store.Get(messageKey(m.key[:0], q.id, p))
	}
	return m.readAhead(q, p)
}

// readAhead reads a message's record together with those that follow it.
func (m *Machine) readAhead(q *queue, p position) (record []byte, err error) {
	s := m.ahead.slot(q.id)
	*s = stretch{id: q.id, first: p.ordinal + 1}
	next, size := p.ordinal, 0
	key := messageKey(nil, q.id, p)
	err = m.store.Scan(key, queueKey(nil, classMessage, q.id+1), func(k, value []byte) bool {
		if ordinal, ok := parseNumber(k, queueKeyLen); !ok || ordinal != next {
			return false // a message that was received before is gone
		}
		next++
		value = append([]byte(nil), value...)
		if record == nil {
			record = value
			return true
		}
		s.records = append(s.records, value)
		size += len(value)
		return len(s.records) < aheadMessages && size < aheadBytes
	})
	if err == nil && record == nil {
		return m.store.Get(key)
	}
	return record, err
}
