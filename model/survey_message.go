package model

import (
	"cmp"
	"slices"
	"strconv"

	"sqsd/wire"
)

func (s *survey) addSends(o *Operation) {
	switch r := o.Request.(type) {
	case *wire.SendMessageRequest:
		resp, _ := o.Response.(*wire.SendMessageResponse)
		s.addSend(o, r.Name, &r.Outgoing, resp)
	case *wire.SendMessageBatchRequest:
		results := map[string]*wire.SendMessageResponse{}
		if resp, ok := o.Response.(*wire.SendMessageBatchResponse); ok {
			for i := range resp.Successful {
				results[resp.Successful[i].ID] = &resp.Successful[i].SendMessageResponse
			}
		}
		for i := range r.Entries {
			s.addSend(o, r.Name, &r.Entries[i].Outgoing, results[r.Entries[i].ID])
		}
	}
}

func (s *survey) addSend(o *Operation, queue string, out *wire.Outgoing, resp *wire.SendMessageResponse) {
	if !o.Unknown && resp == nil {
		return // refused: nothing was sent
	}
	m := &sighting{queue: queue, send: o, out: out}
	if wire.IsFIFO(queue) {
		if m = s.addDedup(m, resp); m == nil {
			return
		}
	}
	if !o.Unknown {
		m.acked, m.id = true, resp.MessageID
		s.know(m)
	}
	s.messages = append(s.messages, m)
	s.addContent(m, out)
}

// addDedup files a send to a FIFO queue. It returns nil if it is a duplicate of one that is known by the id.
func (s *survey) addDedup(m *sighting, resp *wire.SendMessageResponse) *sighting {
	m.sends = []*Operation{m.send}
	name := m.dedupName()
	if resp != nil {
		m.sequence = resp.SequenceNumber
		if original := s.byID[idKey{m.queue, resp.MessageID}]; original != nil && original.dedupName() == name {
			original.sends = append(original.sends, m.send)
			s.addContent(original, m.out)
			return nil
		}
	}
	s.byDedup[name] = append(s.byDedup[name], m)
	return m
}

func (m *sighting) dedupName() dedupName {
	id, _ := wire.DeduplicationID(m.out, true)
	return dedupName{m.queue, id}
}

// widenSends makes the send of every message in a FIFO queue reach over all that may have stored it: a send of unknown
// outcome with the same deduplication id may have been the first one.
func (s *survey) widenSends() {
	for _, m := range s.messages {
		if m.sends == nil {
			continue
		}
		whole := *m.sends[0]
		m.sole = m.acked && len(m.sends) == 1
		for _, o := range m.sends {
			whole.Call, whole.Return = min(whole.Call, o.Call), min(whole.Return, o.end())
		}
		for _, other := range s.byDedup[m.dedupName()] {
			if other != m && !other.acked {
				whole.Call = min(whole.Call, other.sends[0].Call)
				m.sole = false
				s.addContent(m, other.out)
			}
		}
		m.send = &whole
	}
}

// learnSequence takes the sequence number of a message from the first receipt that shows it.
func (m *sighting) learnSequence(queue string, got *wire.Message) {
	if number, _ := got.Attributes.Get("SequenceNumber"); m.sequence == "" && m.queue == queue {
		m.sequence = number
	}
}

// addRepeat files a delivery that was made before, by a receive with the same attempt id.
func (s *survey) addRepeat(again *receipt, handle string) bool {
	r := s.receipts[handle]
	if r == nil || again.attempt() == "" || r.attempt() != again.attempt() {
		return false
	}
	r.uses = append(r.uses, &use{op: again.op, handle: handle, timeout: again.least, most: again.most, result: took, again: true})
	return true
}

// addUnseenRepeats takes note of a receive of unknown outcome that may have been a repeated one.
func (s *survey) addUnseenRepeats(o *Operation) {
	req, ok := o.Request.(*wire.ReceiveMessageRequest)
	if !ok || !o.Unknown || req.ReceiveRequestAttemptID == "" {
		return
	}
	for _, r := range s.attempts[attemptName{req.Name, req.ReceiveRequestAttemptID}] {
		r.uses = append(r.uses, &use{op: o, handle: r.message.ReceiptHandle, timeout: 0, most: Never, result: open, again: true})
	}
}

// receiptsIn are the receipts in the answer of an operation.
func (s *survey) receiptsIn(o *Operation) []*receipt {
	resp, ok := o.Response.(*wire.ReceiveMessageResponse)
	if !ok || o.Unknown {
		return nil
	}
	req := o.Request.(*wire.ReceiveMessageRequest)
	timeouts := s.byQueue[req.Name].visibility
	r := receipt{op: o, least: timeouts.least, most: timeouts.most}
	if req.VisibilityTimeout.Set {
		r.least = int64(req.VisibilityTimeout.Value) * second
		r.most = r.least
	}
	if o.unheard {
		r.least = 0 // the server may have taken it back at once
	}
	all := make([]*receipt, len(resp.Messages))
	for i := range resp.Messages {
		each := r
		each.message = &resp.Messages[i]
		count, _ := each.message.Attributes.Get("ApproximateReceiveCount")
		each.count, _ = strconv.Atoi(count)
		all[i] = &each
	}
	return all
}

// sortReceipts puts the receipts of each message, which are in the order of their calls, into that of their receive counts:
// where it was first says where it came from. A long poll may have been called long before.
func sortReceipts(all []*receipt) {
	places := map[string][]int{}
	for i, r := range all {
		places[r.message.MessageID] = append(places[r.message.MessageID], i)
	}
	for _, at := range places { // order: each message by itself
		own := make([]*receipt, len(at))
		for i, place := range at {
			own[i] = all[place]
		}
		slices.SortStableFunc(own, func(a, b *receipt) int { return cmp.Compare(a.count, b.count) })
		for i, place := range at {
			all[place] = own[i]
		}
	}
}

func (s *survey) addReceipt(r *receipt) {
	req := r.op.Request.(*wire.ReceiveMessageRequest)
	if s.addRepeat(r, r.message.ReceiptHandle) {
		return
	}
	r.of = s.sightingOf(req.Name, r.message)
	r.of.learnSequence(req.Name, r.message)
	r.of.receipts = append(r.of.receipts, r)
	s.receipts[r.message.ReceiptHandle] = r
	if id := req.ReceiveRequestAttemptID; id != "" {
		s.attempts[attemptName{req.Name, id}] = append(s.attempts[attemptName{req.Name, id}], r)
	}
}

// know files a message by its id.
func (s *survey) know(m *sighting) {
	key := idKey{m.queue, m.id}
	if s.byID[key] == nil {
		s.byID[key] = m
		s.withID[m.id] = append(s.withID[m.id], m)
	}
}

// sightingOf finds a received message by its id or, if its send has an unknown outcome, by its body.
func (s *survey) sightingOf(queue string, got *wire.Message) *sighting {
	if m := s.byID[idKey{queue, got.MessageID}]; m != nil {
		return m
	}
	if len(s.withID[got.MessageID]) == 0 && s.past(queue, got) == nil {
		for _, sent := range s.byBody[bodyKey{queue, got.Body}] {
			if !sent.acked && sent.id == "" {
				sent.id = got.MessageID
				s.know(sent)
				return sent
			}
		}
	}
	if m := s.movedTo(queue, got); m != nil {
		return m
	}
	if all := s.withID[got.MessageID]; len(all) > 0 {
		return all[0] // it cannot have come here
	}
	m := &sighting{queue: queue, id: got.MessageID}
	s.messages = append(s.messages, m)
	s.know(m)
	return m
}
