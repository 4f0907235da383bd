package queue

import "sqsd/wire"

// received is the messages that were received at least once and not deleted. Each is either in flight or visible again;
// those with a message group id are here only while they are in flight, and shown when they are visible again.
//
// Their number is what bounds the machine's memory. Of the messages without a message group id, a fresh one is received
// only while no received one is visible again, because those stand before it, and while fewer than Limits.MaxInFlight
// are in flight: so at most MaxInFlight of them were sent without a delay. Those that were sent with one come on top.
type received struct {
	deliveries map[position]*delivery
	byAge      heap[*delivery] // those that were sent to this queue, in send order
	byArrival  heap[*delivery] // those that came from another one, in send order
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
	moved     bool   // it came from another queue
	stays     bool   // its dead-letter queue refused it: it is delivered once more before it is moved again
	tenant    string // message group id in a standard queue

	// In FIFO queues only; sent, moved, age are not used there.
	group   *group
	attempt uint64 // memo of the receive that can be repeated; 0 if none, or if the delivery was changed since
	leaving bool   // it is on its way to another group, and holds its place

	age, index int // in received.byAge or byArrival, and in inFlight or again
}

func newReceived() received {
	inOrder := func(a, b *delivery) bool { return a.position.compare(b.position) < 0 }
	age := func(d *delivery) *int { return &d.age }
	index := func(d *delivery) *int { return &d.index }
	return received{
		deliveries: map[position]*delivery{},
		byAge:      heap[*delivery]{less: inOrder, slot: age},
		byArrival:  heap[*delivery]{less: inOrder, slot: age},
		inFlight:   heap[*delivery]{less: visibleBefore, slot: index},
		again:      heap[*delivery]{less: inOrder, slot: index},
	}
}

func visibleBefore(a, b *delivery) bool {
	if a.visibleAt != b.visibleAt {
		return a.visibleAt < b.visibleAt
	}
	return a.position.compare(b.position) < 0
}

// put files a delivery for the first time, and saves it.
func (m *Machine) put(q *queue, d *delivery) {
	q.enter(d)
	m.file(q, d)
	m.save(q, d)
}

// file puts a delivery among those in flight or those that are visible again, and unfile takes it away from there.
func (m *Machine) file(q *queue, d *delivery) {
	switch {
	case d.isTimed(m.now):
	case d.tenant == "":
		q.awaitTurn()
	default:
		q.leave(d)
		m.show(q, d.tenant, tenantMessage{d.position, d.sent, true})
		return
	}
	q.side(d, m.now).push(d)
}

func (m *Machine) unfile(q *queue, d *delivery) {
	if d.tenant == "" || d.isTimed(m.now) {
		q.side(d, m.now).remove(d)
	} else {
		t, _ := m.tenant(q, d.tenant)
		m.unshow(q, t, d.position, t.stamp)
		q.enter(d)
	}
}

// enter makes a delivery known, leave forgets it.
func (r *received) enter(d *delivery) {
	r.deliveries[d.position] = d
	r.kin(d).push(d)
}

func (r *received) leave(d *delivery) {
	delete(r.deliveries, d.position)
	r.kin(d).remove(d)
}

// kin is the heap of all deliveries of a kind.
func (r *received) kin(d *delivery) *heap[*delivery] {
	if d.moved {
		return &r.byArrival
	}
	return &r.byAge
}

// firstReceived is the first position of all deliveries. There must be one.
func (r *received) firstReceived() position {
	switch {
	case r.byAge.len() == 0:
		return r.byArrival.min().position
	case r.byArrival.len() == 0 || r.byAge.min().compare(r.byArrival.min().position) < 0:
		return r.byAge.min().position
	}
	return r.byArrival.min().position
}

// side is the one of inFlight and again that a delivery belongs to.
func (r *received) side(d *delivery, now wire.Time) *heap[*delivery] {
	if d.isTimed(now) {
		return &r.inFlight
	}
	return &r.again
}

// isTimed says whether a delivery's visibility timeout is running.
func (d *delivery) isTimed(now wire.Time) bool { return d.visibleAt > now }

// hide sets when a delivery becomes visible.
func (m *Machine) hide(q *queue, d *delivery, until wire.Time) {
	moves := d.isTimed(m.now) || until > m.now
	if moves {
		m.unfile(q, d)
	}
	d.visibleAt = until
	if moves {
		m.file(q, d)
	}
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
	m.unfile(q, d)
	m.erase(q, d, true)
}

// erase removes for good a message that was taken out of its set; known says that it was received before.
func (m *Machine) erase(q *queue, d *delivery, known bool) {
	if q.fifo != nil {
		m.removeReceived(q, d)
		return
	}
	if known {
		q.leave(d)
		m.store.SingleDelete(positionKey(m.key[:0], classDelivery, q.id, d.position))
	}
	if d.moved {
		m.removeAge(q, age{d.sent, d.position})
	}
	m.store.SingleDelete(messageKey(m.key[:0], q.id, d.position))
}
