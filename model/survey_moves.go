package model

import (
	"slices"

	"sqsd/wire"
)

// route is a way on which messages may have left a queue for another one: a redrive policy, or a move task.
type route struct {
	from, to string // to is empty if it is not known: the message may have come to any queue
	since    int64  // when it was opened at the earliest
	receives int    // how many receipts a redrive policy asks for; 0 for a task
}

// addRoutes takes note of a redrive policy or a move task that may have been accepted.
func (s *survey) addRoutes(o *Operation) {
	if o.outcome() == refused {
		return
	}
	switch r := o.Request.(type) {
	case *wire.CreateQueueRequest:
		s.addPolicy(o, r.QueueName, r.Attributes)
	case *wire.SetQueueAttributesRequest:
		s.addPolicy(o, r.Name, r.Attributes)
	case *wire.StartMessageMoveTaskRequest:
		s.routes = append(s.routes, route{from: r.Source, to: r.Destination, since: o.Call})
	}
}

func (s *survey) addPolicy(o *Operation, queue string, attributes wire.Pairs) {
	text, _ := attributes.Get(wire.AttrRedrivePolicy)
	policy, err := wire.ParseRedrivePolicy(text)
	_, _, to, ok := wire.ParseARN(policy.TargetARN)
	if err == nil && ok && to != queue {
		s.routes = append(s.routes, route{queue, to, o.Call, policy.MaxReceiveCount})
	}
}

// mayMove says that messages of a queue may have come to another one without a change of their id, or also with one. A
// task without a destination brings messages back to the queues that redrive policies took them from.
func (s *survey) mayMove(from, to string, tasks bool) bool {
	seen := []string{from}
	for i := 0; i < len(seen); i++ {
		for _, r := range s.routes {
			if r.from != seen[i] || r.receives == 0 && !tasks {
				continue
			}
			for _, next := range s.ends(r) {
				if next == to {
					return true
				}
				if !slices.Contains(seen, next) {
					seen = append(seen, next)
				}
			}
		}
	}
	return false
}

// mayChange says that messages of a queue may have come to another one with a change of their id.
func (s *survey) mayChange(from, to string) bool {
	for _, r := range s.routes {
		if r.receives > 0 || r.from != from && !s.mayMove(from, r.from, true) {
			continue
		}
		for _, end := range s.ends(r) {
			if end == to || s.mayMove(end, to, true) {
				return true
			}
		}
	}
	return false
}

// ends are the queues that a route may lead to.
func (s *survey) ends(r route) []string {
	if r.to != "" {
		return []string{r.to}
	}
	var all []string
	for _, back := range s.routes {
		if back.to == r.from && back.receives > 0 {
			all = append(all, back.from)
		}
	}
	return all
}

// isTarget says that messages may have come to a queue from others.
func (s *survey) isTarget(queue string) bool {
	return slices.ContainsFunc(s.routes, func(r route) bool { return slices.Contains(s.ends(r), queue) })
}

// mayReturn says that a message may have left its queue and come back under the same id, on a circle of redrive policies.
func (s *survey) mayReturn(m *sighting) bool {
	return s.movableFrom(m) < Never && s.mayMove(m.queue, m.queue, false)
}

// limit is the least number of receipts after which a message may have moved to a queue; 0 if there is no policy.
func (s *survey) limit(to string) int {
	least := 0
	for _, r := range s.routes {
		if r.to == to && r.receives > 0 && (least == 0 || r.receives < least) {
			least = r.receives
		}
	}
	return least
}

// movableFrom is the earliest time at which a message may have left its queue for another one; Never if it cannot.
func (s *survey) movableFrom(m *sighting) int64 {
	from := int64(Never)
	for _, r := range s.routes {
		switch {
		case r.from != m.queue || m.send == nil:
		case r.receives == 0 || m.home != nil:
			from = min(from, max(r.since, m.send.Call))
		default:
			from = min(from, max(r.since, s.receivedBy(m, r.receives)))
		}
	}
	return from
}

// receivedBy is the earliest time at which a message may have been received a number of times; Never if it was not.
func (s *survey) receivedBy(m *sighting, times int) int64 {
	calls := make([]int64, 0, len(m.receipts))
	for _, r := range m.receipts {
		calls = append(calls, r.op.Call)
	}
	slices.Sort(calls)
	unseen := s.byQueue[m.queue].unseen
	at := int64(Never)
	for range times {
		switch {
		case len(calls) > 0 && (len(unseen) == 0 || calls[0] <= unseen[0]):
			at, calls = calls[0], calls[1:]
		case len(unseen) > 0:
			at, unseen = unseen[0], unseen[1:]
		default:
			return Never
		}
	}
	return at
}

