package queue

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"sqsd/wire"
)

// moved is the messages that a redrive policy moved here from another queue. They keep the time when they were sent
// first, so that their age has nothing to do with their place in the order of this queue. Those that were never
// received here are arrivals, the others are in received. One with a message group id is shown, with a delivery that says
// what is known of its receipts elsewhere.
type moved struct {
	arrivals     head[arrival]
	arrivalCount int
	ages         head[age] // of all of them
	ageCount     int
	purgedMoves  uint64 // Machine.moves when the queue was purged last
}

// arrival is a message that came from another queue and was never received since. It is visible.
type arrival struct {
	position
	sent  wire.Time
	first wire.Time // first receipt, in another queue
	count uint32    // receipts there
}

func (a arrival) compare(o arrival) int { return a.position.compare(o.position) }

func (a arrival) key(dst []byte, id ID) []byte { return positionKey(dst, classArrival, id, a.position) }

func (a arrival) append(dst []byte) []byte {
	dst = appendTime(appendTime(appendRecord(dst), a.sent), a.first)
	return binary.AppendUvarint(dst, uint64(a.count))
}

func parseArrival(key, value []byte) (arrival, error) {
	p, ok := parsePosition(key)
	if !ok {
		return arrival{}, fmt.Errorf("arrival key: %w", errShort)
	}
	r := openRecord(string(value))
	a := arrival{position: p, sent: r.time(), first: r.time(), count: uint32(r.uvarint())}
	return a, closeRecord(&r, "arrival")
}

// age is when a message that came from another queue was sent.
type age struct {
	sent wire.Time
	position
}

func (a age) compare(o age) int {
	if c := cmp.Compare(a.sent, o.sent); c != 0 {
		return c
	}
	return a.position.compare(o.position)
}

func (a age) key(dst []byte, id ID) []byte { return timedKey(dst, classAge, id, a.sent, a.position) }

func parseAge(key, value []byte) (age, error) {
	p, ok := parsePosition(key)
	sent, ok2 := parseNumber(key, queueKeyLen)
	if !ok || !ok2 {
		return age{}, fmt.Errorf("age key: %w", errShort)
	}
	r := openRecord(string(value))
	return age{wire.Time(sent), p}, closeRecord(&r, "age")
}

// addMoved stores a message that comes from another queue behind everything that is here. The caller has made sure
// that it is within the retention.
func (m *Machine) addMoved(q *queue, record *messageRecord, first wire.Time, count uint32) {
	p := position{q.next, q.branches}
	q.branches++
	m.value = record.append(m.value[:0])
	m.store.Set(messageKey(m.key[:0], q.id, p), m.value)
	m.addAge(q, age{record.sent, p})
	if record.group == "" {
		m.addArrival(q, arrival{p, record.sent, first, count})
		return
	}
	m.put(q, &delivery{
		position: p, sent: record.sent, first: first, last: first, visibleAt: m.now, count: count, token: m.random.Uint64(),
		moved: true, tenant: record.group,
	})
}

func (m *Machine) addArrival(q *queue, a arrival) {
	q.awaitTurn()
	m.value = a.append(m.value[:0])
	m.store.Set(a.key(m.key[:0], q.id), m.value)
	q.arrivals.add(a)
	q.arrivalCount++
}

func (m *Machine) addAge(q *queue, g age) {
	m.value = appendRecord(m.value[:0])
	m.store.Set(g.key(m.key[:0], q.id), m.value)
	q.ages.add(g)
	q.ageCount++
}

// takeArrival takes the first arrival.
func (m *Machine) takeArrival(q *queue) *delivery {
	a := q.arrivals.at(0)
	m.removeArrival(q, a)
	return &delivery{position: a.position, sent: a.sent, first: a.first, count: a.count, moved: true}
}

func (m *Machine) removeArrival(q *queue, a arrival) {
	m.store.SingleDelete(a.key(m.key[:0], q.id))
	q.arrivals.remove(a)
	q.arrivalCount--
	refill(m, q, &q.arrivals, parseArrival)
}

func (m *Machine) removeAge(q *queue, g age) {
	m.store.SingleDelete(g.key(m.key[:0], q.id))
	q.ages.remove(g)
	q.ageCount--
	refill(m, q, &q.ages, parseAge)
}

// expireMoved removes the messages sent at or before limit that came from other queues. It counts them.
func (m *Machine) expireMoved(q *queue, limit wire.Time) (n int) {
	for ; q.ages.len() > 0 && q.ages.at(0).sent <= limit && m.err == nil; n++ {
		m.mark(markExpiredMoved)
		g := q.ages.at(0)
		if d := m.delivery(q, g.position); d != nil {
			m.discard(q, d)
			continue
		}
		m.removeArrival(q, arrival{position: g.position})
		m.removeAge(q, g)
		m.store.SingleDelete(messageKey(m.key[:0], q.id, g.position))
	}
	return n
}
