package queue

import (
	"strconv"

	"sqsd/wire"
)

func (m *Machine) receiveMessage(q *queue, req *wire.ReceiveMessageRequest, want bool) Result {
	if q.fifo != nil {
		return m.receiveFromGroups(q, req, want)
	}
	most := min(int(req.MaxNumberOfMessages.Or(1)), q.visible(m.limits.MaxInFlight))
	if most <= 0 {
		return m.receiveNothing(q, req)
	}
	until := m.now + wire.Time(req.VisibilityTimeout.Or(q.visibility))*second
	m.taken = m.taken[:0]
	moves := 0
	for len(m.taken) < most && moves < maxMovesPerReceive && q.stored() > 0 {
		at, in := q.nextInTurn()
		d, known := m.take(q, at, in)
		if m.checkHeads(q); m.err != nil {
			return broken()
		}
		if m.moveToDeadLetters(q, d, known) {
			moves++
			continue
		}
		m.deliver(q, d, known, until)
		m.taken = append(m.taken, d)
	}
	if moves == maxMovesPerReceive && q.stored() > 0 {
		m.mark(markMovesEndReceive)
	}
	for _, d := range m.taken {
		m.file(q, d)
	}
	return m.answerReceive(q, want)
}

// answerReceive describes what was taken.
func (m *Machine) answerReceive(q *queue, want bool) Result {
	if !want {
		return done()
	}
	answer := &wire.ReceiveMessageResponse{}
	if len(m.taken) > 0 {
		answer.Messages = make([]wire.Message, len(m.taken))
	}
	for i, d := range m.taken {
		m.describe(q, d, &answer.Messages[i])
	}
	return Result{Response: answer}
}

// receiveNothing is the answer when no message can be taken: at the in-flight limit a short poll is refused, a long
// poll comes back empty.
func (m *Machine) receiveNothing(q *queue, req *wire.ReceiveMessageRequest) Result {
	if q.inFlight.len() < m.limits.MaxInFlight || q.fifo != nil {
		return Result{Response: &wire.ReceiveMessageResponse{}}
	}
	m.mark(markInFlightLimit)
	if req.WaitTimeSeconds.Or(q.wait) == 0 {
		return refused(wire.Errorf(wire.OverLimit, "The queue has %d messages in flight, as many as it may.", q.inFlight.len()))
	}
	return Result{Response: &wire.ReceiveMessageResponse{}}
}

// visibleSet is one of the sets that visible messages are in.
type visibleSet uint8

const (
	inNone visibleSet = iota
	inFresh
	inLate
	inArrivals
	inAgain
	inShown
	inTurn // the first of the shown messages of the tenant whose turn it is
	inGroups
)

// firstVisible is the place of the first visible message in send order.
func (m *Machine) firstVisible(q *queue) (at position, in visibleSet) {
	if q.fifo != nil {
		return m.firstOpen(q)
	}
	at, in = q.firstUngrouped()
	if q.shown.len() > 0 && (in == inNone || q.shown.at(0).position.compare(at) < 0) {
		at, in = q.shown.at(0).position, inShown
	}
	return at, in
}

// firstUngrouped is the place of the first visible message in send order that has no message group id.
func (q *queue) firstUngrouped() (at position, in visibleSet) {
	if q.freshCount() > 0 {
		at, in = position{q.cursor, trunk}, inFresh
	}
	if q.late.len() > 0 && (in == inNone || q.late.at(0).position.compare(at) < 0) {
		at, in = q.late.at(0).position, inLate
	}
	if q.arrivals.len() > 0 && (in == inNone || q.arrivals.at(0).position.compare(at) < 0) {
		at, in = q.arrivals.at(0).position, inArrivals
	}
	if q.again.len() > 0 && (in == inNone || q.again.min().position.compare(at) < 0) {
		at, in = q.again.min().position, inAgain
	}
	return at, in
}

// take takes a message that is the first of its set, or is in turn, out of it; known says that it was received before.
func (m *Machine) take(q *queue, at position, in visibleSet) (d *delivery, known bool) {
	switch in {
	case inTurn:
		return m.takeInTurn(q)
	case inShown:
		return m.takeShown(q)
	case inGroups:
		return m.takeOpen(q, at), true
	case inAgain:
		d = q.again.min()
		q.again.remove(d)
		return d, true
	case inArrivals:
		return m.takeArrival(q), false
	case inLate:
		if q.freshCount() > 0 {
			m.mark(markLateOvertakes)
		}
		l := m.popLate(q)
		return &delivery{position: l.position, sent: l.sent}, false
	default:
		return m.takeFresh(q), false
	}
}

// deliver makes a receipt of a message, hidden until a time.
func (m *Machine) deliver(q *queue, d *delivery, known bool, until wire.Time) {
	m.receipt(d, until)
	if known {
		m.saveAgain(q, d)
		return
	}
	q.enter(d)
	m.save(q, d)
}

// receipt gives a delivery a new receipt.
func (m *Machine) receipt(d *delivery, until wire.Time) {
	if d.count == 0 {
		d.first = m.now
	}
	d.count++
	d.stays, d.attempt = false, 0
	d.last = m.now
	d.token = m.random.Uint64()
	d.visibleAt = until
}

// describe reads a received message.
func (m *Machine) describe(q *queue, d *delivery, to *wire.Message) {
	record := m.message(q, d.position)
	*to = wire.Message{
		MessageID:              record.id.String(),
		ReceiptHandle:          handle{q.id, q.nonce, d.position, d.token}.String(),
		MD5OfBody:              record.bodyMD5,
		Body:                   record.body,
		MD5OfMessageAttributes: wire.AttributesMD5(record.attributes),
		MessageAttributes:      record.attributes,
		Attributes:             m.systemAttributes(&record, d),
	}
}

// systemAttributes are all that apply, in name order.
func (m *Machine) systemAttributes(record *messageRecord, d *delivery) wire.Pairs {
	pairs := make(wire.Pairs, 0, 9)
	for i := range record.system {
		pairs = append(pairs, wire.Pair{Name: record.system[i].Name, Value: record.system[i].StringValue})
	}
	pairs = append(pairs,
		wire.Pair{Name: "ApproximateFirstReceiveTimestamp", Value: strconv.FormatInt(int64(d.first), 10)},
		wire.Pair{Name: "ApproximateReceiveCount", Value: strconv.FormatUint(uint64(d.count), 10)})
	if record.source != "" {
		pairs = append(pairs, wire.Pair{Name: "DeadLetterQueueSourceArn", Value: m.arn(record.source)})
	}
	if record.dedup != "" {
		pairs = append(pairs, wire.Pair{Name: "MessageDeduplicationId", Value: record.dedup})
	}
	if record.group != "" {
		pairs = append(pairs, wire.Pair{Name: "MessageGroupId", Value: record.group})
	}
	if record.sender != "" {
		pairs = append(pairs, wire.Pair{Name: "SenderId", Value: record.sender})
	}
	pairs = append(pairs, wire.Pair{Name: "SentTimestamp", Value: strconv.FormatInt(int64(record.sent), 10)})
	if record.dedup != "" {
		pairs = append(pairs, wire.Pair{Name: "SequenceNumber", Value: sequenceNumber(d.ordinal)})
	}
	return pairs
}
