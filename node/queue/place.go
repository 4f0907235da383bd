package queue

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"sqsd/wire"
)

// place is a message's place among all messages of a FIFO queue.
type place struct {
	ordinal uint64
	sent    wire.Time
	group   string
}

func (p place) compare(o place) int { return cmp.Compare(p.ordinal, o.ordinal) }

func (p place) key(dst []byte, id ID) []byte { return numberKey(dst, classPlace, id, p.ordinal) }

func (p place) append(dst []byte) []byte {
	return appendString(appendTime(appendRecord(dst), p.sent), p.group)
}

func parsePlace(key, value []byte) (place, error) {
	ordinal, ok := parseNumber(key, queueKeyLen)
	if !ok {
		return place{}, fmt.Errorf("place key: %w", errShort)
	}
	r := openRecord(string(value))
	p := place{ordinal, r.time(), r.string()}
	return p, closeRecord(&r, "place")
}

// enqueue stores a message of now behind all others, and gives it an ordinal. If it came from another queue, first and
// count are what is known of its receipts there. A FIFO queue's delay is for every message that was not received in it.
func (m *Machine) enqueue(q *queue, record *messageRecord, first wire.Time, count uint32) uint64 {
	f := q.fifo
	p := place{q.next, m.now, record.group}
	q.next++
	q.cursor = q.next
	record.sent, record.due = m.now, m.now
	m.value = record.append(m.value[:0])
	m.store.Set(messageKey(m.key[:0], q.id, position{p.ordinal, trunk}), m.value)
	m.addPlace(q, p)

	g := m.group(q, p.group)
	if g == nil {
		g = m.beginGroup(q, p.group, p.ordinal)
	}
	m.addMember(q, g, member{p.ordinal, first, count})
	if q.delay == 0 {
		g.due++
		f.delayedFrom = q.next
	} else {
		f.delayed.add(p)
		f.waiting++
	}
	m.regroup(q, g)
	return p.ordinal
}

func (m *Machine) addPlace(q *queue, p place) {
	m.value = p.append(m.value[:0])
	m.store.Set(p.key(m.key[:0], q.id), m.value)
	q.fifo.line.add(p)
	q.fifo.messages++
}

// removePlace removes what is stored of a message that is in no group any more.
func (m *Machine) removePlace(q *queue, ordinal uint64) {
	f, p := q.fifo, place{ordinal: ordinal}
	m.store.SingleDelete(messageKey(m.key[:0], q.id, position{ordinal, trunk}))
	m.store.SingleDelete(p.key(m.key[:0], q.id))
	f.line.remove(p)
	f.delayed.remove(p)
	f.messages--
	refill(m, q, &f.line, parsePlace)
	refill(m, q, &f.delayed, parsePlace)
}

// endGroupDelays lets go the messages whose delay is over. It counts them.
func (m *Machine) endGroupDelays(q *queue) (n int) {
	f := q.fifo
	for f.delayed.len() > 0 && f.delayed.at(0).sent+q.queueDelay() <= m.now && m.err == nil {
		p := f.delayed.at(0)
		f.delayed.pop()
		f.delayedFrom = p.ordinal + 1
		refill(m, q, &f.delayed, parsePlace)
		if g := m.groupOf(q, p); g != nil && g.awaits(p.ordinal) {
			g.due++
			f.waiting--
			m.regroup(q, g)
		}
		n++
	}
	if f.delayed.len() == 0 {
		f.delayedFrom = q.next
	}
	return n
}

// groupOf is the group of a message that is stored.
func (m *Machine) groupOf(q *queue, p place) *group {
	g := m.group(q, p.group)
	if g == nil {
		m.breach("queue %s has message %d of group %q, but no such group", q.name, p.ordinal, p.group)
	}
	return g
}

// awaits says that a message of the group was never received.
func (g *group) awaits(ordinal uint64) bool { return g.unreceived > 0 && ordinal >= g.first.ordinal }

// changeDelay makes a queue's new delay good for all messages that were never received (sqs-semantics 4.1). Its work
// grows with the messages sent within the delay.
func (m *Machine) changeDelay(q *queue) {
	f := q.fifo
	since, end := m.delayedSince(q), f.delayedFrom
	if since < end {
		m.mark(markDelayRaised)
		f.delayedFrom = since
		f.delayed.reset(place{ordinal: since})
		refill(m, q, &f.delayed, parsePlace)
		m.eachPlace(q, since, end, func(p place) {
			if g := m.groupOf(q, p); g != nil && g.awaits(p.ordinal) {
				g.due--
				f.waiting++
				m.regroup(q, g)
			}
		})
	}
	m.endGroupDelays(q)
}

// delayedSince is the ordinal from which on messages are within their delay.
func (m *Machine) delayedSince(q *queue) uint64 {
	f, since := q.fifo, m.now-q.queueDelay()
	if f.messages == 0 {
		return q.next
	}
	first := f.line.at(0).ordinal
	steps := sort.Search(int(q.next-first), func(i int) bool {
		p, ok := m.placeFrom(q, first+uint64(i))
		return !ok || p.sent > since
	})
	return first + uint64(steps)
}

// placeFrom is the first place at an ordinal or behind it.
func (m *Machine) placeFrom(q *queue, ordinal uint64) (p place, ok bool) {
	var bad error
	lo, hi := numberKey(nil, classPlace, q.id, ordinal), queueKey(nil, classPlace, q.id+1)
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		p, bad = parsePlace(key, value)
		ok = bad == nil
		return false
	})
	m.check(err)
	m.check(bad)
	return p, ok
}

// eachPlace calls f with the places from one ordinal up to another. f may change the queue, but not its places.
func (m *Machine) eachPlace(q *queue, from, to uint64, f func(place)) {
	for more := true; more && m.err == nil; {
		var some []place
		var bad error
		lo, hi := numberKey(nil, classPlace, q.id, from), numberKey(nil, classPlace, q.id, to)
		err := m.store.Scan(lo, hi, func(key, value []byte) bool {
			p, err := parsePlace(key, value)
			some, from, bad = append(some, p), p.ordinal+1, err
			return err == nil && len(some) < headSize
		})
		m.check(err)
		m.check(bad)
		more = len(some) == headSize
		for i := 0; i < len(some) && m.err == nil; i++ {
			f(some[i])
		}
	}
}

// expireInGroups removes the messages whose retention is over, whatever their state. They are the oldest of the queue.
func (m *Machine) expireInGroups(q *queue) (n int) {
	f, limit := q.fifo, m.now-q.retention
	for ; f.line.len() > 0 && f.line.at(0).sent <= limit && m.err == nil; n++ {
		p := f.line.at(0)
		if g := m.groupOf(q, p); g != nil {
			m.expireMember(q, g, p.ordinal)
		}
	}
	return n
}

func (m *Machine) expireMember(q *queue, g *group, ordinal uint64) {
	i := slices.IndexFunc(g.received, func(d *delivery) bool { return d.ordinal == ordinal })
	if i >= 0 {
		if g.received[i].isHidden(m.now) {
			m.mark(markExpiredInFlight)
		}
		m.removeReceived(q, g.received[i])
		return
	}
	if g.unreceived == 0 || g.first.ordinal != ordinal {
		m.breach("message %d of group %q of queue %s expired, but is not the oldest", ordinal, g.name, q.name)
		return
	}
	m.mark(markExpiredInGroup)
	m.dropFirst(q, g)
	m.removePlace(q, ordinal)
	m.regroup(q, g)
}
