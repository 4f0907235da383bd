package model

import "sqsd/wire"

// purgeQueue removes every message that is stored at this place in the log, whatever its state.
func (s *Spec) purgeQueue(q *queueState, a answer) *Violation {
	if q.purged && s.now < q.purgedAt+wire.Time(s.config.PurgeWindow) {
		return a.refused(wire.PurgeQueueInProgress, Linearizable, q.name, "PurgeQueue", "the queue was purged just now")
	}
	for len(q.messages) > 0 {
		s.end(q.messages[0], purged)
	}
	s.purgeParcels(q)
	if q.fifo != nil {
		q.fifo.forget()
	}
	q.purged, q.purgedAt = true, s.now
	return a.done(Linearizable, q.name, "", "PurgeQueue")
}
