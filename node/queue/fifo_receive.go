package queue

import "sqsd/wire"

// receiveFromGroups is a receive from a FIFO queue. At the in-flight limit it is empty.
func (m *Machine) receiveFromGroups(q *queue, req *wire.ReceiveMessageRequest, want bool) Result {
	until := m.now + wire.Time(req.VisibilityTimeout.Or(q.visibility))*second
	var before *attempt
	if req.ReceiveRequestAttemptID != "" {
		before = m.attemptBefore(q, req.ReceiveRequestAttemptID)
	}
	if m.canRepeat(q, before) {
		m.repeat(q, before, until)
		return m.answerReceive(q, want)
	}
	m.takeFromGroups(q, int(req.MaxNumberOfMessages.Or(1)), until)
	if req.ReceiveRequestAttemptID != "" && len(m.taken) > 0 && m.err == nil {
		m.writeAttempt(q, req.ReceiveRequestAttemptID, before)
	}
	return m.answerReceive(q, want)
}

// takeFromGroups takes messages group by group, from each as many as are open. A group from which a message was taken goes
// behind the others (section 9, row 24).
func (m *Machine) takeFromGroups(q *queue, most int, until wire.Time) {
	f := q.fifo
	m.taken = m.taken[:0]
	if free := m.limits.MaxInFlight - q.inFlight.len(); most > free {
		m.mark(markInFlightLimit)
		most = free
	}
	moves := 0
	var served []*group
	for len(m.taken) < most && moves < maxMovesPerReceive && f.ready.len() > 0 && m.err == nil {
		g := m.group(q, f.ready.at(0).name)
		if g == nil || g.entry != f.ready.at(0) {
			m.breach("group %q of queue %s is ready, but not as it is", f.ready.at(0).name, q.name)
			return
		}
		g.serving = true
		m.regroup(q, g)
		moves += m.takeFromGroup(q, g, most, maxMovesPerReceive-moves, until)
		served = append(served, g)
	}
	if moves == maxMovesPerReceive && f.ready.len() > 0 {
		m.mark(markMovesEndReceive)
	}
	if len(m.taken) > 0 {
		f.serves++
	}
	for _, d := range m.taken {
		d.group.stamp = f.serves
	}
	for _, g := range served {
		g.serving = false
		if g.number != 0 {
			m.regroup(q, g)
		}
	}
}

// takeFromGroup takes the open messages of a group, until most are taken in all or so many have moved to the dead-letter
// queue. It counts the moves.
func (m *Machine) takeFromGroup(q *queue, g *group, most, mayMove int, until wire.Time) (moves int) {
	for i := 0; len(m.taken) < most && moves < mayMove && m.err == nil; {
		d := m.openAt(q, g, i)
		if d == nil {
			return moves
		}
		if m.moveToDeadLetters(q, d, true) {
			moves++
			continue
		}
		m.receipt(d, until)
		if d.isHidden(m.now) {
			m.takeOff(q, d)
		}
		m.taken = append(m.taken, d)
		i++
	}
	return moves
}

// openAt is the i-th message of a group, if it and those before it are not hidden. The caller has taken those before it.
func (m *Machine) openAt(q *queue, g *group, i int) *delivery {
	if i == len(g.received) && g.due > 0 {
		m.receiveFirst(q, g)
	}
	if i == len(g.received) || m.err != nil {
		return nil
	}
	if d := g.received[i]; !d.isHidden(m.now) && !d.leaving {
		return d
	}
	return nil
}

// depart takes a message out of a FIFO queue that moves to a queue of another group. Until the move is settled, it keeps its
// place in its group and holds up those behind it.
func (m *Machine) depart(q *queue, d *delivery) {
	d.leaving = true
	q.fifo.away++
	m.removePlace(q, d.ordinal)
	m.regroup(q, d.group)
}

// giveUp frees the message group of a message that left a FIFO queue for good.
func (m *Machine) giveUp(o *outgoing) {
	q := m.queues[o.origin]
	if q == nil || q.fifo == nil || o.serial < q.purgedMoves {
		return
	}
	q.fifo.away--
	if d := m.departed(q, o); d != nil {
		m.forget(d.group, d)
		m.regroup(q, d.group)
		m.touch(q)
	}
}

// departed is what a message left in its group.
func (m *Machine) departed(q *queue, o *outgoing) *delivery {
	if g := m.group(q, o.record.group); g != nil {
		for _, d := range g.received {
			if d.leaving && d.position == o.position {
				return d
			}
		}
	}
	m.breach("message %v of group %q left queue %s, which knows nothing of it", o.position, o.record.group, q.name)
	return nil
}

// comeBack returns a message to its place in its group.
func (m *Machine) comeBack(q *queue, o *outgoing) {
	d := m.departed(q, o)
	if d == nil {
		return
	}
	q.fifo.away--
	m.value = o.record.append(m.value[:0])
	m.store.Set(messageKey(m.key[:0], q.id, o.position), m.value)
	m.addPlace(q, place{o.position.ordinal, o.record.sent, o.record.group})
	if o.position.ordinal >= q.fifo.delayedFrom {
		q.fifo.delayed.add(place{o.position.ordinal, o.record.sent, o.record.group})
		m.endGroupDelays(q) // which may be over by now, as that of those behind it is not
	}
	d.leaving, d.stays, d.visibleAt, d.token = false, o.stays, m.now, m.random.Uint64()
	m.regroup(q, d.group)
}
