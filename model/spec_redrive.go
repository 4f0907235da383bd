package model

import (
	"sqsd/wire"
)

// maxMoves is how many messages a receive moves to the dead-letter queue at most. The last one ends the receive with what
// it has taken.
const maxMoves = wire.MaxReceiveMessages

// redrivePolicy is a queue's redrive policy; ok is false if it has none.
func (q *queueState) redrivePolicy() (policy wire.RedrivePolicy, ok bool) {
	text := q.attribute(wire.AttrRedrivePolicy)
	if text == "" {
		return wire.RedrivePolicy{}, false
	}
	policy, err := wire.ParseRedrivePolicy(text)
	return policy, err == nil
}

// deadLetters is the name of the queue that a queue's messages move to; empty if it has none that they can move to. A
// queue that names itself has none. Whether there is a queue in another group turns out when it is asked to take a message.
func (s *Spec) deadLetters(q *queueState) string {
	policy, ok := q.redrivePolicy()
	_, _, name, _ := wire.ParseARN(policy.TargetARN)
	if !ok || name == q.name || wire.IsFIFO(name) != wire.IsFIFO(q.name) || s.isLocal(name) && s.queue(name) == nil {
		return ""
	}
	return name
}

// isDead says that a receive moves a message instead of delivering it: it was delivered as often as the redrive policy
// allows, in this queue and those before, and there is a queue to move it to.
func (s *Spec) isDead(m *message) bool {
	policy, ok := m.queue.redrivePolicy()
	return ok && m.receives >= policy.MaxReceiveCount && !m.stays && s.deadLetters(m.queue) != ""
}

// moveDead moves a message to the end of the dead-letter queue, where it is visible at once, or on its way to there. Its
// handles are dead.
func (s *Spec) moveDead(m *message) {
	s.moves++
	target := s.deadLetters(m.queue)
	if !s.isLocal(target) {
		s.sendAway(&parcel{message: m, target: target, stays: true})
		return
	}
	s.end(m, redriven)
	s.arrive(s.queue(target), m)
}

// arrive adds a message that comes from another queue. It keeps its id and its receipts. In a standard queue it keeps the
// time when it was sent too, so that it may be gone at once; in a FIFO queue it counts as sent now.
func (s *Spec) arrive(q *queueState, from *message) {
	m := &message{queue: q, id: from.id, content: from.content, sentAt: from.sentAt, visibleAt: s.now, receives: from.receives,
		firstAt: from.firstAt, fate: stored, moved: true, source: s.arn(from.queue.name)}
	if q.fifo != nil {
		m.sentAt, m.floor = s.now, q.fifo.last
	}
	s.append(m)
}

// listSources compares the queues whose redrive policy names a queue. That one may live in another group, so that it
// need not be known here.
func (s *Spec) listSources(req *wire.ListDeadLetterSourceQueuesRequest, a answer) *Violation {
	if !a.seen || s.queue(req.Name) == nil && a.err != nil && a.err.Code == wire.QueueDoesNotExist {
		return nil
	}
	var want []string
	for _, q := range s.queues {
		policy, ok := q.redrivePolicy()
		if _, _, name, _ := wire.ParseARN(policy.TargetARN); ok && name == req.Name && q.name > req.After {
			want = append(want, q.name)
		}
	}
	want, token := page(want, req.MaxResults)
	result, v := accepted[*wire.ListDeadLetterSourceQueuesResponse](a, Linearizable, req.Name, req.Action())
	if v != nil {
		return v
	}
	return checkPage(req.Action(), result.QueueURLs, result.NextToken, want, token)
}
