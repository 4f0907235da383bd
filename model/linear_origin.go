package model

import (
	"slices"

	"sqsd/wire"
)

// checkOrigin checks that whatever is received was sent, to that queue, before, and with that content.
func checkOrigin(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		for _, r := range m.receipts {
			if v := s.origin(m, r); v != nil {
				vs = append(vs, v.by(r.op.ID))
				break
			}
		}
	}
	return vs
}

func (s *survey) origin(m *sighting, r *receipt) *Violation {
	queue := queueOf(r.op.Request)
	got := r.message
	switch {
	case m.send == nil && len(s.byBody[bodyKey{queue, got.Body}]) > 0:
		return nil // one send, two messages: checkOneEffect
	case m.send == nil:
		return violated(Linearizable, queue, m.id, "received, but nobody sent it")
	case m.queue != queue:
		return violated(OnePlace, queue, m.id, "received, but it was sent to queue %s", m.queue)
	case r.op.Return < m.send.Call:
		return violated(Linearizable, queue, m.id, "received until %d ns, but sent from %d ns on", r.op.Return, m.send.Call)
	case got.Body != m.out.MessageBody:
		return violated(NothingSilent, queue, m.id, "received with body %q, but sent with %q", got.Body, m.out.MessageBody)
	case got.MD5OfBody != "" && got.MD5OfBody != wire.BodyMD5(got.Body):
		return violated(NothingSilent, queue, m.id, "the digest of the body is wrong")
	case got.MD5OfMessageAttributes != "" && got.MD5OfMessageAttributes != wire.AttributesMD5(got.MessageAttributes):
		return violated(NothingSilent, queue, m.id, "the digest of the attributes is wrong")
	}
	for _, a := range got.MessageAttributes {
		if !slices.ContainsFunc(m.out.MessageAttributes, func(b wire.MessageAttribute) bool { return sameAttribute(a, b) }) {
			return violated(NothingSilent, queue, m.id, "attribute %s is not as it was sent", a.Name)
		}
	}
	return nil
}

// checkOneEffect checks that no two sends have one message, and that no send has two. It tells messages apart by their
// bodies, and passes over bodies that were sent more than once.
func checkOneEffect(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		switch {
		case m.acked && s.withID[m.id][0] != m:
			vs = append(vs, violated(OneEffect, m.queue, m.id, "two sends were answered with this id").
				by(s.withID[m.id][0].send.ID, m.send.ID))
		case m.send == nil:
			sent := s.byBody[bodyKey{m.queue, m.receipts[0].message.Body}]
			if len(sent) == 1 {
				vs = append(vs, violated(OneEffect, m.queue, m.id,
					"received with the body of message %q, which was sent once", sent[0].id).
					by(sent[0].send.ID, m.receipts[0].op.ID))
			}
		}
	}
	return vs
}

// checkReceipts checks receive counts: different for every receipt, in their order, and explained by receipts that
// clients saw or may have missed.
func checkReceipts(s *survey) (vs []*Violation) {
	for _, m := range s.messages {
		if v := s.receiveCounts(m); v != nil {
			vs = append(vs, v)
		}
	}
	return vs
}

func (s *survey) receiveCounts(m *sighting) *Violation {
	if m.home != nil {
		return nil // judged with those of its home
	}
	receipts := m.receipts
	unseen := s.byQueue[m.queue].unseenBefore
	if s.movableFrom(m) < Never {
		receipts, unseen = s.wholeLife(s.withID[m.id])
	}
	var calls, returns []int64
	for _, r := range receipts {
		if r.count == 0 {
			return nil
		}
		calls, returns = append(calls, r.op.Call), append(returns, r.op.Return)
	}
	slices.Sort(calls)
	slices.Sort(returns)
	var latest *receipt // the one with the latest call so far
	for _, r := range receipts {
		if latest != nil && r.op.Return < latest.op.Call {
			return violated(Linearizable, m.queue, m.id, "received with count %d, after it had been received with count %d", r.count,
				latest.count).by(r.op.ID, latest.op.ID)
		}
		if latest != nil && latest.count == r.count && latest.of != r.of {
			return violated(OnePlace, m.queue, m.id, "received from queues %s and %s with count %d", latest.of.queue, r.of.queue,
				r.count).by(latest.op.ID, r.op.ID)
		}
		if latest != nil && latest.count == r.count {
			return violated(OneHolder, m.queue, m.id, "received twice with count %d", r.count).by(latest.op.ID, r.op.ID)
		}
		if latest == nil || r.op.Call > latest.op.Call {
			latest = r
		}
		least, _ := slices.BinarySearch(returns, r.op.Call)
		before, _ := slices.BinarySearch(calls, r.op.Return+1)
		if most := before + unseen(r.op.Return); r.count < least+1 || r.count > most {
			return violated(Linearizable, m.queue, m.id, "received with count %d, but it can only be %d to %d",
				r.count, least+1, most).by(r.op.ID)
		}
	}
	return nil
}

// wholeLife are the receipts of a message in all queues that it was in, in the order of their counts, which go on from
// queue to queue.
func (s *survey) wholeLife(all []*sighting) (receipts []*receipt, unseenBefore func(int64) int) {
	for _, m := range all {
		receipts = append(receipts, m.receipts...)
	}
	slices.SortStableFunc(receipts, byCount)
	return receipts, func(at int64) (n int) {
		for _, q := range s.queues {
			n += q.unseenBefore(at) // it may have been in any of them in between
		}
		return n
	}
}
