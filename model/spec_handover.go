package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

// A message that moves to a queue of another group is handed over: a receive takes it out of its queue, an [Accept] in
// the other group adds it to the dead-letter queue or refuses it, and a [Settle] in the first group ends the move or takes
// the message back. On its way it is in no queue, but in a FIFO queue it holds up its message group.

// Accept is the internal command that hands moves over to the group of their targets. Moves that came before are passed
// over.
type Accept struct {
	From  uint32 // group
	First uint64 // number of the first move; those from one group to another are numbered from 0 on
	Moves []Move
}

// Action names the command.
func (*Accept) Action() string { return "Accept" }

// Move is a message on its way to a queue of another group.
type Move struct {
	Source, Target string // queue names
	MessageID      string // in the source
	Anew           bool   // a task moves it: it is a new message in the target
}

// Outcomes answers an [Accept]: what became of the moves from number First on, up to the last one that ever came.
type Outcomes struct {
	First    uint64
	Accepted []bool
}

// Settle is the internal command that ends moves in the group that they come from. Moves that are not accepted come back.
// Those that were settled before are passed over.
type Settle struct {
	To       uint32
	First    uint64
	Accepted []bool
}

// Action names the command.
func (*Settle) Action() string { return "Settle" }

// Groups is the specification of all groups of a cluster. They share nothing but the messages on their way from one to
// the other.
type Groups struct {
	config Config
	specs  map[uint32]*Spec
}

// newGroups returns the specification of groups without queues.
func newGroups(config Config) *Groups { return &Groups{config, map[uint32]*Spec{}} }

// Spec is the specification of one group.
func (g *Groups) Spec(group uint32) *Spec {
	if g.specs[group] == nil {
		s := NewSpec(g.config)
		s.group, s.groups = group, g
		g.specs[group] = s
	}
	return g.specs[group]
}

// handover is the moves from one group to another.
type handover struct {
	sent     []*parcel // by number
	settled  int       // so many are settled
	accepted []bool    // what became of those that came
	first    uint64    // the greatest First of an accept
}

// parcel is a move.
type parcel struct {
	message *message
	target  string
	stays   bool      // if the message comes back, it is delivered before it is moved again
	task    *moveTask // nil if a redrive policy moves it
	purged  bool      // its source was purged since
}

// handover is what is on its way from this group to another.
func (s *Spec) handover(to uint32) *handover {
	if s.sent[to] == nil {
		s.sent[to] = &handover{}
	}
	return s.sent[to]
}

// isLocal says that a queue of a name lives in this group.
func (s *Spec) isLocal(queue string) bool {
	return s.config.GroupOf == nil || s.config.GroupOf(queue) == s.group
}

// sendAway takes a message out of its queue and puts it on its way to another group.
func (s *Spec) sendAway(p *parcel) {
	s.end(p.message, redriven)
	h := s.handover(s.config.GroupOf(p.target))
	h.sent = append(h.sent, p)
	if f := p.message.queue.fifo; f != nil {
		f.away = append(f.away, p.message)
	}
}

// accept takes moves from another group in.
func (s *Spec) accept(req *Accept, a answer) *Violation {
	h := s.groups.Spec(req.From).handover(s.group)
	if req.First > uint64(len(h.accepted)) {
		return violated(OnePlace, "", "", "moves %d and on came from group %d, but those from %d on did not", req.First, req.From,
			len(h.accepted))
	}
	h.first = max(h.first, req.First)
	for i := range req.Moves {
		number := req.First + uint64(i)
		if number < uint64(len(h.accepted)) {
			continue
		}
		move := &req.Moves[i]
		if number >= uint64(len(h.sent)) {
			return violated(OnePlace, move.Target, move.MessageID, "came from queue %s as move %d of group %d, which made only %d",
				move.Source, number, req.From, len(h.sent))
		}
		p := h.sent[number]
		s.groups.Spec(req.From).learnID(p.message, move.MessageID)
		if want := (Move{p.message.queue.name, p.target, p.message.id, p.task != nil}); *move != want {
			return violated(OnePlace, move.Target, move.MessageID, "move %d of group %d is %+v, want %+v", number, req.From, *move, want)
		}
		q := s.queue(p.target)
		h.accepted = append(h.accepted, q != nil)
		switch {
		case q == nil:
		case move.Anew:
			s.arriveAnew(q, p.message)
		default:
			s.arrive(q, p.message)
		}
	}
	return h.checkOutcomes(a)
}