// moveTimes says when messages of a queue may have moved to others, and by when they certainly were gone.
type moveTimes struct{ from, by []int64 }

func (s *survey) possibleMoves(queue string) (t moveTimes) {
	if !slices.ContainsFunc(s.routes, func(r route) bool { return r.from == queue && r.receives > 0 }) {
		return t
	}
	for _, m := range s.messages {
		if m.queue != queue || m.send == nil {
			continue
		}
		if from, by := s.movableFrom(m), min(s.removedBy(m), s.leftBy(m)); from < Never && from <= by {
			t.from, t.by = append(t.from, from), append(t.by, by)
		}
	}
	slices.Sort(t.from)
	slices.Sort(t.by)
	return t
}

// between is how many moves an operation may have made in a period.
func (t moveTimes) between(from, to int64) int { return before(t.from, to+1) - before(t.by, from) }

// leftBy is a time by which a message had certainly left its queue, because it was received from another one.
func (s *survey) leftBy(m *sighting) int64 {
	by := int64(Never)
	for _, other := range s.withID[m.id] {
		if other.home == m && !s.mayMove(other.queue, m.queue, false) {
			by = min(by, other.send.Return)
		}
	}
	return by
}

// movedTo finds or makes the sighting of a message that must have come to a queue from another one; nil if it cannot.
func (s *survey) movedTo(queue string, got *wire.Message) *sighting {
	for _, m := range s.withID[got.MessageID] {
		if m.root().send != nil && s.mayMove(m.queue, queue, false) {
			return s.arrive(&sighting{queue: queue, id: m.id, home: m, out: m.out, contents: m.contents})
		}
	}
	for _, m := range s.withBody[got.Body] {
		if !m.acked && m.id == "" && s.mayMove(m.queue, queue, false) {
			m.id = got.MessageID
			s.know(m)
			return s.arrive(&sighting{queue: queue, id: m.id, home: m, out: m.out, contents: m.contents})
		}
	}
	past := s.past(queue, got)
	if past == nil { // perhaps it was never seen before the task
		past = s.unseenPast(queue, got)
	}
	if past == nil {
		return nil
	}
	return s.arrive(&sighting{queue: queue, id: got.MessageID, past: past, out: past.out, contents: past.contents})
}

// past is a message that a task may have moved to a queue under the id of a received one; nil if there is none.
func (s *survey) past(queue string, got *wire.Message) *sighting {
	for _, m := range s.withBody[got.Body] {
		if m.id != "" && m.id != got.MessageID && s.mayChange(m.queue, queue) {
			return m
		}
	}
	return nil
}

// unseenPast is a message of a send of unknown outcome that a task may have moved.
func (s *survey) unseenPast(queue string, got *wire.Message) *sighting {
	for _, m := range s.withBody[got.Body] {
		if m.id == "" && s.mayChange(m.queue, queue) {
			return m
		}
	}
	return nil
}

func (s *survey) arrive(m *sighting) *sighting {
	m.send = &Operation{ID: m.root().send.ID, Return: Never}
	s.messages = append(s.messages, m)
	s.know(m)
	return m
}

// closeArrivals bounds when messages came from other queues: after they may have left them, and before the first receipt.
func (s *survey) closeArrivals() {
	s.kin = map[string][]*sighting{}
	for _, m := range s.messages {
		if m.out != nil {
			s.kin[m.out.MessageBody] = append(s.kin[m.out.MessageBody], m)
		}
		if m.home == nil && m.past == nil {
			continue
		}
		for _, r := range m.receipts {
			m.send.Return = min(m.send.Return, r.op.Return)
		}
		from := s.movableFrom(m.root())
		for _, other := range s.withBody[m.out.MessageBody] { // it may be that one too
			if from = min(from, s.movableFrom(other)); other.queue == m.queue && !other.acked {
				from = min(from, other.send.Call)
			}
		}
		m.early = from > m.send.Return
		m.send.Call = min(from, m.send.Return)
	}
}

// root is the sighting of the message as it was sent first.
func (m *sighting) root() *sighting {
	for m.home != nil || m.past != nil {
		if m.home != nil {
			m = m.home
		} else {
			m = m.past
		}
	}
	return m
}

// sentFrom is the earliest time from which a message's retention counts: in a standard queue a redrive policy does not
// change it.
func (m *sighting) sentFrom() int64 {
	if m.home != nil && !wire.IsFIFO(m.queue) {
		return m.home.send.Call
	}
	return m.send.Call
}
