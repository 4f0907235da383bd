package queue

import (
	"encoding/binary"

	"sqsd/wire"
)

// fifoRecord is a FIFO queue's counts with the first elements of its sets, so that opening a queue never walks over what
// was removed. Where a set is empty its first element is zero.
type fifoRecord struct {
	fifoCounts
	firstReady   readyGroup // but for the name
	firstPlace   uint64
	firstDelayed uint64
	firstHeld    uint64
	firstMemo    uint64
}

func (c *fifoRecord) append(dst []byte) []byte {
	dst = appendRecord(dst)
	for _, n := range c.numbers() {
		dst = binary.AppendUvarint(dst, *n)
	}
	return appendTime(dst, c.swept)
}

func parseFIFO(value []byte) (c fifoRecord, err error) {
	r := openRecord(string(value))
	for _, n := range c.numbers() {
		*n = r.uvarint()
	}
	c.swept = r.time()
	return c, closeRecord(&r, "FIFO counts")
}

// numbers are all numbers in the order of the record.
func (c *fifoRecord) numbers() []*uint64 {
	return []*uint64{
		&c.era, &c.serves, &c.messages, &c.waiting, &c.delayedFrom, &c.readyCount, &c.open, &c.heldCount, &c.away,
		&c.records[0], &c.records[1], &c.memoNext, &c.memoCount,
		&c.firstReady.stamp, &c.firstReady.ordinal, &c.firstPlace, &c.firstDelayed, &c.firstHeld, &c.firstMemo,
	}
}

// saveFIFO writes a FIFO queue's counts and what changed in its groups.
func (m *Machine) saveFIFO(q *queue) {
	f := q.fifo
	m.saveGroups(q)
	f.heldCount = uint64(f.held.len())
	c := fifoRecord{fifoCounts: f.fifoCounts}
	if f.ready.len() > 0 {
		c.firstReady = f.ready.at(0)
	}
	if f.line.len() > 0 {
		c.firstPlace = f.line.at(0).ordinal
	}
	if f.delayed.len() > 0 {
		c.firstDelayed = f.delayed.at(0).ordinal
	}
	if f.held.len() > 0 {
		c.firstHeld = f.held.min().number
	}
	if f.memos.len() > 0 {
		c.firstMemo = f.memos.at(0).number
	}
	m.value = c.append(m.value[:0])
	m.store.Set(queueKey(m.key[:0], classFIFO, q.id), m.value)
}

// loadFIFO reads what a FIFO queue keeps in memory.
func (m *Machine) loadFIFO(q *queue) {
	value, err := m.store.Get(queueKey(m.key[:0], classFIFO, q.id))
	m.check(err)
	c, err := parseFIFO(value)
	m.check(err)
	if m.err != nil {
		return
	}
	f := q.fifo
	f.fifoCounts = c.fifoCounts
	if f.readyCount > 0 {
		f.ready.reset(c.firstReady)
		refill(m, q, &f.ready, parseReady)
	}
	if f.messages > 0 {
		f.line.reset(place{ordinal: c.firstPlace})
		refill(m, q, &f.line, parsePlace)
	}
	if c.firstDelayed > 0 {
		f.delayed.reset(place{ordinal: c.firstDelayed})
		refill(m, q, &f.delayed, parsePlace)
	}
	if f.memoCount > 0 {
		f.memos.reset(memo{number: c.firstMemo})
		refill(m, q, &f.memos, parseMemo)
	}
	if f.heldCount > 0 {
		m.loadHeld(q, c.firstHeld)
	}
	m.checkGroups(q)
}

// loadHeld reads the groups with messages in flight.
func (m *Machine) loadHeld(q *queue, first uint64) {
	f := q.fifo
	var names []string
	m.each(numberKey(nil, classHeld, q.id, first), queueKey(nil, classHeld, q.id+1), func(_, value []byte) error {
		name, err := parseName(value)
		names = append(names, name)
		return err
	})
	for _, name := range names {
		g := m.group(q, name)
		if g == nil || g.hidden == 0 {
			m.breach("group %q of queue %s has nothing in flight", name, q.name)
			return
		}
		f.held.push(g)
		for _, d := range g.received {
			if d.isHidden(m.now) {
				q.inFlight.push(d)
				f.flying[d.ordinal] = d
			}
		}
	}
	if f.held.len() != int(f.heldCount) {
		m.breach("queue %s has %d groups with messages in flight, not %d", q.name, f.held.len(), f.heldCount)
	}
}

// removeGroups removes all messages of a FIFO queue, and what is remembered, from the store.
func (m *Machine) removeGroups(q *queue) {
	f := q.fifo
	m.saveGroups(q)
	messages, memos := f.messages > 0, f.memoCount > 0
	holds := map[byte]bool{
		classAttempt: memos, classMemo: memos, classSend: memos,
		classMember: messages, classMessage: messages, classPlace: messages,
		classMessageGroup: messages || f.away > 0, classHeld: f.held.len() > 0, classReady: f.readyCount > 0,
	}
	for _, class := range fifoClasses {
		if holds[class] {
			m.store.DeleteRange(queueKey(nil, class, q.id), queueKey(nil, class, q.id+1))
		}
	}
}

// purgeGroups forgets all that a FIFO queue held.
func (q *queue) purgeGroups(now wire.Time) {
	before := q.fifo.fifoCounts
	q.fifo = newFIFO()
	q.fifo.era, q.fifo.serves, q.fifo.memoNext = before.era+1, before.serves, before.memoNext
	q.fifo.delayedFrom, q.fifo.swept = q.next, now
}
