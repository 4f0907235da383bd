package model

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sqsd/wire"
)

// receive takes messages that are available: of a standard queue in send order, of a FIFO queue group by group.
func (s *Spec) receive(q *queueState, req *wire.ReceiveMessageRequest, a answer) *Violation {
	var got []wire.Message
	if a.seen && a.err == nil {
		result, v := accepted[*wire.ReceiveMessageResponse](a, Live, q.name, req.Action())
		if v != nil {
			return v
		}
		got = result.Messages
	}
	timeout := wire.Time(req.VisibilityTimeout.Or(int32(q.number(wire.AttrVisibilityTimeout)))) * 1000
	if before := q.attempted(req, s.now); before != nil {
		return s.receiveAgain(q, before, timeout, got, a)
	}
	limit := int(req.MaxNumberOfMessages.Or(1))
	if s.config.MaxInFlight > 0 {
		limit = max(0, min(limit, s.config.MaxInFlight-s.count(q).InFlight))
	}
	if limit == 0 && q.fifo == nil {
		return s.receiveNothing(q, req, a, len(q.available(s.now)))
	}
	want, dead, v := s.choose(q, limit, got, a)
	if v != nil {
		if v.Promise == Prompt || a.err != nil && a.err.Code == wire.OverLimit {
			v = cmp.Or(s.explainLimit(q, len(got)), v)
		}
		return v
	}
	for _, m := range dead {
		s.moveDead(m)
	}
	for i, m := range want {
		s.deliver(m, timeout)
		if !a.seen {
			continue
		}
		if v := s.checkDelivery(m, &got[i]); v != nil {
			return v
		}
	}
	s.changed(q)
	q.serve(want)
	q.attempt(req, want, s.now)
	return nil
}

// choose is which messages a receive takes and which it moves to the dead-letter queue, as far as the answer shows that
// it was right. It ends with the last move that a receive may make.
func (s *Spec) choose(q *queueState, limit int, got []wire.Message, a answer) (want, dead []*message, v *Violation) {
	if a.seen && a.err != nil {
		_, v := accepted[*wire.ReceiveMessageResponse](a, Live, q.name, "ReceiveMessage")
		return nil, nil, v
	}
	if q.fifo != nil {
		return s.chooseGroups(q, limit, got, a.seen)
	}
	visible := q.available(s.now)
	for len(visible) > 0 && len(want) < limit && len(dead) < maxMoves {
		i := q.next(visible)
		if s.isDead(visible[i]) {
			dead = append(dead, visible[i])
		} else {
			want = append(want, visible[i])
		}
		visible = slices.Delete(visible, i, i+1)
	}
	if !a.seen {
		return want, dead, nil
	}
	return want, dead, s.checkChoice(q, want, got)
}

// available lists the visible messages in send order.
func (q *queueState) available(now wire.Time) (all []*message) {
	for _, m := range q.messages {
		if now >= m.hiddenUntil() {
			all = append(all, m)
		}
	}
	return all
}

// hiddenUntil is from when on a message is visible. The delay of a FIFO queue applies to the messages that it holds
// whenever it is changed, those that came from other queues too, as long as they were never received there.
func (m *message) hiddenUntil() wire.Time {
	if m.queue.fifo != nil && m.current == nil && !m.returned {
		return m.sentAt + m.queue.seconds(wire.AttrDelaySeconds)
	}
	return m.visibleAt
}

// receiveNothing is a receive at the limit of messages in flight: OverLimit on a short poll, empty on a long one. A
// short poll that would find nothing anyway may be answered either way.
func (s *Spec) receiveNothing(q *queueState, req *wire.ReceiveMessageRequest, a answer, visible int) *Violation {
	if !a.seen {
		return nil
	}
	long := int(req.WaitTimeSeconds.Or(int32(q.number(wire.AttrReceiveMessageWaitTime)))) > 0
	result, ok := a.response.(*wire.ReceiveMessageResponse)
	if (long || visible == 0) && a.err == nil && ok && len(result.Messages) == 0 {
		return nil
	}
	if long {
		return violated(Linearizable, q.name, "",
			"ReceiveMessage answered %s at the limit of messages in flight", describeAnswer(a))
	}
	return a.refused(wire.OverLimit, Linearizable, q.name, req.Action(), "too many messages are in flight")
}

