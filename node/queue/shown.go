package queue

import (
	"errors"
	"fmt"

	"sqsd/node/disk"
	"sqsd/wire"
)

// shownMessage is a visible message that was sent with a message group id, in send order among those of all tenants. It is
// also kept by tenant. If it was received before, or in another queue, its delivery is in the store and not in memory.
type shownMessage struct {
	position
	sent   wire.Time
	tenant string
}

func (s shownMessage) compare(o shownMessage) int { return s.position.compare(o.position) }

func (s shownMessage) key(dst []byte, id ID) []byte {
	return positionKey(dst, classShown, id, s.position)
}

func (s shownMessage) append(dst []byte) []byte {
	return appendString(appendTime(appendRecord(dst), s.sent), s.tenant)
}

func parseShown(key, value []byte) (shownMessage, error) {
	p, ok := parsePosition(key)
	if !ok {
		return shownMessage{}, fmt.Errorf("shown message key: %w", errShort)
	}
	r := openRecord(string(value))
	s := shownMessage{p, r.time(), r.string()}
	return s, closeRecord(&r, "shown message")
}

// tenantMessage is a shown message among those of its tenant.
type tenantMessage struct {
	position
	sent     wire.Time
	received bool // it has a delivery
}

func (s tenantMessage) append(dst []byte) []byte {
	return appendBool(appendTime(appendRecord(dst), s.sent), s.received)
}

// parseTenantMessage reads a tenant's message and the name of the tenant.
func parseTenantMessage(key, value []byte) (s tenantMessage, tenant string, err error) {
	p, ok := parsePosition(key)
	if !ok || len(key) < queueKeyLen+1+16 {
		return s, "", fmt.Errorf("tenant message key: %w", errShort)
	}
	r := openRecord(string(value))
	s = tenantMessage{p, r.time(), r.bool()}
	return s, string(key[queueKeyLen : len(key)-1-16]), closeRecord(&r, "tenant message")
}

// show makes a tenant's message visible.
func (m *Machine) show(q *queue, tenant string, s tenantMessage) {
	shown := shownMessage{s.position, s.sent, tenant}
	m.value = shown.append(m.value[:0])
	m.store.Set(shown.key(m.key[:0], q.id), m.value)
	m.value = s.append(m.value[:0])
	m.store.Set(tenantMessageKey(m.key[:0], q.id, tenant, s.position), m.value)
	q.shown.add(shown)
	q.shownCount++
	m.lineUp(q, tenant, s.position)
}

// takeShown takes a message that is the first in send order of all tenants', and changes no stamp.
func (m *Machine) takeShown(q *queue) (d *delivery, known bool) {
	first := q.shown.at(0)
	t, ok := m.tenant(q, first.tenant)
	if !ok {
		m.breach("queue %s has message %v of tenant %q, which it does not know", q.name, first.position, first.tenant)
		return nil, false
	}
	return m.takeFrom(q, t, first.position, t.stamp)
}

// takeFrom takes a shown message of a tenant, which gets a stamp if it has others; known says that it was received before.
func (m *Machine) takeFrom(q *queue, t tenant, at position, stamp uint64) (d *delivery, known bool) {
	own := m.unshow(q, t, at, stamp)
	if !own.received {
		return &delivery{position: at, sent: own.sent, tenant: t.name}, false
	}
	if d = m.readDelivery(q, at); d == nil {
		m.breach("queue %s has no delivery of message %v", q.name, at)
		return nil, false
	}
	q.enter(d)
	return d, true
}

// unshow takes a message out of the shown ones of a tenant, which gets a stamp if it has others.
func (m *Machine) unshow(q *queue, t tenant, at position, stamp uint64) tenantMessage {
	own, next, more := m.tenantMessage(q, t.name, at)
	if m.err != nil {
		return own
	}
	m.store.SingleDelete(positionKey(m.key[:0], classShown, q.id, at))
	m.store.SingleDelete(tenantMessageKey(m.key[:0], q.id, t.name, at))
	q.shown.remove(shownMessage{position: at})
	q.shownCount--
	refill(m, q, &q.shown, parseShown)
	oldest := t.position
	if at == oldest {
		oldest = next
	}
	m.moveUp(q, t, tenant{stamp, oldest, t.name}, more || at != t.position)
	return own
}

// tenantMessage reads a shown message of a tenant and where the next one is, if there are more.
func (m *Machine) tenantMessage(q *queue, tenant string, at position) (own tenantMessage, next position, more bool) {
	var bad error
	found := 0
	lo, hi := tenantMessageKey(nil, q.id, tenant, at), tenantMessageKey(nil, q.id, tenant, lastPosition)
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		var s tenantMessage
		if s, _, bad = parseTenantMessage(key, value); bad != nil {
			return false
		}
		if found++; found == 1 {
			own = s
			return true
		}
		next, more = s.position, true
		return false
	})
	m.check(err)
	m.check(bad)
	if m.err == nil && (found == 0 || own.position != at) {
		m.breach("tenant %q of queue %s has no message %v", tenant, q.name, at)
	}
	return own, next, more
}

// delivery finds a message that was received; nil if there is none at a position. The deliveries of shown messages are not
// in memory.
func (m *Machine) delivery(q *queue, p position) *delivery {
	d := q.deliveries[p]
	if d == nil && q.shownCount > 0 && p.delayed() {
		d = m.readDelivery(q, p)
	}
	return d
}

// readDelivery reads a delivery; nil if there is none at a position.
func (m *Machine) readDelivery(q *queue, p position) *delivery {
	key := positionKey(m.key[:0], classDelivery, q.id, p)
	value, err := m.store.Get(key)
	if errors.Is(err, disk.ErrNotFound) {
		return nil
	}
	m.check(err)
	if m.err != nil {
		return nil
	}
	d, err := parseDelivery(key, value)
	m.check(err)
	return d
}

// expireShown removes the messages sent at or before limit that came from no other queue: they were sent in the order of
// their positions, and those that did come from another one were sent earlier than they stand. It counts them.
func (m *Machine) expireShown(q *queue, limit wire.Time) (n int) {
	for ; q.shown.len() > 0 && q.shown.at(0).sent <= limit && m.err == nil; n++ {
		if d, known := m.takeShown(q); d != nil {
			m.erase(q, d, known)
		}
	}
	return n
}
