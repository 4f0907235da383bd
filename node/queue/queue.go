package queue

import "sqsd/wire"

const second wire.Time = 1000

// queue is one incarnation of a queue.
//
// Every message is in one of these sets: fresh (never received, sent without a delay), waiting (delay not over), late
// (delay over, never received), arrivals (came from another queue, never received since), shown (visible, sent with a
// message group id), in flight (received, hidden), again (received, visible again). The first five are in the store, with
// a head in memory; the others are in memory, with a record in the store.
type queue struct {
	id ID
	catalogRecord
	settings
	fresh
	later
	moved
	tenants
	received
	fifo  *fifo   // nil for standard queues
	tasks []*task // the last move tasks whose source it is, the newest at the end

	due     wire.Time // when something happens by time next, or never
	timer   int       // in Machine.timers
	seen    int       // how many messages were visible when touched last
	deleted bool

	dirty    bool // in Machine.dirty
	reported bool // in Machine.changed
}

func newQueue(id ID, c catalogRecord, s settings) *queue {
	q := &queue{id: id, catalogRecord: c, settings: s, received: newReceived(), due: never}
	if wire.IsFIFO(c.name) {
		q.fifo = newFIFO()
		q.next, q.cursor = firstOrdinal, firstOrdinal
	}
	return q
}

// stored is how many messages a receive could take if there were no limit.
// Of a FIFO queue it is how many are neither in flight nor delayed, whether or not their group is held up.
func (q *queue) stored() int {
	if q.fifo != nil {
		return int(q.fifo.messages-q.fifo.waiting) - q.inFlight.len()
	}
	return q.visibleUngrouped() + int(q.shownCount)
}

// visibleUngrouped is how many visible messages of a standard queue have no message group id.
func (q *queue) visibleUngrouped() int {
	return q.freshCount() + q.lateCount + q.arrivalCount + q.again.len()
}

// delayed is how many messages wait for the end of their delay.
func (q *queue) delayed() int {
	if q.fifo != nil {
		return int(q.fifo.waiting)
	}
	return q.waitingCount
}

// visible is how many messages a receive could take.
func (q *queue) visible(maxInFlight int) int {
	open := q.stored()
	if q.fifo != nil {
		open = int(q.fifo.open)
	}
	return max(0, min(open, maxInFlight-q.inFlight.len()))
}

// nextDue is when something happens by time next.
func (q *queue) nextDue() wire.Time {
	due := never
	if q.inFlight.len() > 0 {
		due = min(due, q.inFlight.min().visibleAt)
	}
	if q.byAge.len() > 0 {
		due = min(due, q.byAge.min().sent+q.retention)
	}
	if q.runs.len() > 0 {
		due = min(due, q.runs.at(0).sent+q.retention)
	}
	if q.late.len() > 0 {
		due = min(due, q.late.at(0).sent+q.retention)
	}
	if q.shown.len() > 0 {
		due = min(due, q.shown.at(0).sent+q.retention)
	}
	if q.ages.len() > 0 {
		due = min(due, q.ages.at(0).sent+q.retention)
	}
	if q.waiting.len() > 0 {
		due = min(due, q.waiting.at(0).due)
	}
	if t := q.activeTask(); t != nil {
		due = min(due, t.due())
	}
	if q.mayExpireWaiting() {
		due = min(due, q.oldestSent+q.retention)
	}
	if q.fifo != nil {
		due = min(due, q.fifo.nextDueIn(q))
	}
	return due
}

// nextVisible is when a message that cannot be received now may become visible at the earliest. What is in flight holds
// others back until it expires: its group, or at the limit all of them.
func (q *queue) nextVisible(maxInFlight int) wire.Time {
	at := never
	if q.inFlight.len() > 0 {
		at = q.inFlight.min().visibleAt
		if q.fifo != nil && q.fifo.line.len() > 0 {
			at = min(at, q.fifo.line.at(0).sent+q.retention)
		}
		if q.inFlight.len() >= maxInFlight {
			if q.byAge.len() > 0 {
				at = min(at, q.byAge.min().sent+q.retention)
			}
			if q.ages.len() > 0 {
				at = min(at, q.ages.at(0).sent+q.retention)
			}
		}
	}
	if q.waiting.len() > 0 {
		at = min(at, q.waiting.at(0).due)
	}
	if q.fifo != nil && q.fifo.delayed.len() > 0 {
		at = min(at, q.fifo.delayed.at(0).sent+q.queueDelay())
	}
	return at
}

func dueBefore(a, b *queue) bool { return a.due < b.due || a.due == b.due && a.id < b.id }

func timerSlot(q *queue) *int { return &q.timer }
