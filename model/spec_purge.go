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

// Stored is a message that the specification still holds.
type Stored struct {
	Queue, MessageID, Body string
	// VisibleAt is when it may be received; ExpiresAt is when it passes its retention.
	VisibleAt, ExpiresAt wire.Time
}

// Stored lists the messages of a queue in send order.
func (s *Spec) Stored(queue string) []Stored {
	q := s.queue(queue)
	if q == nil {
		return nil
	}
	var all []Stored
	for _, m := range q.messages {
		all = append(all, Stored{
			Queue: queue, MessageID: m.id, Body: m.content.MessageBody,
			VisibleAt: m.hiddenUntil(), ExpiresAt: m.sentAt + q.seconds(wire.AttrMessageRetentionPeriod),
		})
	}
	return all
}
