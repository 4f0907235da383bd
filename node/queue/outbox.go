package queue

import (
	"encoding/binary"
	"slices"
)

// post is what is on its way to other groups.
type post struct {
	moves  uint64   // messages that ever left the group's queues for other groups
	boxes  []outbox // by group
	posted bool     // changed since it was saved
}

// outbox is the moves to one group that are not settled: those with the numbers from first to next, next not included.
type outbox struct {
	to          uint32
	first, next uint64
}

// pending is how many moves are not settled.
func (p *post) pending() (n uint64) {
	for _, b := range p.boxes {
		n += b.next - b.first
	}
	return n
}

func compareOutbox(b outbox, to uint32) int { return int(int64(b.to) - int64(to)) }

func (p *post) append(dst []byte) []byte {
	dst = binary.AppendUvarint(appendRecord(dst), p.moves)
	dst = binary.AppendUvarint(dst, uint64(len(p.boxes)))
	for _, b := range p.boxes {
		dst = binary.AppendUvarint(dst, uint64(b.to))
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, b.first), b.next)
	}
	return dst
}

func parsePost(value []byte) (p post, err error) {
	const least = 3 // bytes that an outbox takes
	r := openRecord(string(value))
	p.moves = r.uvarint()
	for range r.count(least) {
		p.boxes = append(p.boxes, outbox{r.uint32(), r.uvarint(), r.uvarint()})
	}
	return p, closeRecord(&r, "post")
}

// outgoing is a move in an outbox, with what brings the message back to where it was.
type outgoing struct {
	serial uint64 // number among all moves that left the group's queues
	origin ID     // incarnation of its source
	position
	known bool   // it was received there
	moved bool   // it came from another queue to there
	stays bool   // if it comes back, it is delivered before it is moved again
	task  uint64 // number of the task that moves it; 0 if none does
	Move
}

func (o *outgoing) append(dst []byte) []byte {
	dst = binary.AppendUvarint(appendRecord(dst), o.serial)
	dst = appendPlace(binary.AppendUvarint(dst, uint64(o.origin)), o.position)
	dst = appendBool(appendBool(appendBool(dst, o.known), o.moved), o.stays)
	dst = binary.AppendUvarint(dst, o.task)
	return o.Move.append(dst)
}

func parseOutgoing(value []byte) (o outgoing, err error) {
	r := openRecord(string(value))
	o.serial = r.uvarint()
	o.origin, o.position = ID(r.uvarint()), r.place()
	o.known, o.moved, o.stays = r.bool(), r.bool(), r.bool()
	o.task = r.uvarint()
	o.Move = r.move()
	return o, closeRecord(&r, "outgoing")
}

// isLocal says whether a queue of a name lives in this group.
func (m *Machine) isLocal(queueName string) bool {
	return m.config.GroupOf == nil || m.config.GroupOf(queueName) == m.config.Group
}

// sendAway puts a message that was taken out of its set into the outbox of its target's group.
func (m *Machine) sendAway(q *queue, d *delivery, o outgoing) {
	m.mark(markSentAway)
	o.serial, o.origin, o.position, o.moved = m.post.moves, q.id, d.position, d.moved
	o.Source, o.first, o.count = q.name, d.first, d.count
	o.record = m.message(q, d.position)
	if q.fifo != nil {
		m.depart(q, d)
	} else {
		m.erase(q, d, o.known)
	}
	box := m.outbox(m.config.GroupOf(o.Target))
	m.value = o.append(m.value[:0])
	m.store.Set(outgoingKey(m.key[:0], box.to, box.next), m.value)
	box.next++
	m.post.moves++
	m.post.posted = true
}

// outbox is that of a group; it is new if there was none.
func (m *Machine) outbox(to uint32) *outbox {
	i, found := slices.BinarySearchFunc(m.post.boxes, to, compareOutbox)
	if !found {
		m.post.boxes = slices.Insert(m.post.boxes, i, outbox{to: to})
	}
	return &m.post.boxes[i]
}

