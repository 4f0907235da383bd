package model

import (
	"slices"
	"strconv"

	"sqsd/wire"
)

// census counts messages by instants, so that the possible values of counters at any time are two searches away.
type census struct {
	sent, sentAcked      []int64 // calls of sends that may have taken effect; returns of those that did
	removable, removed   []int64 // when messages may first have been removed (acked ones); when they certainly were
	heldFrom, heldBefore []int64 // ends of the periods in which a receipt certainly held its message
	flyFrom, flyUntil    []int64 // ends of the periods in which a message may have been held
	waitFrom, waitUntil  []int64 // ends of the periods in which its delay may not have been over
}

// checkCounters checks that the counters of every read are possible. They need not be checked against each other: their
// sum is what is stored.
func checkCounters(s *survey) (vs []*Violation) {
	counts := map[string]*census{}
	for _, q := range s.queues {
		counts[q.name] = &census{}
	}
	for _, m := range s.messages {
		counts[m.queue].addPossible(s, m)
		if m.send != nil {
			counts[m.queue].add(s, m)
		}
	}
	for _, q := range s.queues {
		c := counts[q.name]
		c.sort()
		for _, o := range q.reads {
			if v := c.judge(q, s.isTarget(q.name), o); v != nil {
				vs = append(vs, v.by(o.ID))
			}
		}
	}
	return vs
}

func (c *census) add(s *survey, m *sighting) {
	c.sent = append(c.sent, m.send.Call)
	c.removed = append(c.removed, s.removedBy(m))
	if !m.acked {
		return
	}
	from := s.removableFrom(m)
	c.sentAcked = append(c.sentAcked, m.send.Return)
	c.removable = append(c.removable, from)
	for i, r := range m.receipts {
		end := min(from, r.heldAtLeast()-s.h.Tolerance)
		if i+1 < len(m.receipts) {
			end = min(end, m.receipts[i+1].op.Call)
		}
		if end > r.op.Return {
			c.heldFrom, c.heldBefore = append(c.heldFrom, r.op.Return), append(c.heldBefore, end)
		}
	}
}

// addPossible adds when a message may be counted as in flight, and when as delayed.
func (c *census) addPossible(s *survey, m *sighting) {
	from, until := int64(Never), int64(0)
	for _, r := range m.receipts {
		from = min(from, r.op.Call)
		if end := r.heldAtMost(); end < 0 {
			until = Never
		} else {
			until = max(until, end)
		}
	}
	if len(m.receipts) > 0 {
		c.flyFrom, c.flyUntil = append(c.flyFrom, from), append(c.flyUntil, max(from, min(later(until, s.h.Tolerance), s.removedBy(m))))
	}
	if m.send == nil {
		return
	}
	if delay := s.byQueue[m.queue].delayOf(m.out).most; delay > 0 {
		c.waitFrom = append(c.waitFrom, m.send.Call)
		c.waitUntil = append(c.waitUntil, max(m.send.Call, min(later(m.send.end(), delay+s.h.Tolerance), s.removedBy(m))))
	}
}

// later is some time after another one, or never.
func later(at, by int64) int64 {
	if at > Never-by {
		return Never
	}
	return at + by
}

// heldAtLeast is a time until which a receipt holds its message for certain, unless the message is removed.
func (r *receipt) heldAtLeast() int64 {
	until := r.op.Call + r.least
	for _, u := range r.uses {
		if !u.deleting && u.result != refused {
			until = min(until, u.op.Call+u.timeout)
		}
	}
	return until
}

func (c *census) sort() {
	for _, all := range [][]int64{c.sent, c.sentAcked, c.removable, c.removed, c.heldFrom, c.heldBefore, c.flyFrom, c.flyUntil,
		c.waitFrom, c.waitUntil} {
		slices.Sort(all)
	}
}

// before counts the instants before a time.
func before(all []int64, at int64) int {
	n, _ := slices.BinarySearch(all, at)
	return n
}

// judge holds the counters of a read against the census. Messages may have come from other queues without being seen if
// the queue is open to them.
func (c *census) judge(q *queueSurvey, open bool, o *Operation) *Violation {
	resp, ok := o.Response.(*wire.GetQueueAttributesResponse)
	if !ok {
		return nil
	}
	visible, ok1 := counter(resp.Attributes, wire.AttrMessages)
	held, ok2 := counter(resp.Attributes, wire.AttrMessagesNotVisible)
	delayed, ok3 := counter(resp.Attributes, wire.AttrMessagesDelayed)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	total := visible + held + delayed
	least := before(c.sentAcked, o.Call) - before(c.removable, o.Return+1)
	most := before(c.sent, o.Return+1) - before(c.removed, o.Call)
	if total < least || total > most && !open {
		return violated(Linearizable, q.name, "",
			"the counters are %d visible, %d in flight and %d delayed, but there are %d to %d messages",
			visible, held, delayed, max(0, least), most)
	}
	if certain := before(c.heldFrom, o.Call) - before(c.heldBefore, o.Return+1); held < certain {
		return violated(Linearizable, q.name, "", "%d messages are counted as in flight, but %d are held", held, certain)
	}
	within := func(from, until []int64) int { return before(from, o.Return+1) - before(until, o.Call) }
	if most := within(c.flyFrom, c.flyUntil); held > most && q.unseenBefore(o.Return) == 0 {
		return violated(ReplicatedNow, q.name, "", "%d messages are counted as in flight, but no more than %d can be held", held, most)
	}
	if most := within(c.waitFrom, c.waitUntil); delayed > most && !(open && wire.IsFIFO(q.name)) {
		return violated(ReplicatedNow, q.name, "", "%d messages are counted as delayed, but no more than %d can be", delayed, most)
	}
	return nil
}

func counter(attributes wire.Pairs, name string) (int, bool) {
	value, ok := attributes.Get(name)
	n, err := strconv.Atoi(value)
	return n, ok && err == nil
}
