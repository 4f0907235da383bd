package model

import (
	"cmp"
	"slices"
	"strconv"

	"sqsd/wire"
)

// queueSurvey is what a history says about the queues of one name.
type queueSurvey struct {
	name     string
	creates  []*Operation // answered with success, or unknown
	removals []*Operation // DeleteQueue, answered with success, or unknown
	changes  []*Operation // what may change attributes, answered with success, or unknown
	barriers []*Operation // those and PurgeQueue, by call
	empties  []*Operation // receives that were answered with nothing
	reads    []*Operation // of attributes, answered with success
	unseen   []int64      // the calls of receives of unknown outcome, which may have delivered to nobody, in order
	received map[string]struct{}
	// What the attributes may have been at any time, in ns.
	visibility, delay, retention, wait bounds
	scopes                             scopes
}

// scopes says which deduplication scopes a FIFO queue may have had.
type scopes struct{ whole, perGroup bool }

// bounds are the least and the most that a value may have been.
type bounds struct {
	least, most int64
	known       bool
}

func (b *bounds) add(seconds string) {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return
	}
	n *= second
	if !b.known {
		*b = bounds{n, n, true}
		return
	}
	b.least, b.most = min(b.least, n), max(b.most, n)
}

func (s *survey) queue(name string) *queueSurvey {
	q := s.byQueue[name]
	if q == nil {
		q = &queueSurvey{name: name, received: map[string]struct{}{}}
		s.byQueue[name] = q
		s.queues = append(s.queues, q)
	}
	return q
}

func (s *survey) addToQueue(o *Operation) {
	name := queueOf(o.Request)
	if name == "" {
		return
	}
	q := s.queue(name)
	if o.outcome() == refused {
		return
	}
	switch o.Request.(type) {
	case *wire.CreateQueueRequest, *wire.SetQueueAttributesRequest, *wire.DeleteQueueRequest:
		q.changes = append(q.changes, o)
	}
	switch r := o.Request.(type) {
	case *wire.CreateQueueRequest:
		q.creates = append(q.creates, o)
		q.settings(wire.MergeAttributes(wire.DefaultAttributes(wire.IsFIFO(name)), r.Attributes))
	case *wire.SetQueueAttributesRequest:
		q.settings(r.Attributes)
	case *wire.DeleteQueueRequest:
		q.removals = append(q.removals, o)
		q.barriers = append(q.barriers, o)
	case *wire.PurgeQueueRequest:
		q.barriers = append(q.barriers, o)
	case *wire.ReceiveMessageRequest:
		q.addReceive(o)
	case *wire.GetQueueAttributesRequest:
		if !o.Unknown {
			q.reads = append(q.reads, o)
		}
	}
}

func (q *queueSurvey) addReceive(o *Operation) {
	resp, _ := o.Response.(*wire.ReceiveMessageResponse)
	switch {
	case o.Unknown:
		q.unseen = append(q.unseen, o.Call)
	case resp == nil || len(resp.Messages) == 0:
		q.empties = append(q.empties, o)
	default:
		for i := range resp.Messages {
			q.received[resp.Messages[i].MessageID] = struct{}{}
		}
	}
}

func (q *queueSurvey) settings(attributes wire.Pairs) {
	for _, each := range []struct {
		name string
		b    *bounds
	}{
		{wire.AttrVisibilityTimeout, &q.visibility}, {wire.AttrDelaySeconds, &q.delay},
		{wire.AttrMessageRetentionPeriod, &q.retention}, {wire.AttrReceiveMessageWaitTime, &q.wait},
	} {
		if value, ok := attributes.Get(each.name); ok {
			each.b.add(value)
		}
	}
	scope, ok := attributes.Get(wire.AttrDedupScope)
	q.scopes.perGroup = q.scopes.perGroup || scope == "messageGroup"
	q.scopes.whole = q.scopes.whole || ok && scope != "messageGroup"
}

// close completes the survey. A queue that was there before the history began may have had any attributes.
func (q *queueSurvey) close() {
	if len(q.creates) == 0 {
		q.visibility = bounds{0, wire.MaxVisibilityTimeout * second, true}
		q.delay = bounds{0, wire.MaxDelaySeconds * second, true}
		q.retention = bounds{wire.MinRetentionSeconds * second, wire.MaxRetentionSeconds * second, true}
		q.wait = bounds{0, wire.MaxWaitTimeSeconds * second, true}
		q.scopes = scopes{true, true}
	}
	slices.SortStableFunc(q.barriers, func(a, b *Operation) int { return cmp.Compare(a.Call, b.Call) })
	slices.Sort(q.unseen)
}

// unseenBefore is how many deliveries that no client saw may have been made before a time.
func (q *queueSurvey) unseenBefore(at int64) int {
	n, _ := slices.BinarySearch(q.unseen, at+1)
	return n
}

// delayOf bounds the delay of a message.
func (q *queueSurvey) delayOf(out *wire.Outgoing) bounds {
	if out.DelaySeconds.Set && !wire.IsFIFO(q.name) {
		n := int64(out.DelaySeconds.Value) * second
		return bounds{n, n, true}
	}
	return q.delay
}

// mayWait says that a receive may have been a long poll.
func (q *queueSurvey) mayWait(req *wire.ReceiveMessageRequest) bool {
	return req.WaitTimeSeconds.Or(0) > 0 || !req.WaitTimeSeconds.Set && q.wait.most > 0
}
