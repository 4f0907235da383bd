package model

import (
	"cmp"
	"math"

	"sqsd/wire"
)

// never is after every time that comes.
const never wire.Time = math.MaxInt64 / 2

// advance goes on to a time. What happens until then happens in each queue at its own time.
func (s *Spec) advance(until wire.Time) {
	for {
		next := s.nextDue(until)
		if next == nil {
			break
		}
		s.now = max(s.now, next.due())
		s.expire(next)
		if t := next.active(); t != nil && t.due() <= s.now {
			s.stepTask(next, t)
		}
	}
	s.now = until
}

// nextDue is the queue in which something happens next, by a time; nil if there is none. Of several at one time it is the
// one that was created first.
func (s *Spec) nextDue(until wire.Time) (next *queueState) {
	for _, q := range s.queues {
		if q.due() <= until && (next == nil || cmp.Or(cmp.Compare(q.due(), next.due()), q.serial-next.serial) < 0) {
			next = q
		}
	}
	return next
}

// due is when a message of the queue may pass its retention next, or its task goes on.
func (q *queueState) due() wire.Time {
	due := q.oldest + q.seconds(wire.AttrMessageRetentionPeriod)
	if t := q.active(); t != nil {
		due = min(due, t.due())
	}
	return due
}

// expire removes what is past its retention: a message is gone once now ≥ sent + period, in flight or not.
func (s *Spec) expire(q *queueState) {
	period := q.seconds(wire.AttrMessageRetentionPeriod)
	if s.now < q.oldest+period {
		return
	}
	q.oldest = never                   // there may be none
	for i := 0; i < len(q.messages); { // not by sentAt where messages were moved to
		if m := q.messages[i]; s.now >= m.sentAt+period {
			s.end(m, expired)
		} else {
			q.oldest = min(q.oldest, m.sentAt)
			i++
		}
	}
}
