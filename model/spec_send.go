package model

import (
	"fmt"

	"sqsd/wire"
)

func (s *Spec) sendMessage(q *queueState, req *wire.SendMessageRequest, a answer) *Violation {
	if code := q.refuses(&req.Outgoing); code != 0 {
		return a.refused(code, Linearizable, q.name, req.Action(), "the queue does not take such a message")
	}
	if !a.seen {
		s.sendUnseen(q, &req.Outgoing)
		return nil
	}
	result, v := accepted[*wire.SendMessageResponse](a, Live, q.name, req.Action())
	if v != nil {
		return v
	}
	return s.sendAs(q, &req.Outgoing, result)
}

// sendBatch sends the entries in order. Each succeeds or fails by itself, but a FIFO queue refuses a batch with an entry
// that has no deduplication id.
func (s *Spec) sendBatch(q *queueState, req *wire.SendMessageBatchRequest, a answer) *Violation {
	for i := range req.Entries {
		if e := &req.Entries[i]; e.Err == nil && q.lacksDedupID(&e.Outgoing) {
			return a.refused(wire.InvalidParameterValue, Linearizable, q.name, req.Action(), "an entry has no deduplication id")
		}
	}
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
			s.sendUnseen(q, &e.Outgoing)
		} else if v := s.sendAs(q, &e.Outgoing, &result.SendMessageResponse); v != nil {
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
	if q.lacksDedupID(o) {
		return wire.InvalidParameterValue
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

// sendUnseen is a send whose answer was not observed.
func (s *Spec) sendUnseen(q *queueState, o *wire.Outgoing) {
	if len(q.sentBefore(o, s.now)) == 0 {
		s.store(q, o, s.unseenID())
	}
}

// sendAs stores a message under the id that the server chose, unless it is a duplicate, and checks what it answered.
func (s *Spec) sendAs(q *queueState, o *wire.Outgoing, result *wire.SendMessageResponse) *Violation {
	if v := checkDigests(q, o, result); v != nil {
		return v
	}
	if originals := q.sentBefore(o, s.now); len(originals) > 0 {
		return s.checkDuplicate(q, originals, result)
	}
	id := result.MessageID
	if old := s.ids[id]; old != nil || id == "" {
		return violated(OneEffect, q.name, id, "a message was sent, but its id %q is not new", id)
	}
	m := s.store(q, o, id)
	return s.learnSequence(m, result.SequenceNumber)
}

// store puts a message at the end of the queue; it is hidden until its delay is over.
func (s *Spec) store(q *queueState, o *wire.Outgoing, id string) *message {
	m := &message{queue: q, id: id, content: o, sentAt: s.now, fate: stored}
	if q.fifo == nil {
		m.visibleAt = s.now + wire.Time(o.DelaySeconds.Or(int32(q.number(wire.AttrDelaySeconds))))*1000
	} else {
		q.remember(m)
	}
	s.append(m)
	return m
}

// unseenPrefix starts the ids of messages whose id was never observed.
const unseenPrefix = "unseen-"

func (s *Spec) unseenID() string {
	s.unseen++
	return fmt.Sprintf("%s%d", unseenPrefix, s.unseen)
}

func checkDigests(q *queueState, o *wire.Outgoing, result *wire.SendMessageResponse) *Violation {
	id := result.MessageID
	if v := checkDigest(q.name, id, "body", result.MD5OfMessageBody, wire.BodyMD5(o.MessageBody)); v != nil {
		return v
	}
	attributes, system := wire.AttributesMD5(o.MessageAttributes), wire.AttributesMD5(o.MessageSystemAttributes)
	if v := checkDigest(q.name, id, "attributes", result.MD5OfMessageAttributes, attributes); v != nil {
		return v
	}
	return checkDigest(q.name, id, "system attributes", result.MD5OfMessageSystemAttributes, system)
}

// checkDigest compares a digest. A backend may leave digests to the front end, which computes them from the same bytes.
func checkDigest(queue, id, of, got, want string) *Violation {
	if got == want || got == "" {
		return nil
	}
	return violated(NothingSilent, queue, id, "the digest of the %s is %q, want %q", of, got, want)
}
