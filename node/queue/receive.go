package queue

import (
	"strconv"

	"sqsd/wire"
)

func (m *Machine) receiveMessage(q *queue, req *wire.ReceiveMessageRequest, want bool) Result {
	most := min(int(req.MaxNumberOfMessages.Or(1)), q.visible(m.limits.MaxInFlight))
	if most <= 0 {
		return m.receiveNothing(q, req)
	}
	until := m.now + wire.Time(req.VisibilityTimeout.Or(q.visibility))*second
	m.taken = m.taken[:0]
	for range most {
		d, known := m.takeNext(q)
		if m.checkHeads(q); m.err != nil {
			return broken()
		}
		m.deliver(q, d, known, until)
		m.taken = append(m.taken, d)
	}
	for _, d := range m.taken {
		q.turn(d, m.now).push(d)
	}
	if !want {
		return done()
	}
	answer := &wire.ReceiveMessageResponse{Messages: make([]wire.Message, len(m.taken))}
	for i, d := range m.taken {
		m.describe(q, d, &answer.Messages[i])
	}
	return Result{Response: answer}
}

// receiveNothing is the answer when no message can be taken: at the in-flight limit a short poll is refused, a long
// poll comes back empty.
func (m *Machine) receiveNothing(q *queue, req *wire.ReceiveMessageRequest) Result {
	if q.inFlight.len() < m.limits.MaxInFlight {
		return Result{Response: &wire.ReceiveMessageResponse{}}
	}
	m.mark(markInFlightLimit)
	if req.WaitTimeSeconds.Or(q.wait) == 0 {
		return refused(wire.Errorf(wire.OverLimit, "The queue has %d messages in flight, as many as it may.", q.inFlight.len()))
	}
	return Result{Response: &wire.ReceiveMessageResponse{}}
}

// takeNext takes the first visible message in send order out of its set; known says that it was received before.
func (m *Machine) takeNext(q *queue) (d *delivery, known bool) {
	at, isFresh := q.firstFresh()
	late := q.late.len() > 0 && (!isFresh || q.late.at(0).position.compare(at) < 0)
	if late {
		at = q.late.at(0).position
	}
	switch {
	case q.again.len() > 0 && (!isFresh && !late || q.again.min().position.compare(at) < 0):
		d = q.again.min()
		q.again.remove(d)
		return d, true
	case late:
		if isFresh {
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
	d.count++
	d.last = m.now
	d.token = m.random.Uint64()
	d.visibleAt = until
	if known {
		m.saveAgain(q, d)
		return
	}
	d.first = m.now
	q.deliveries[d.position] = d
	q.byAge.push(d)
	m.save(q, d)
}

// describe reads a received message.
func (m *Machine) describe(q *queue, d *delivery, to *wire.Message) {
	value, err := m.store.Get(messageKey(m.key[:0], q.id, d.position))
	if err != nil {
		m.check(err)
		return
	}
	record, err := parseMessage(value)
	m.check(err)
	*to = wire.Message{
		MessageID:              record.id.String(),
		ReceiptHandle:          handle{q.id, q.nonce, d.position, d.token}.String(),
		MD5OfBody:              record.bodyMD5,
		Body:                   record.body,
		MD5OfMessageAttributes: wire.AttributesMD5(record.attributes),
		MessageAttributes:      record.attributes,
		Attributes:             systemAttributes(&record, d),
	}
}

// systemAttributes are all that apply, in name order.
func systemAttributes(record *messageRecord, d *delivery) wire.Pairs {
	pairs := make(wire.Pairs, 0, 6)
	for i := range record.system {
		pairs = append(pairs, wire.Pair{Name: record.system[i].Name, Value: record.system[i].StringValue})
	}
	pairs = append(pairs,
		wire.Pair{Name: "ApproximateFirstReceiveTimestamp", Value: strconv.FormatInt(int64(d.first), 10)},
		wire.Pair{Name: "ApproximateReceiveCount", Value: strconv.FormatUint(uint64(d.count), 10)})
	if record.group != "" {
		pairs = append(pairs, wire.Pair{Name: "MessageGroupId", Value: record.group})
	}
	if record.sender != "" {
		pairs = append(pairs, wire.Pair{Name: "SenderId", Value: record.sender})
	}
	return append(pairs, wire.Pair{Name: "SentTimestamp", Value: strconv.FormatInt(int64(record.sent), 10)})
}
