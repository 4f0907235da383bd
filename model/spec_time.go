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

// explainLimit explains a receive that returned too little: as if what was in flight when it passed its retention still
// counted as in flight. It is nil if that does not explain it.
func (s *Spec) explainLimit(q *queueState, got int) *Violation {
	var first *message
	gone := 0
	for _, m := range s.ids { // order: the first one by place
		if m.queue == q && m.fate == expired && m.current != nil && s.now < m.visibleAt {
			gone++
			if first == nil || m.place < first.place {
				first = m
			}
		}
	}
	left := max(0, s.config.MaxInFlight-s.count(q).InFlight-gone)
	if first == nil || s.config.MaxInFlight == 0 || got != left {
		return nil
	}
	return violated(ReplicatedNow, q.name, first.id, "a receive returned %d messages, as if it were still in flight, but its retention "+
		"ended at %d", got, first.fateAt)
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