func (s *Spec) deliver(m *message, timeout wire.Time) {
	m.stays = false
	m.receives++
	if m.receives == 1 {
		m.firstAt = s.now
	}
	m.visibleAt = s.now + timeout
	m.current = &delivery{message: m, at: s.now}
	m.touched = ""
}

// checkChoice compares which messages were returned in which order.
func (s *Spec) checkChoice(q *queueState, want []*message, got []wire.Message) *Violation {
	for i := range got {
		id := got[i].MessageID
		if i < len(want) {
			s.learnID(want[i], id)
		}
		if i >= len(want) || want[i].id != id {
			if v := s.explainDelivery(q, id, got[:i]); v != nil {
				return v
			}
			if i >= len(want) {
				return violated(Linearizable, q.name, id, "more messages were received than asked for or allowed")
			}
			return explainMissing(want[i], Linearizable, "it was passed over for "+id)
		}
	}
	if len(got) < len(want) {
		return explainMissing(want[len(got)], Prompt, "only "+strconv.Itoa(len(got))+" messages were returned")
	}
	return nil
}

// learnID gives a message whose id was never observed an id that is new.
func (s *Spec) learnID(m *message, id string) {
	if !strings.HasPrefix(m.id, unseenPrefix) || s.ids[id] != nil {
		return
	}
	delete(s.ids, m.id)
	m.id = id
	s.ids[id] = m
}

// explainDelivery says why a message must not be delivered now; nil if it may.
func (s *Spec) explainDelivery(q *queueState, id string, before []wire.Message) *Violation {
	m := s.ids[id]
	switch {
	case m == nil:
		return violated(Linearizable, q.name, id, "delivered, but nobody sent it")
	case m.queue.name != q.name:
		return violated(OnePlace, q.name, id, "delivered, but it is in queue %s", m.queue.name)
	case m.fate == redriven:
		return violated(OnePlace, q.name, id, "delivered at %d, but it left for another queue at %d", s.now, m.fateAt)
	case m.queue != q || m.fate == goneQueue:
		return violated(Incarnations, q.name, id, "delivered, but it was sent to an earlier queue of that name")
	case m.fate == purged:
		return violated(Incarnations, q.name, id, "delivered at %d, but it was purged at %d", s.now, m.fateAt)
	case m.fate == deleted:
		return violated(FinalDelete, q.name, id, "delivered at %d, but it was deleted at %d", s.now, m.fateAt)
	case m.fate == expired:
		return violated(ReplicatedNow, q.name, id, "delivered at %d, but its retention ended at %d", s.now, m.fateAt)
	case slices.ContainsFunc(before, func(b wire.Message) bool { return b.MessageID == id }):
		return violated(OneHolder, q.name, id, "delivered twice by one receive")
	case s.now >= m.hiddenUntil():
		return nil
	case m.current == nil:
		return violated(ReplicatedNow, q.name, id, "delivered at %d, but it is delayed until %d", s.now, m.hiddenUntil())
	case m.touched != "":
		return violated(StaleHandles, q.name, id, "delivered at %d, but it is held until %d: %s had an effect", s.now,
			m.visibleAt, m.touched)
	}
	return violated(OneHolder, q.name, id, "delivered at %d, but delivery %d of %d holds it until %d", s.now, m.receives,
		m.current.at, m.visibleAt)
}

