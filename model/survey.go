package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

// second is a second of true time.
const second = int64(1e9)

// survey is a history sorted by what it says about each message and each queue.
type survey struct {
	h        *History
	messages []*sighting // in the order of their sends; those that nobody sent, or that were moved, come last
	byID     map[idKey]*sighting
	byBody   map[bodyKey][]*sighting
	withID   map[string][]*sighting // in all queues
	withBody map[string][]*sighting // in all queues
	kin      map[string][]*sighting // by body, a message in all its queues and under all its ids
	routes   []route
	byDedup  map[dedupName][]*sighting // of FIFO queues
	receipts map[string]*receipt       // by handle
	attempts map[attemptName][]*receipt
	queues   []*queueSurvey // in the order of appearance
	byQueue  map[string]*queueSurvey
	shown    map[string][]*shown // by queue, when messages were certainly visible
}

// idKey finds a message in a queue.
type idKey struct{ queue, id string }

// bodyKey finds the send of a message by its content; workloads give every message a body of its own.
type bodyKey struct{ queue, body string }

// dedupName is what sends to a FIFO queue have in common if one may be a duplicate of the other.
type dedupName struct{ queue, id string }

// attemptName is what repeated receives have in common.
type attemptName struct{ queue, id string }

// sighting is what clients saw of one message in one queue. A send of unknown outcome counts as a message that may exist.
type sighting struct {
	queue string
	id    string // empty if the answer to the send is unknown and the message was never received
	// send is what stored the message. Where several sends may have done that, because they are duplicates of each other
	// in a FIFO queue, it is an operation made up of them: from the first call to the first return.
	send  *Operation
	sends []*Operation // in a FIFO queue, all that were answered with the id, or may have stored the message
	sole  bool         // no other send may have stored it
	out   *wire.Outgoing
	// contents are what it may be in a FIFO queue, if it was sent there; unsure says that they differ and nobody received it.
	contents []*wire.Outgoing
	unsure   bool
	acked    bool // the send was answered with success
	// home is the message in the queue where it got its id, if a redrive policy moved it here. Then send is made up: from
	// when it may have come until it was received.
	home *sighting
	// past is the message that it was before a move task gave it a new id. Then send is made up too.
	past  *sighting
	early bool // it was received here before it may have been moved
	// sequence is the sequence number in a FIFO queue; empty if it is not known.
	sequence string
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

func byCount(a, b *receipt) int {
	return cmp.Or(cmp.Compare(a.count, b.count), cmp.Compare(a.op.Call, b.op.Call))
}

// attempt is the ReceiveRequestAttemptId that the receipt was made with.
func (r *receipt) attempt() string {
	return r.op.Request.(*wire.ReceiveMessageRequest).ReceiveRequestAttemptID
}

// use is one use of a receipt handle. A repeated receive, which starts the timeouts again, is a use too.
type use struct {
	op       *Operation
	handle   string
	deleting bool
	timeout  int64 // of a change, in ns; the least that it may be
	most     int64 // and the most
	again    bool  // it is a repeated receive
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
	s := &survey{h: h, byID: map[idKey]*sighting{}, byBody: map[bodyKey][]*sighting{}, receipts: map[string]*receipt{},
		byQueue: map[string]*queueSurvey{}, byDedup: map[dedupName][]*sighting{},
		attempts: map[attemptName][]*receipt{}, withID: map[string][]*sighting{}, withBody: map[string][]*sighting{}}
	for i := range h.Operations {
		s.addToQueue(&h.Operations[i])
		s.addRoutes(&h.Operations[i])
	}
	for _, q := range s.queues {
		q.close()
	}
	for i := range h.Operations {
		s.addSends(&h.Operations[i])
	}
	s.widenSends()
	var receipts []*receipt
	for i := range h.Operations {
		receipts = append(receipts, s.receiptsIn(&h.Operations[i])...)
	}
	sortReceipts(receipts)
	for _, r := range receipts {
		s.addReceipt(r)
	}
	for i := range h.Operations {
		s.addUses(&h.Operations[i])
		s.addUnseenRepeats(&h.Operations[i])
	}
	s.closeContents()
	for _, m := range s.messages {
		slices.SortStableFunc(m.receipts, byCount)
		for _, r := range m.receipts {
			slices.SortStableFunc(r.uses, func(a, b *use) int { return cmp.Compare(a.op.Call, b.op.Call) })
		}
	}
	s.closeArrivals()
	s.findShown()
	return s
}

func (s *survey) addUses(o *Operation) {
	switch r := o.Request.(type) {
	case *wire.DeleteMessageRequest:
		s.addUse(r.ReceiptHandle, &use{op: o, deleting: true, result: o.outcome(), code: o.code()})
	case *wire.ChangeMessageVisibilityRequest:
		u := &use{op: o, timeout: int64(r.VisibilityTimeout.Value) * second, result: o.outcome(), code: o.code()}
		u.most = u.timeout
		s.addUse(r.ReceiptHandle, u)
	case *wire.DeleteMessageBatchRequest:
		for i := range r.Entries {
			u := &use{op: o, deleting: true}
			u.result, u.code = o.entryOutcome(r.Entries[i].ID)
			s.addUse(r.Entries[i].ReceiptHandle, u)
		}
	case *wire.ChangeMessageVisibilityBatchRequest:
		for i := range r.Entries {
			u := &use{op: o, timeout: int64(r.Entries[i].VisibilityTimeout.Value) * second}
			u.most = u.timeout
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
