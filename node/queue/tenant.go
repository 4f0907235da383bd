package queue

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"

	"sqsd/node/disk"
)

// tenants is the visible messages of a standard queue that were sent with a message group id, and whose turn it is. The
// message group id names the tenant; all messages without one are a tenant too, which is not among those that are ready.
type tenants struct {
	shown head[shownMessage] // in send order
	ready head[tenant]       // that have shown messages, in the order of their turns
	tenantCounts
}

// tenantCounts is what a queue counts of its tenants. A queue that never had any has nothing to count.
type tenantCounts struct {
	shownCount, readyCount uint64
	takings                uint64 // so far, of which there was more than one tenant to choose from
	// stamp is that of the tenant without a message group id. It is up to date while that has a visible message.
	stamp uint64
}

// tenant is one that has visible messages, in the order of turns.
type tenant struct {
	stamp    uint64 // number of the taking that served it last, or of the last one before it had something to take
	position        // of its oldest visible message
	name     string
}

func (t tenant) compare(o tenant) int {
	return cmp.Or(cmp.Compare(t.stamp, o.stamp), t.position.compare(o.position))
}

func (t tenant) key(dst []byte, id ID) []byte {
	return appendPosition(numberKey(dst, classTurn, id, t.stamp), t.position)
}

func parseTurn(key, value []byte) (tenant, error) {
	p, ok := parsePosition(key)
	stamp, ok2 := parseNumber(key, queueKeyLen)
	if !ok || !ok2 {
		return tenant{}, fmt.Errorf("turn key: %w", errShort)
	}
	name, err := parseName(value)
	return tenant{stamp, p, name}, err
}

func (t tenant) append(dst []byte) []byte {
	return appendPlace(binary.AppendUvarint(appendRecord(dst), t.stamp), t.position)
}

func parseTenant(name string, value []byte) (tenant, error) {
	r := openRecord(string(value))
	t := tenant{r.uvarint(), r.place(), name}
	return t, closeRecord(&r, "tenant")
}

// nextInTurn is the place of the message that a receive takes next, which counts as taken.
func (q *queue) nextInTurn() (at position, in visibleSet) {
	at, in = q.firstUngrouped()
	if q.readyCount == 0 {
		q.stamp = q.takings
		return at, in
	}
	q.takings++
	if in == inNone || q.ready.at(0).compare(tenant{stamp: q.stamp, position: at}) < 0 {
		return q.ready.at(0).position, inTurn
	}
	q.stamp = q.takings
	return at, in
}

// takeInTurn takes the oldest message of the tenant whose turn it is.
func (m *Machine) takeInTurn(q *queue) (d *delivery, known bool) {
	t := q.ready.at(0)
	if t.position != q.shown.at(0).position {
		m.mark(markPassedOver)
	}
	return m.takeFrom(q, t, t.position, q.takings)
}

// awaitTurn is to be called before a message without a message group id becomes visible: if it is the only one of its
// tenant, that has waited since the last taking.
func (q *queue) awaitTurn() {
	if q.visibleUngrouped() == 0 {
		q.stamp = q.takings
	}
}

// lineUp takes note of a message of a tenant that has become visible.
func (m *Machine) lineUp(q *queue, name string, at position) {
	t, ok := m.tenant(q, name)
	switch {
	case !ok:
		m.putInLine(q, tenant{q.takings, at, name})
	case at.compare(t.position) < 0:
		m.moveUp(q, t, tenant{t.stamp, at, name}, true)
	}
}

// tenant finds a tenant that has visible messages.
func (m *Machine) tenant(q *queue, name string) (t tenant, ok bool) {
	value, err := m.store.Get(tenantKey(m.key[:0], q.id, name))
	if errors.Is(err, disk.ErrNotFound) {
		return tenant{}, false
	}
	m.check(err)
	if m.err != nil {
		return tenant{}, false
	}
	t, err = parseTenant(name, value)
	m.check(err)
	return t, err == nil
}

// moveUp gives a tenant another place in the order of turns, or none if it has no visible message left.
func (m *Machine) moveUp(q *queue, from, to tenant, stays bool) {
	if stays && from == to {
		return
	}
	m.store.SingleDelete(from.key(m.key[:0], q.id))
	q.ready.remove(from)
	q.readyCount--
	if stays {
		m.putInLine(q, to)
	} else {
		m.store.Delete(tenantKey(m.key[:0], q.id, from.name))
	}
	refill(m, q, &q.ready, parseTurn)
}

func (m *Machine) putInLine(q *queue, t tenant) {
	m.value = appendName(m.value[:0], t.name)
	m.store.Set(t.key(m.key[:0], q.id), m.value)
	m.value = t.append(m.value[:0])
	m.store.Set(tenantKey(m.key[:0], q.id, t.name), m.value)
	q.ready.add(t)
	q.readyCount++
}
