package model

import (
	"cmp"
	"slices"
	"strconv"

	"sqsd/wire"
)

// second is a second of true time.
const second = int64(1e9)

// survey is a history sorted by what it says about each message and each queue.
type survey struct {
	h        *History
	messages []*sighting // in the order of their sends; those that nobody sent come last
	byID     map[string]*sighting
	byBody   map[bodyKey][]*sighting
	receipts map[string]*receipt // by handle
	queues   []*queueSurvey      // in the order of appearance
	byQueue  map[string]*queueSurvey
	shown    map[string][]*shown // by queue, when messages were certainly visible
}

// bodyKey finds the send of a message by its content; workloads give every message a body of its own.
type bodyKey struct{ queue, body string }

// sighting is what clients saw of one message. A send of unknown outcome counts as a message that may exist.
type sighting struct {
	queue string
	id    string // empty if the answer to the send is unknown and the message was never received
	send  *Operation
	out   *wire.Outgoing
	acked bool // the send was answered with success
	// receipts are in the order of their receive counts, or of their calls where counts were not asked for.
	receipts []*receipt
}

// receipt is one delivery of a message to a client that got the answer.
type receipt struct {
	of      *sighting
	op      *Operation
	message *wire.Message
	count   int // ApproximateReceiveCount; 0 if it was not asked for
	// least and most bound the visibility timeout, in ns.
	least, most int64
	uses        []*use // on the queue that the message came from, by call
	misuses     []*use // on other queues
}

// use is one use of a receipt handle.
type use struct {
	op       *Operation
	handle   string
	deleting bool
	timeout  int64 // of a change, in ns
	result   outcome
	code     string // of a refusal, as batches spell it
}

type outcome int

const (
	took    outcome = iota // answered with success
	refused                // answered with an error
	open                   // unknown
)

// newSurvey reads a history once for sends, once for receipts, and once for what was done with them.
func newSurvey(h *History) *survey {
	s := &survey{h: h, byID: map[string]*sighting{}, byBody: map[bodyKey][]*sighting{}, receipts: map[string]*receipt{},
		byQueue: map[string]*queueSurvey{}}
	for i := range h.Operations {
		s.addToQueue(&h.Operations[i])
	}
	for _, q := range s.queues {
		q.close()
	}
	for i := range h.Operations {
		s.addSends(&h.Operations[i])
	}
	for i := range h.Operations {
		s.addReceipts(&h.Operations[i])
	}
	for i := range h.Operations {
		s.addUses(&h.Operations[i])
	}
	for _, m := range s.messages {
		slices.SortStableFunc(m.receipts, func(a, b *receipt) int {
			return cmp.Or(cmp.Compare(a.count, b.count), cmp.Compare(a.op.Call, b.op.Call))
		})
		for _, r := range m.receipts {
			slices.SortStableFunc(r.uses, func(a, b *use) int { return cmp.Compare(a.op.Call, b.op.Call) })
		}
	}
	s.findShown()
	return s
}

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
	if !o.Unknown {
		m.acked, m.id = true, resp.MessageID
		if s.byID[m.id] == nil {
			s.byID[m.id] = m
		}
	}
	s.messages = append(s.messages, m)
	key := bodyKey{queue, out.MessageBody}
	s.byBody[key] = append(s.byBody[key], m)
}

func (s *survey) addReceipts(o *Operation) {
	resp, ok := o.Response.(*wire.ReceiveMessageResponse)
	if !ok || o.Unknown {
		return
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
	for i := range resp.Messages {
		each := r
		each.message = &resp.Messages[i]
		each.of = s.sightingOf(req.Name, each.message)
		count, _ := each.message.Attributes.Get("ApproximateReceiveCount")
		each.count, _ = strconv.Atoi(count)
		each.of.receipts = append(each.of.receipts, &each)
		s.receipts[each.message.ReceiptHandle] = &each
	}
}

// sightingOf finds a received message by its id or, if its send has an unknown outcome, by its body.
func (s *survey) sightingOf(queue string, got *wire.Message) *sighting {
	if m := s.byID[got.MessageID]; m != nil {
		return m
	}
	m := &sighting{queue: queue, id: got.MessageID}
	for _, sent := range s.byBody[bodyKey{queue, got.Body}] {
		if !sent.acked && sent.id == "" {
			m = sent
			m.id = got.MessageID
			break
		}
	}
	if m.send == nil {
		s.messages = append(s.messages, m)
	}
	s.byID[m.id] = m
	return m
}

func (s *survey) addUses(o *Operation) {
	switch r := o.Request.(type) {
	case *wire.DeleteMessageRequest:
		s.addUse(r.ReceiptHandle, &use{op: o, deleting: true, result: o.outcome(), code: o.code()})
	case *wire.ChangeMessageVisibilityRequest:
		s.addUse(r.ReceiptHandle, &use{op: o, timeout: int64(r.VisibilityTimeout.Value) * second, result: o.outcome(), code: o.code()})
	case *wire.DeleteMessageBatchRequest:
		for i := range r.Entries {
			u := &use{op: o, deleting: true}
			u.result, u.code = o.entryOutcome(r.Entries[i].ID)
			s.addUse(r.Entries[i].ReceiptHandle, u)
		}
	case *wire.ChangeMessageVisibilityBatchRequest:
		for i := range r.Entries {
			u := &use{op: o, timeout: int64(r.Entries[i].VisibilityTimeout.Value) * second}
			u.result, u.code = o.entryOutcome(r.Entries[i].ID)
			s.addUse(r.Entries[i].ReceiptHandle, u)
		}
	}
}

func (s *survey) addUse(handle string, u *use) {
	u.handle = handle
	r := s.receipts[handle]
	switch {
	case r == nil:
	case queueOf(u.op.Request) != queueOf(r.op.Request):
		r.misuses = append(r.misuses, u)
	default:
		r.uses = append(r.uses, u)
	}
}

func (o *Operation) outcome() outcome {
	switch {
	case o.Unknown:
		return open
	case o.Err != nil:
		return refused
	}
	return took
}

func (o *Operation) code() string {
	if o.Err == nil {
		return ""
	}
	return o.Err.Code.Query()
}

// entryOutcome is what became of one entry of a batch.
func (o *Operation) entryOutcome(entry string) (outcome, string) {
	if resp, ok := o.Response.(*wire.BatchResponse); ok && !o.Unknown {
		for _, f := range resp.Failed {
			if f.ID == entry {
				return refused, f.Code
			}
		}
	}
	return o.outcome(), o.code()
}

// before says that a receipt is certainly earlier than another one of the same message.
func (r *receipt) before(other *receipt) bool {
	if r.count > 0 && other.count > 0 {
		return r.count < other.count
	}
	return r.op.Return < other.op.Call
}

// replacedBy is a receipt of the same message that had certainly made this one's handle an old one by a time.
func (r *receipt) replacedBy(at int64) *receipt {
	for _, later := range r.of.receipts {
		if later != r && r.before(later) && later.op.Return < at {
			return later
		}
	}
	return nil
}

// mayReplace says that another known receipt may have made this one's handle an old one before a time.
func (r *receipt) mayReplace(at int64) bool {
	for _, other := range r.of.receipts {
		if other != r && !other.before(r) && other.op.Call <= at {
			return true
		}
	}
	return false
}
