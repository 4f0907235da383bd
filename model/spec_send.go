package model

import (
	"fmt"

	"sqsd/wire"
)

func (s *Spec) sendMessage(q *queueState, req *wire.SendMessageRequest, a answer) *Violation {
	if code := q.refuses(&req.Outgoing); code != 0 {
		return a.refused(code, Linearizable, q.name, req.Action(), "the message is larger than the queue allows")
	}
	if !a.seen {
		s.store(q, &req.Outgoing, s.unseenID())
		return nil
	}
	result, v := accepted[*wire.SendMessageResponse](a, Linearizable, q.name, req.Action())
	if v != nil {
		return v
	}
	return s.storeAs(q, &req.Outgoing, result)
}

// sendBatch sends the entries in order. Each succeeds or fails by itself.
func (s *Spec) sendBatch(q *queueState, req *wire.SendMessageBatchRequest, a answer) *Violation {
	b := openBatch(a, q.name, req.Action(),
		func(r *wire.SendMessageBatchResponse) ([]wire.SendMessageBatchResult, []wire.BatchResultError) {
			return r.Successful, r.Failed
		})
	for i := range req.Entries {
		e := &req.Entries[i]
		if code := q.refusesEntry(e); code != 0 {
			b.refuse(e.ID, code, Linearizable)
			continue
		}
		result := b.accept(e.ID, func(r *wire.SendMessageBatchResult) string { return r.ID })
		if result == nil {
			s.store(q, &e.Outgoing, s.unseenID())
		} else if v := s.storeAs(q, &e.Outgoing, &result.SendMessageResponse); v != nil {
			return v
		}
	}
	return b.close()
}

// refuses says why a queue does not take a message; 0 is no reason.
func (q *queueState) refuses(o *wire.Outgoing) wire.Code {
	if err := wire.CheckMessageSize(o, q.number(wire.AttrMaximumMessageSize)); err != nil {
		return err.Code
	}
	return 0
}

// refusesEntry is refuses for an entry of a batch, which validation may have refused already.
func (q *queueState) refusesEntry(e *wire.SendMessageBatchEntry) wire.Code {
	if e.Err != nil {
		return e.Err.Code
	}
	return q.refuses(&e.Outgoing)
}

// storeAs stores a message under the id that the server chose, and checks what it answered.
func (s *Spec) storeAs(q *queueState, o *wire.Outgoing, result *wire.SendMessageResponse) *Violation {
	id := result.MessageID
	if old := s.ids[id]; old != nil || id == "" {
		return violated(OneEffect, q.name, id, "a message was sent, but its id %q is not new", id)
	}
	if v := checkDigest(q.name, id, "body", result.MD5OfMessageBody, wire.BodyMD5(o.MessageBody)); v != nil {
		return v
	}
	if v := checkDigest(q.name, id,
		"attributes", result.MD5OfMessageAttributes, wire.AttributesMD5(o.MessageAttributes)); v != nil {
		return v
	}
	if v := checkDigest(q.name, id, "system attributes", result.MD5OfMessageSystemAttributes,
		wire.AttributesMD5(o.MessageSystemAttributes)); v != nil {
		return v
	}
	if result.SequenceNumber != "" {
		return violated(Linearizable, q.name, id, "a standard queue gave sequence number %s", result.SequenceNumber)
	}
	s.store(q, o, id)
	return nil
}

// store puts a message at the end of the queue; it is hidden until its delay is over.
func (s *Spec) store(q *queueState, o *wire.Outgoing, id string) {
	delay := wire.Time(o.DelaySeconds.Or(int32(q.number(wire.AttrDelaySeconds)))) * 1000
	m := &message{queue: q, id: id, content: o, sentAt: s.now, visibleAt: s.now + delay, fate: stored}
	q.messages = append(q.messages, m)
	s.ids[id] = m
}

func (s *Spec) unseenID() string {
	s.unseen++
	return fmt.Sprintf("unseen-%d", s.unseen)
}

// checkDigest compares a digest. A backend may leave digests to the front end, which computes them from the same bytes.
func checkDigest(queue, id, of, got, want string) *Violation {
	if got == want || got == "" {
		return nil
	}
	return violated(NothingSilent, queue, id, "the digest of the %s is %q, want %q", of, got, want)
}