func (h *handover) checkOutcomes(a answer) *Violation {
	if !a.seen {
		return nil
	}
	got, v := accepted[*Outcomes](a, OnePlace, "", "Accept")
	if v == nil && (got.First != h.first || !slices.Equal(got.Accepted, h.accepted[h.first:])) {
		v = violated(OnePlace, "", "", "the outcomes of moves from %d on are %v, want %v from %d on", got.First, got.Accepted,
			h.accepted[h.first:], h.first)
	}
	return v
}

// settle ends moves to another group.
func (s *Spec) settle(req *Settle) *Violation {
	h := s.handover(req.To)
	if req.First > uint64(h.settled) || req.First+uint64(len(req.Accepted)) > uint64(len(h.accepted)) {
		return violated(OnePlace, "", "", "moves %d to %d to group %d are settled, but %d are, and %d were answered",
			req.First, req.First+uint64(len(req.Accepted)), req.To, h.settled, len(h.accepted))
	}
	for i, accepted := range req.Accepted {
		number := req.First + uint64(i)
		p := h.sent[number]
		if accepted != h.accepted[number] {
			return violated(OnePlace, p.target, p.message.id, "move %d to group %d is settled as accepted %t, but was answered %t", number,
				req.To, accepted, h.accepted[number])
		}
		if number < uint64(h.settled) {
			continue
		}
		h.settled++
		if f := p.message.queue.fifo; f != nil {
			f.away = slices.DeleteFunc(f.away, func(m *message) bool { return m == p.message })
		}
		if !accepted {
			s.takeBack(p)
		}
		s.settleTask(p, accepted)
	}
	s.resumeTasks()
	return nil
}

// takeBack returns a message to its place in the queue it came from, unless that was purged or deleted since. It is
// visible at once. Its old handles stay dead.
func (s *Spec) takeBack(p *parcel) {
	m := p.message
	switch {
	case s.queue(m.queue.name) != m.queue:
		m.fate, m.fateAt = goneQueue, s.now
		return
	case p.purged:
		m.fate, m.fateAt = purged, s.now
		return
	}
	m.fate, m.current, m.visibleAt, m.returned, m.stays = stored, nil, s.now, true, p.stays
	i, _ := slices.BinarySearchFunc(m.queue.messages, m, func(a, b *message) int { return cmp.Compare(a.place, b.place) })
	m.queue.messages = slices.Insert(m.queue.messages, i, m)
	m.queue.grow(m, 1)
	s.changed(m.queue)
}

// purgeParcels marks the messages of a queue that are on their way.
func (s *Spec) purgeParcels(q *queueState) {
	for _, h := range s.sent { // order: each is marked by itself
		for _, p := range h.sent[h.settled:] {
			p.purged = p.purged || p.message.queue == q
		}
	}
}

// unsettled is a message that is still on its way, nil if there is none.
func (s *Spec) unsettled() *message {
	for _, h := range s.sent { // order: any one will do
		if h.settled < len(h.sent) {
			return h.sent[h.settled].message
		}
	}
	return nil
}

// isReady says that everything is known that a command of another group must have brought about before this one: the
// moves that it accepts, or the answers that it settles.
func (s *Spec) isReady(req wire.Request) bool {
	switch r := req.(type) {
	case *Accept:
		return r.First+uint64(len(r.Moves)) <= uint64(len(s.groups.Spec(r.From).handover(s.group).sent))
	case *Settle:
		return r.First+uint64(len(r.Accepted)) <= uint64(len(s.handover(r.To).accepted))
	}
	return true
}
