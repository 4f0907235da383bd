package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

// groupName is a message group of a FIFO queue.
type groupName struct{ queue, group string }

// checkGroups checks that no message of a group is received while one that stands before it is certainly there: a
// receive walks a group from its oldest message, and stops at the first one that is hidden. What stands before is known
// by sequence numbers.
func checkGroups(s *survey) (vs []*Violation) {
	for _, group := range s.groups() {
		g := newGroupWalk(s, group)
		for i, m := range group {
			for _, r := range m.receipts {
				if v := g.overtakes(i, r); v != nil {
					vs = append(vs, v)
					break
				}
			}
		}
	}
	return vs
}

// hasPlace says whether it is known where in which group a message stands, and in which era of its queue.
func (s *survey) hasPlace(m *sighting) (era int, ok bool) {
	era, ok = s.era(m)
	return era, ok && m.sequence != "" && !m.unsure && !s.mayReturn(m) // to another place
}

// groups are the messages of every group of every era whose place is known, in its order.
func (s *survey) groups() [][]*sighting {
	var all [][]*sighting
	type key struct {
		groupName
		era int
	}
	places := map[key]int{}
	for _, m := range s.messages {
		era, known := s.hasPlace(m)
		if !known {
			continue
		}
		name := key{groupName{m.queue, m.group()}, era}
		i, ok := places[name]
		if !ok {
			i = len(all)
			places[name] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], m)
	}
	for _, group := range all {
		slices.SortStableFunc(group, func(a, b *sighting) int { return cmp.Compare(a.sequence, b.sequence) })
	}
	return all
}

// group is the message group, from the send or, if nobody sent it, from a receipt.
func (m *sighting) group() string {
	if m.out != nil {
		return m.out.MessageGroupID
	}
	group, _ := m.receipts[0].message.Attributes.Get("MessageGroupId")
	return group
}

// groupWalk is a group with the times until which its messages are certainly there.
type groupWalk struct {
	messages []*sighting
	until    []int64
	latest   []int // by place: which of the messages before it is there longest, -1 for none
	place    map[string]int
}

func newGroupWalk(s *survey, messages []*sighting) *groupWalk {
	g := &groupWalk{messages: messages, place: map[string]int{}}
	latest := -1
	for i, m := range messages {
		g.latest = append(g.latest, latest)
		g.until = append(g.until, s.removableFrom(m))
		g.place[m.id] = i
		if latest < 0 || g.until[i] > g.until[latest] {
			latest = i
		}
	}
	return g
}

// overtakes says that a receipt of the message at a place took it while another one stood before it. Those that the same
// receive took before it do not count.
func (g *groupWalk) overtakes(place int, r *receipt) *Violation {
	var taken []int
	for _, before := range r.op.Response.(*wire.ReceiveMessageResponse).Messages {
		if before.MessageID == r.message.MessageID {
			break
		}
		i, ok := g.place[before.MessageID]
		switch {
		case ok && i > place:
			return g.overtaken(i, place, r)
		case ok:
			taken = append(taken, i)
		}
	}
	slices.Sort(taken)
	end := place
	for len(taken) > 0 {
		last := taken[len(taken)-1]
		taken = taken[:len(taken)-1]
		for i := last + 1; i < end; i++ {
			if g.until[i] > r.op.Return {
				return g.overtaken(place, i, r)
			}
		}
		end = last
	}
	if first := g.latest[end]; first >= 0 && g.until[first] > r.op.Return {
		return g.overtaken(place, first, r)
	}
	return nil
}

// overtaken says that the message at one place was received although the one at another stands before it.
func (g *groupWalk) overtaken(place, before int, r *receipt) *Violation {
	m, head := g.messages[place], g.messages[before]
	v := violated(OneEffect, m.queue, m.id, "received by %d ns, but message %s stands before it in group %s, and is there",
		r.op.Return, head.id, m.group()).by(r.op.ID)
	if head.send != nil {
		v.by(head.send.ID)
	}
	return v
}