// explainMissing says that a visible message was not delivered although it was its turn.
func explainMissing(m *message, p Promise, how string) *Violation {
	switch q := m.queue; {
	case m.touched != "":
		return violated(StaleHandles, q.name, m.id, "not delivered although it is visible since %d: %s had an effect",
			m.hiddenUntil(), m.touched)
	case q.purged && m.current == nil && m.sentAt == q.purgedAt:
		return violated(Incarnations, q.name, m.id, "not delivered although it is visible since %d: it was sent at the time of a purge, "+
			"but behind it", m.hiddenUntil())
	}
	return violated(p, m.queue.name, m.id, "not delivered although it is visible since %d and the next in line: %s",
		m.hiddenUntil(), how)
}

// checkDelivery compares everything that a delivery carries with what was sent, and keeps its handle.
func (s *Spec) checkDelivery(m *message, got *wire.Message) *Violation {
	if s.handles[got.ReceiptHandle] != nil || got.ReceiptHandle == "" {
		return violated(StaleHandles, m.queue.name, m.id, "the receipt handle %q is not new", got.ReceiptHandle)
	}
	m.current.handle = got.ReceiptHandle
	s.handles[got.ReceiptHandle] = m.current
	return s.checkContent(m, got)
}

func (s *Spec) checkContent(m *message, got *wire.Message) *Violation {
	if got.Body != m.content.MessageBody {
		return violated(NothingSilent, m.queue.name, m.id, "the body is not the one that was sent")
	}
	if v := checkDigest(m.queue.name, m.id, "body", got.MD5OfBody, wire.BodyMD5(got.Body)); v != nil {
		return v
	}
	if !slices.EqualFunc(got.MessageAttributes, m.content.MessageAttributes, sameAttribute) {
		return violated(NothingSilent, m.queue.name, m.id, "the message attributes are not those that were sent")
	}
	if v := checkDigest(m.queue.name, m.id, "attributes", got.MD5OfMessageAttributes,
		wire.AttributesMD5(got.MessageAttributes)); v != nil {
		return v
	}
	if m.queue.fifo != nil {
		number, _ := got.Attributes.Get("SequenceNumber")
		if v := s.learnSequence(m, number); v != nil {
			return v
		}
	}
	return checkSystemAttributes(m, got.Attributes)
}

func sameAttribute(a, b wire.MessageAttribute) bool {
	return a.Name == b.Name && a.DataType == b.DataType && a.StringValue == b.StringValue && bytes.Equal(a.BinaryValue, b.BinaryValue)
}

// checkSystemAttributes compares the attributes that the server gives a message. Those without a value may be absent.
func checkSystemAttributes(m *message, got wire.Pairs) *Violation {
	dedupID := m.dedupID
	if m.moved && m.queue.fifo != nil {
		dedupID = m.id // so that it is never taken for a duplicate
	}
	want := []wire.Pair{
		{Name: "ApproximateFirstReceiveTimestamp", Value: strconv.FormatInt(int64(m.firstAt), 10)},
		{Name: "ApproximateReceiveCount", Value: strconv.Itoa(m.receives)},
		{Name: "DeadLetterQueueSourceArn", Value: m.source},
		{Name: "MessageDeduplicationId", Value: dedupID},
		{Name: "MessageGroupId", Value: m.content.MessageGroupID},
		{Name: "SenderId", Value: m.content.SenderID},
		{Name: "SequenceNumber", Value: m.sequence},
		{Name: "SentTimestamp", Value: strconv.FormatInt(int64(m.sentAt), 10)},
	}
	for _, sent := range m.content.MessageSystemAttributes {
		want = append(want, wire.Pair{Name: sent.Name, Value: sent.StringValue})
	}
	for _, pair := range want {
		if value, _ := got.Get(pair.Name); value != pair.Value {
			return violated(Linearizable, m.queue.name, m.id, "attribute %s is %q, want %q", pair.Name, value, pair.Value)
		}
	}
	for _, pair := range got {
		if !slices.ContainsFunc(want, func(w wire.Pair) bool { return w.Name == pair.Name }) {
			return violated(Linearizable, m.queue.name, m.id, "attribute %s is %q, want it absent", pair.Name, pair.Value)
		}
	}
	return nil
}
