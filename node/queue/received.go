package queue

import "sqsd/wire"

// received is the messages that were received at least once and not deleted. Each is either in flight or visible
// again.
//
// Their number is what bounds the machine's memory. A fresh message is received only while no received message is
// visible again, because those stand before it, and while fewer than Limits.MaxInFlight are in flight: so at most
// MaxInFlight of them were sent without a delay. Those that were sent with one come on top.
type received struct {
	deliveries map[position]*delivery
	byAge      heap[*delivery] // all of them, in send order
	inFlight   heap[*delivery] // by end of their timeout
	again      heap[*delivery] // in send order
}

// delivery is a received message and the last receipt of it.
type delivery struct {
	position
	sent      wire.Time
	first     wire.Time // first receipt
	last      wire.Time // last receipt
	visibleAt wire.Time
	count     uint32 // receipts
	token     uint64 // of the last receipt

	age, turn int // in received.byAge, and in inFlight or again
}

func newReceived() received {
	inOrder := func(a, b *delivery) bool { return a.position.compare(b.position) < 0 }
	turn := func(d *delivery) *int { return &d.turn }
	return received{
		deliveries: map[position]*delivery{},
		byAge:      heap[*delivery]{less: inOrder, slot: func(d *delivery) *int { return &d.age }},
		inFlight:   heap[*delivery]{less: visibleBefore, slot: turn},
		again:      heap[*delivery]{less: inOrder, slot: turn},
	}
}

func visibleBefore(a, b *delivery) bool {
	if a.visibleAt != b.visibleAt {
		return a.visibleAt < b.visibleAt
	}
	return a.position.compare(b.position) < 0
}

// put files a delivery for the first time.
func (r *received) put(d *delivery, now wire.Time) {
	r.deliveries[d.position] = d
	r.byAge.push(d)
	r.turn(d, now).push(d)
}

// turn is the heap that a delivery belongs to besides byAge.
func (r *received) turn(d *delivery, now wire.Time) *heap[*delivery] {
	if d.visibleAt > now {
		return &r.inFlight
	}
	return &r.again
}

// hide sets when a delivery becomes visible.
func (m *Machine) hide(q *queue, d *delivery, until wire.Time) {
	q.turn(d, m.now).remove(d)
	d.visibleAt = until
	q.turn(d, m.now).push(d)
	m.saveAgain(q, d)
}

// save writes a delivery's record for the first time.
func (m *Machine) save(q *queue, d *delivery) {
	m.value = d.append(m.value[:0])
	m.store.Set(positionKey(m.key[:0], classDelivery, q.id, d.position), m.value)
}

// saveAgain writes a delivery's record over an earlier one.
func (m *Machine) saveAgain(q *queue, d *delivery) {
	m.store.SingleDelete(positionKey(m.key[:0], classDelivery, q.id, d.position))
	m.save(q, d)
}

// discard removes a received message for good.
func (m *Machine) discard(q *queue, d *delivery) {
	delete(q.deliveries, d.position)
	q.byAge.remove(d)
	q.turn(d, m.now).remove(d)
	m.store.SingleDelete(positionKey(m.key[:0], classDelivery, q.id, d.position))
	m.store.SingleDelete(messageKey(m.key[:0], q.id, d.position))
}