// checkSequence checks the sequence numbers of FIFO queues: they are well-formed, unlike each other, the same whenever a
// message is shown, and go up from one send to the next.
func checkSequence(s *survey) (vs []*Violation) {
	type key struct {
		queue string
		era   int
	}
	byEra := map[key][]*sighting{}
	var eras []key // in the order of appearance
	for _, m := range s.messages {
		if !wire.IsFIFO(m.queue) {
			continue
		}
		if v := m.oneSequence(); v != nil && !s.mayReturn(m) {
			vs = append(vs, v)
		}
		era, known := s.era(m)
		if m.sequence == "" || !known {
			continue
		}
		k := key{m.queue, era}
		if byEra[k] == nil {
			eras = append(eras, k)
		}
		byEra[k] = append(byEra[k], m)
	}
	for _, k := range eras {
		vs = append(vs, sequenceOrder(byEra[k])...)
	}
	return vs
}

// oneSequence checks that a message has one sequence number.
func (m *sighting) oneSequence() *Violation {
	wrong := func(number string, o *Operation) *Violation {
		return violated(OneEffect, m.queue, m.id, "its sequence number is %q and %q", m.sequence, number).by(o.ID)
	}
	for _, o := range m.sends {
		for _, number := range sequencesOf(o, m.id) {
			if number != m.sequence {
				return wrong(number, o)
			}
		}
	}
	for _, r := range m.receipts {
		if number, ok := r.message.Attributes.Get("SequenceNumber"); ok && number != m.sequence {
			return wrong(number, r.op)
		}
	}
	if m.sequence != "" && !isSequenceNumber(m.sequence) {
		return violated(OneEffect, m.queue, m.id, "the sequence number %q does not have 20 digits", m.sequence)
	}
	return nil
}

// sequencesOf are the sequence numbers that a send was answered with for a message.
func sequencesOf(o *Operation, id string) (all []string) {
	switch r := o.Response.(type) {
	case *wire.SendMessageResponse:
		all = append(all, r.SequenceNumber)
	case *wire.SendMessageBatchResponse:
		for i := range r.Successful {
			if r.Successful[i].MessageID == id {
				all = append(all, r.Successful[i].SequenceNumber)
			}
		}
	}
	return all
}

// sequenceOrder checks that of two messages of a queue the one that was sent after the other had been answered has the
// greater number, and so has the later entry of a batch.
func sequenceOrder(messages []*sighting) (vs []*Violation) {
	messages = slices.DeleteFunc(messages, func(m *sighting) bool { return m.send == nil })
	byCall, byReturn := slices.Clone(messages), slices.Clone(messages)
	slices.SortStableFunc(byCall, func(a, b *sighting) int { return cmp.Compare(a.send.Call, b.send.Call) })
	slices.SortStableFunc(byReturn, func(a, b *sighting) int { return cmp.Compare(a.send.end(), b.send.end()) })
	var greatest *sighting // of those whose send had returned
	for _, m := range byCall {
		for len(byReturn) > 0 && byReturn[0].send.end() < m.send.Call {
			if greatest == nil || byReturn[0].sequence > greatest.sequence {
				greatest = byReturn[0]
			}
			byReturn = byReturn[1:]
		}
		if greatest != nil && greatest.sequence >= m.sequence {
			vs = append(vs, violated(OneEffect, m.queue, m.id, "sent after message %s had been answered, but its sequence number %s "+
				"is not greater than %s", greatest.id, m.sequence, greatest.sequence).by(greatest.send.ID, m.send.ID))
		}
	}
	bySequence := map[string]*sighting{}
	last := map[*Operation]*sighting{}
	for _, m := range messages {
		if other := bySequence[m.sequence]; other != nil {
			vs = append(vs, violated(OneEffect, m.queue, m.id, "message %s has the same sequence number %s", other.id,
				m.sequence).by(other.send.ID, m.send.ID))
		}
		bySequence[m.sequence] = m
		if m.sole {
			batch := m.sends[0]
			if l := last[batch]; l != nil && l.sequence > m.sequence {
				vs = append(vs, violated(OneEffect, m.queue, m.id, "message %s, an earlier entry of its batch, has sequence number %s, "+
					"which is greater than %s", l.id, l.sequence, m.sequence).by(batch.ID))
			}
			last[batch] = m
		}
	}
	return vs
}
