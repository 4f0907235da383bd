package model

import (
	"slices"

	"sqsd/wire"
)

// chooseGroups is which messages a receive takes from a FIFO queue. Each group is walked from its oldest message up to
// the first one that is hidden; the receive takes whole walks, one group after the other, and of the last group as much
// as it may. The order of groups is not promised and is taken from the answer; if that was not observed, it is taken to
// be the order of the groups' oldest messages.
func (s *Spec) chooseGroups(q *queueState, limit int, got []wire.Message, seen bool) ([]*message, *Violation) {
	walks := q.walks(s.now)
	var want []*message
	for len(walks) > 0 && len(want) < limit {
		next := 0
		if seen {
			if len(want) == len(got) {
				return nil, s.explainStop(want, walks)
			}
			if next = s.groupOf(walks, &got[len(want)]); next < 0 {
				return nil, s.explainGroup(q, want, walks, got)
			}
		}
		walk := walks[next][:min(len(walks[next]), limit-len(want))]
		walks = slices.Delete(walks, next, next+1)
		for _, m := range walk {
			if seen && len(want) < len(got) {
				s.learnID(m, got[len(want)].MessageID)
			}
			if seen && (len(want) == len(got) || got[len(want)].MessageID != m.id) {
				return nil, s.explainWalk(q, m, want, got)
			}
			want = append(want, m)
		}
	}
	if seen && len(got) > len(want) {
		return nil, s.explainGroup(q, want, walks, got)
	}
	return want, nil
}

// walks are the available messages of every group that has some, in the order of the groups' oldest messages.
func (q *queueState) walks(now wire.Time) [][]*message {
	var all [][]*message
	places := map[string]int{} // by group: its place in all
	blocked := map[string]bool{}
	for _, m := range q.messages {
		group := m.content.MessageGroupID
		if blocked[group] || now < m.hiddenUntil() {
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
	return all
}

// groupOf is the place of the walk that begins with a delivered message, or that its group has; -1 if there is none.
func (s *Spec) groupOf(walks [][]*message, got *wire.Message) int {
	group, _ := got.Attributes.Get("MessageGroupId")
	if m := s.ids[got.MessageID]; m != nil {
		group = m.content.MessageGroupID
	}
	return slices.IndexFunc(walks, func(walk []*message) bool { return walk[0].content.MessageGroupID == group })
}

// explainStop says that a receive ended although there was more to take.
func (s *Spec) explainStop(want []*message, walks [][]*message) *Violation {
	how := "nothing was returned"
	if len(want) > 0 {
		how = "fewer messages were returned than asked for"
	}
	return explainMissing(walks[0][0], Prompt, how)
}

// explainWalk says that a receive did not go on with the message that comes next in a group.
func (s *Spec) explainWalk(q *queueState, next *message, want []*message, got []wire.Message) *Violation {
	if len(want) == len(got) {
		return explainMissing(next, Prompt, "fewer messages were returned than asked for")
	}
	id := got[len(want)].MessageID
	if v := s.explainDelivery(q, id, got[:len(want)]); v != nil {
		return v
	}
	if other := s.ids[id]; other.content.MessageGroupID != next.content.MessageGroupID {
		return violated(Linearizable, q.name, id, "taken from group %s before message %s, which group %s has left",
			other.content.MessageGroupID, next.id, next.content.MessageGroupID)
	}
	return violated(OneEffect, q.name, id, "delivered before message %s of group %s, which was sent before it", next.id,
		next.content.MessageGroupID)
}

// explainGroup says why a message must not be delivered although its group is not in turn.
func (s *Spec) explainGroup(q *queueState, want []*message, walks [][]*message, got []wire.Message) *Violation {
	id := got[len(want)].MessageID
	if v := s.explainDelivery(q, id, got[:len(want)]); v != nil {
		return v
	}
	m := s.ids[id]
	for _, before := range q.messages {
		if before == m {
			break
		}
		if before.content.MessageGroupID == m.content.MessageGroupID && s.now < before.hiddenUntil() {
			return violated(OneEffect, q.name, id, "delivered at %d, but message %s of its group stands before it and is hidden "+
				"until %d", s.now, before.id, before.hiddenUntil())
		}
	}
	return violated(Linearizable, q.name, id, "more messages were received than asked for or allowed")
}
