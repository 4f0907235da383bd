package queue

import (
	"errors"
	"fmt"

	"sqsd/node/disk"
	"sqsd/wire"
)

// tenants is the messages that were sent to a standard queue with a message group id and without a delay, and never
// received. They stand in the send order like delayed ones, and are kept by tenant, which is what the message group id
// names, so that the messages of one can be passed over (fair queues, sqs-semantics 4.9 and section 9, row 26).
type tenants struct {
	fronts     head[front]
	frontCount int
	crowd      int // messages of all tenants
}

// front is the oldest of a tenant's messages. The others are behind it.
type front struct {
	position
	sent   wire.Time
	tenant string
}

const (
	// noisyInFlight and noisyShare say when a tenant is noisy: it has at least so many messages in flight, and more than
	// one of so many that are.
	noisyInFlight = 30
	noisyShare    = 10
)

func (f front) compare(o front) int { return f.position.compare(o.position) }

func (f front) key(dst []byte, id ID) []byte { return positionKey(dst, classFront, id, f.position) }

func (f front) append(dst []byte) []byte {
	return appendString(appendTime(appendRecord(dst), f.sent), f.tenant)
}

func parseFront(key, value []byte) (front, error) {
	p, ok := parsePosition(key)
	if !ok {
		return front{}, fmt.Errorf("front key: %w", errShort)
	}
	r := openRecord(string(value))
	f := front{p, r.time(), r.string()}
	return f, closeRecord(&r, "front")
}

// isNoisy says whether a tenant's messages are received only when there are no others.
func (q *queue) isNoisy(tenant string) bool {
	n := q.flying[tenant]
	return n >= noisyInFlight && n*noisyShare > q.inFlight.len()
}

// fairest is the place of the message that a receive takes first: the first visible one in send order, but those of noisy
// tenants that were never received only if there is no other, the tenant with the fewest messages in flight first. As
// each noisy tenant has its share of the messages in flight, there are fewer than noisyShare to be passed over.
func (q *queue) fairest(at position, in visibleSet) (position, visibleSet) {
	noisy := -1
	for i := range q.fronts.len() {
		f := q.fronts.at(i)
		switch {
		case !q.isNoisy(f.tenant):
			if in == inNone || f.position.compare(at) < 0 {
				at, in = f.position, inFronts
			}
			return at, in
		case noisy < 0 || q.flying[f.tenant] < q.flying[q.fronts.at(noisy).tenant]:
			noisy = i
		}
	}
	if in == inNone && noisy >= 0 {
		return q.fronts.at(noisy).position, inFronts
	}
	return at, in
}

// addForTenant gives a position to a message that is sent now.
func (m *Machine) addForTenant(q *queue, tenant string) position {
	f := front{position{q.next, q.branches}, m.now, tenant}
	q.branches++
	q.crowd++
	value, err := m.store.Get(tenantKey(m.key[:0], q.id, tenant))
	switch {
	case err == nil:
		m.check(parseTenant(value))
		m.value = appendSent(m.value[:0], f.sent)
		m.store.Set(behindKey(m.key[:0], q.id, tenant, f.position), m.value)
	case errors.Is(err, disk.ErrNotFound):
		m.value = appendRecord(m.value[:0])
		m.store.Set(tenantKey(m.key[:0], q.id, tenant), m.value)
		m.addFront(q, f)
	default:
		m.check(err)
	}
	return f.position
}

func (m *Machine) addFront(q *queue, f front) {
	m.value = f.append(m.value[:0])
	m.store.Set(f.key(m.key[:0], q.id), m.value)
	q.fronts.add(f)
	q.frontCount++
}

// takeFront takes a tenant's oldest message, which must be at hand. The next one moves up.
func (m *Machine) takeFront(q *queue, at position) *delivery {
	i, found := q.fronts.find(front{position: at})
	if !found {
		m.breach("queue %s has no tenant with message %v at hand", q.name, at)
		return nil
	}
	f := q.fronts.items[i]
	if f != q.fronts.at(0) {
		m.mark(markPassedOver)
	}
	m.store.SingleDelete(f.key(m.key[:0], q.id))
	q.fronts.remove(f)
	q.frontCount--
	q.crowd--
	next, found := m.behind(q, f)
	if found {
		m.store.SingleDelete(behindKey(m.key[:0], q.id, f.tenant, next.position))
		m.addFront(q, next)
	} else {
		m.store.Delete(tenantKey(m.key[:0], q.id, f.tenant))
	}
	refillTo(m, q, &q.fronts, parseFront, 2*noisyShare)
	return &delivery{position: f.position, sent: f.sent, tenant: f.tenant}
}

// behind is the message of the same tenant that comes next.
func (m *Machine) behind(q *queue, f front) (next front, found bool) {
	var bad error
	lo, hi := behindKey(nil, q.id, f.tenant, f.position), behindKey(nil, q.id, f.tenant, lastPosition)
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		next, bad = parseBehind(key, value)
		found = bad == nil
		return false
	})
	m.check(err)
	m.check(bad)
	return next, found
}

func parseBehind(key, value []byte) (front, error) {
	p, ok := parsePosition(key)
	if !ok || len(key) < queueKeyLen+1+16 {
		return front{}, fmt.Errorf("behind key: %w", errShort)
	}
	sent, err := parseSent(value)
	return front{p, sent, string(key[queueKeyLen : len(key)-16-1])}, err
}

// parseTenant checks the record of a tenant, which says only that there is one.
func parseTenant(value []byte) error {
	r := openRecord(string(value))
	return closeRecord(&r, "tenant")
}

// expireForTenants removes the messages sent at or before limit. It counts them.
func (m *Machine) expireForTenants(q *queue, limit wire.Time) (n int) {
	for ; q.fronts.len() > 0 && q.fronts.at(0).sent <= limit && m.err == nil; n++ {
		d := m.takeFront(q, q.fronts.at(0).position)
		m.store.SingleDelete(messageKey(m.key[:0], q.id, d.position))
	}
	return n
}
