package model

import (
	"slices"

	"sqsd/wire"
)

// groupChoice is a receive from a FIFO queue as it goes on. Each group is walked from its oldest message up to the first
// one that is hidden. The receive takes whole walks, one group after the other, and of the last group as much as it may;
// messages that are due for the dead-letter queue are moved on the way.
type groupChoice struct {
	s     *Spec
	q     *queueState
	limit int
	got   []wire.Message
	seen  bool // got was observed
	walks [][]*message
	// want and dead are what was taken and moved so far.
	want, dead []*message
}

// chooseGroups is which messages a receive takes from a FIFO queue. The order of groups is taken from the answer, unless it
// has to be that of walks (Config.GroupsInTurn); where the answer does not show it, it is that of walks.
func (s *Spec) chooseGroups(q *queueState, limit int, got []wire.Message, seen bool) (want, dead []*message, v *Violation) {
	c := &groupChoice{s: s, q: q, limit: limit, got: got, seen: seen, walks: q.walks(s.now)}
	for len(c.walks) > 0 && c.goesOn() {
		next, v := c.next()
		if v != nil {
			return nil, nil, v
		}
		walk := c.walks[next]
		c.walks = slices.Delete(c.walks, next, next+1)
		if v := c.take(walk); v != nil {
			return nil, nil, v
		}
	}
	if seen && len(got) > len(c.want) {
		return nil, nil, c.explainExtra()
	}
	return c.want, c.dead, nil
}

func (c *groupChoice) goesOn() bool { return len(c.want) < c.limit && len(c.dead) < maxMoves }

// next is the place of the walk that comes next.
func (c *groupChoice) next() (int, *Violation) {
	switch {
	case !c.seen || slices.ContainsFunc(c.walks[0], c.s.isDead):
		return 0, nil
	case len(c.want) == len(c.got):
		return 0, explainMissing(c.walks[0][0], Prompt, "fewer messages were returned than asked for")
	}
	got := &c.got[len(c.want)]
	group, _ := got.Attributes.Get("MessageGroupId")
	if m := c.s.ids[got.MessageID]; m != nil {
		group = m.content.MessageGroupID
	}
	i := slices.IndexFunc(c.walks, func(walk []*message) bool { return walk[0].content.MessageGroupID == group })
	switch {
	case i < 0:
		return 0, c.explainExtra()
	case i > 0 && c.s.config.GroupsInTurn:
		return 0, violated(Live, c.q.name, got.MessageID, "taken from group %s, although it is the turn of group %s", group,
			c.walks[0][0].content.MessageGroupID)
	}
	return i, nil
}

// take goes along a walk.
func (c *groupChoice) take(walk []*message) *Violation {
	for _, m := range walk {
		switch {
		case !c.goesOn():
			return nil
		case c.s.isDead(m):
			c.dead = append(c.dead, m)
			if !c.s.isLocal(c.s.deadLetters(c.q)) {
				return nil // on its way it holds up its group
			}
			continue
		case !c.seen:
		case len(c.want) == len(c.got):
			return explainMissing(m, Prompt, "fewer messages were returned than asked for")
		default:
			if v := c.matches(m); v != nil {
				return v
			}
		}
		c.want = append(c.want, m)
	}
	return nil
}

// walks are the available messages of every group that has some. First come the groups that were not served for the
// longest time, and among those the one with the oldest message.
func (q *queueState) walks(now wire.Time) [][]*message {
	var all [][]*message
	places := map[string]int{} // by group: its place in all
	blocked := map[string]bool{}
	for _, m := range q.line() {
		group := m.content.MessageGroupID
		if blocked[group] || m.fate != stored || now < m.hiddenUntil() {
			blocked[group] = true
			continue
		}
		i, ok := places[group]
		if !ok {
			i = len(all)
			places[group] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], m)
	}
	slices.SortStableFunc(all, func(a, b []*message) int {
		return q.fifo.served[a[0].content.MessageGroupID] - q.fifo.served[b[0].content.MessageGroupID]
	})
	return all
}

// line is what stands in the message groups, in send order.
func (q *queueState) line() []*message {
	if len(q.fifo.away) == 0 {
		return q.messages
	}
	all := slices.Concat(q.messages, q.fifo.away)
	slices.SortStableFunc(all, func(a, b *message) int { return a.place - b.place })
	return all
}

// beginGroup takes note of a message that is about to be stored: it may be the first one of its group.
func (q *queueState) beginGroup(m *message) {
	if q.fifo == nil {
		return
	}
	group := m.content.MessageGroupID
	same := func(other *message) bool { return other.content.MessageGroupID == group }
	if q.fifo.sizes[group] == 0 && !slices.ContainsFunc(q.fifo.away, same) {
		q.fifo.served[group] = q.fifo.serves
	}
}

// serve puts the groups that a receive took from behind the others.
func (q *queueState) serve(taken []*message) {
	if q.fifo == nil || len(taken) == 0 {
		return
	}
	q.fifo.serves++
	for _, m := range taken {
		q.fifo.served[m.content.MessageGroupID] = q.fifo.serves
	}
}

// matches says that the message which comes next in a group is not the one that was delivered.
func (c *groupChoice) matches(next *message) *Violation {
	id := c.got[len(c.want)].MessageID
	c.s.learnID(next, id)
	if next.id == id {
		return nil
	}
	if v := c.s.explainDelivery(c.q, id, c.got[:len(c.want)]); v != nil {
		return v
	}
	group := next.content.MessageGroupID
	if other := c.s.ids[id].content.MessageGroupID; other != group {
		return violated(Linearizable, c.q.name, id, "taken from group %s before message %s, where group %s goes on", other, next.id, group)
	}
	return violated(OneEffect, c.q.name, id, "delivered before message %s of group %s, which was sent before it", next.id, group)
}

// explainExtra says why a message must not be delivered although its group is not in turn.
func (c *groupChoice) explainExtra() *Violation {
	s, id := c.s, c.got[len(c.want)].MessageID
	if v := s.explainDelivery(c.q, id, c.got[:len(c.want)]); v != nil {
		return v
	}
	m := s.ids[id]
	for _, before := range c.q.line() {
		if before == m {
			break
		}
		if before.content.MessageGroupID == m.content.MessageGroupID && before.fate != stored {
			return violated(OneEffect, c.q.name, id, "delivered at %d, but message %s of its group stands before it and is on its way "+
				"to another queue", s.now, before.id)
		}
		if before.content.MessageGroupID == m.content.MessageGroupID && s.now < before.hiddenUntil() {
			return violated(OneEffect, c.q.name, id, "delivered at %d, but message %s of its group stands before it and is hidden "+
				"until %d", s.now, before.id, before.hiddenUntil())
		}
	}
	return violated(Linearizable, c.q.name, id, "more messages were received than asked for or allowed")
}