// Handovers lists the groups that moves are to be sent to, in order.
func (m *Machine) Handovers() (groups []uint32) {
	for _, b := range m.post.boxes {
		if b.first < b.next {
			groups = append(groups, b.to)
		}
	}
	return groups
}

// Handover makes the command that hands the oldest moves over to a group; nil if there are none. It has as many as
// maxBytes of messages allow, but at least one. The command is to be sent until its response came, and then settled:
// only after that come others.
func (m *Machine) Handover(to uint32, maxBytes int) *AcceptCommand {
	i, found := slices.BinarySearchFunc(m.post.boxes, to, compareOutbox)
	if !found || m.err != nil || m.post.boxes[i].first == m.post.boxes[i].next {
		return nil
	}
	box := m.post.boxes[i]
	cmd := &AcceptCommand{From: m.config.Group, To: to, First: box.first}
	size := 0
	var bad error
	err := m.store.Scan(outgoingKey(nil, to, box.first), outgoingKey(nil, to, box.next), func(_, value []byte) bool {
		size += len(value)
		if len(cmd.Moves) > 0 && size > maxBytes || len(cmd.Moves) == maxHandover {
			return false
		}
		var o outgoing
		o, bad = parseOutgoing(value)
		cmd.Moves = append(cmd.Moves, o.Move)
		return bad == nil
	})
	m.check(err)
	m.check(bad)
	if m.err != nil {
		return nil
	}
	return cmd
}

// settle ends moves.
func (m *Machine) settle(cmd *SettleCommand) Result {
	if len(cmd.Outcomes) == 0 {
		return done()
	}
	box := m.outbox(cmd.To)
	if cmd.First > box.first || cmd.First+uint64(len(cmd.Outcomes)) > box.next {
		m.breach("moves to group %d from %d on are settled in %d outcomes; they are %d to %d", cmd.To, cmd.First,
			len(cmd.Outcomes), box.first, box.next)
		return broken()
	}
	for i, outcome := range cmd.Outcomes {
		if cmd.First+uint64(i) < box.first {
			m.mark(markSettledBefore)
			continue
		}
		key := outgoingKey(nil, box.to, box.first)
		value, err := m.store.Get(key)
		m.check(err)
		o, err := parseOutgoing(value)
		m.check(err)
		if m.err != nil {
			return broken()
		}
		m.store.SingleDelete(key)
		box.first++
		m.post.posted = true
		if outcome != Accepted {
			m.takeBack(&o)
		} else {
			m.giveUp(&o)
		}
		if o.Reason == Redrive {
			m.settleTask(&o, outcome)
		}
	}
	m.resumeTasks()
	return done()
}

// takeBack returns a message that was refused, unless it would not be there any more if it had stayed.
func (m *Machine) takeBack(o *outgoing) {
	q := m.queues[o.origin]
	switch {
	case q == nil:
		m.mark(markReturnDeleted)
		return
	case o.serial < q.purgedMoves:
		m.mark(markReturnPurged)
		return
	case o.record.sent <= m.now-q.retention:
		m.mark(markReturnExpired)
		m.giveUp(o)
		return
	}
	m.mark(markReturned)
	if q.fifo != nil {
		m.comeBack(q, o)
		m.touch(q)
		return
	}
	m.value = o.record.append(m.value[:0])
	m.store.Set(messageKey(m.key[:0], q.id, o.position), m.value)
	if o.moved {
		m.addAge(q, age{o.record.sent, o.position})
	}
	switch {
	case o.known || o.Reason == DeadLetter:
		d := &delivery{
			position: o.position, sent: o.record.sent, first: o.first, last: o.first, visibleAt: m.now,
			count: o.count, token: m.random.Uint64(), moved: o.moved, stays: o.stays, tenant: o.record.group,
		}
		m.put(q, d)
	case o.moved:
		m.addArrival(q, arrival{o.position, o.record.sent, o.first, o.count})
	case o.record.group != "":
		m.show(q, o.record.group, tenantMessage{o.position, o.record.sent, false})
	default:
		m.addLate(q, lateMessage{o.position, o.record.sent})
	}
	m.touch(q)
}
