package queue

import "sqsd/wire"

// purgeQueue removes everything that is stored at this instant, without looking at it.
func (m *Machine) purgeQueue(q *queue) Result {
	if q.purged != never && m.now-q.purged < wire.Time(m.limits.PurgeWindow) {
		return refused(wire.Errorf(wire.PurgeQueueInProgress,
			"Only one PurgeQueue operation on %s is allowed every %d seconds.", q.name, m.limits.PurgeWindow/1000))
	}
	if q.inFlight.len() > 0 {
		m.mark(markPurgedInFlight)
	}
	q.purged = m.now
	m.saveCatalog(q)
	m.removeContent(q)
	q.fresh = fresh{next: q.next, cursor: q.next}
	q.later = later{branches: q.branches}
	q.moved = moved{purgedMoves: m.post.moves}
	q.tenants = tenants{}
	q.received = newReceived()
	if q.fifo != nil {
		q.purgeGroups(m.now)
	}
	return done()
}

// removeContent removes all messages of a queue, and what is known of them, from the store. Classes that hold nothing
// are left alone: a range deletion costs reads until it is compacted away.
func (m *Machine) removeContent(q *queue) {
	if q.fifo != nil {
		m.removeGroups(q)
		return
	}
	isFresh, received := q.freshCount() > 0, len(q.deliveries) > 0
	held := map[byte]bool{
		classArrival:  q.arrivalCount > 0,
		classAge:      q.ageCount > 0,
		classMessage:  isFresh || received || q.lateCount > 0,
		classRun:      isFresh,
		classDelayed:  q.waitingCount > 0 || q.lateCount > 0 || q.ageCount > 0 || q.shownCount > 0 || received,
		classTimer:    q.waitingCount > 0,
		classLate:     q.lateCount > 0,
		classDelivery: received || q.shownCount > 0,
		classTurn:     q.shownCount > 0,
		classShown:    q.shownCount > 0,
		classByTenant: q.shownCount > 0,
		classTenant:   q.shownCount > 0,
	}
	for _, class := range contentClasses {
		if held[class] {
			m.store.DeleteRange(queueKey(nil, class, q.id), queueKey(nil, class, q.id+1))
		}
	}
}
