package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sqsd/wire"
)

// action numbers what a client can decide to do.
type action int

const (
	actCreate action = iota
	actDeleteQueue
	actURL
	actList
	actAttributes
	actSetAttributes
	actPurge
	actSend
	actSendBatch
	actReceive
	actPoll
	actDelete
	actDeleteBatch
	actChange
	actChangeBatch
	actions
)

// knownDelivery is what clients remember of a message that one of them received.
type knownDelivery struct {
	queue  string
	handle string        // a reference to it
	at     time.Duration // when the client had it
}

// draw makes the client's next request. It returns nil if the client knows nothing to do it with.
func (c *client) draw(a action) wire.Request {
	name := c.queueName()
	ref := wire.QueueRef{QueueURL: name, Name: name}
	switch a {
	case actCreate:
		return &wire.CreateQueueRequest{QueueName: name, Attributes: c.attributes(false)}
	case actDeleteQueue:
		return &wire.DeleteQueueRequest{QueueRef: ref}
	case actURL:
		return &wire.GetQueueURLRequest{QueueName: name}
	case actList:
		return c.listing()
	case actAttributes:
		return &wire.GetQueueAttributesRequest{QueueRef: ref, AttributeNames: []string{"All"}}
	case actSetAttributes:
		return &wire.SetQueueAttributesRequest{QueueRef: ref, Attributes: c.attributes(true)}
	case actPurge:
		return &wire.PurgeQueueRequest{QueueRef: ref}
	case actSend:
		return &wire.SendMessageRequest{QueueRef: ref, Outgoing: c.outgoing()}
	case actSendBatch:
		return c.sendBatch(ref)
	case actReceive, actPoll:
		return c.receive(ref, a == actPoll)
	default:
		return c.withHandles(a)
	}
}

// queueName draws a queue, the first ones more often.
func (c *client) queueName() string {
	n := c.world.plan.work.queues
	return fmt.Sprintf("q%d", min(c.random.IntN(n), c.random.IntN(n)))
}

// settings are attributes with values that make things happen within seconds.
var settings = []struct {
	name   string
	values []int
}{
	{"DelaySeconds", []int{0, 0, 0, 1, 2}},
	{"MaximumMessageSize", []int{1024, 4096, 1048576}},
	{"MessageRetentionPeriod", []int{60, 61, 345600}},
	{"ReceiveMessageWaitTimeSeconds", []int{0, 0, 1, 3}},
	{"VisibilityTimeout", []int{0, 1, 2, 3, 5}},
}

// attributes draws some settings, in name order; at least one if asked to.
func (c *client) attributes(some bool) wire.Pairs {
	var pairs wire.Pairs
	for i, s := range settings {
		if c.random.chance(30) || some && i == len(settings)-1 && len(pairs) == 0 {
			pairs = append(pairs, wire.Pair{Name: s.name, Value: strconv.Itoa(s.values[c.random.IntN(len(s.values))])})
		}
	}
	return c.withRedrive(pairs)
}

// withRedrive adds a redrive policy to some settings: to any queue, this one included, or to one that never exists.
func (c *client) withRedrive(pairs wire.Pairs) wire.Pairs {
	if !c.random.chance(c.world.plan.work.poisoned) {
		return pairs
	}
	target := c.queueName()
	if c.random.chance(5) {
		target = "never-created"
	}
	policy := wire.RedrivePolicy{TargetARN: "arn:aws:sqs:" + region + ":" + account + ":" + target, MaxReceiveCount: c.random.between(1, 3)}
	at, _ := slices.BinarySearchFunc(pairs, wire.AttrRedrivePolicy, func(p wire.Pair, name string) int {
		return strings.Compare(p.Name, name)
	})
	return slices.Insert(pairs, at, wire.Pair{Name: wire.AttrRedrivePolicy, Value: policy.String()})
}

// outlasting is true in percent of cases before the lull of a run that has one.
func (c *client) outlasting(percent int) bool {
	return c.world.now < c.world.plan.lull.from && c.random.chance(percent)
}

// firstSettings are the attributes that a queue starts a run with: timeouts that pass within the run.
func (c *client) firstSettings() wire.Pairs {
	pairs := wire.Pairs{{Name: "VisibilityTimeout", Value: strconv.Itoa(c.random.between(1, 4))}}
	if c.random.chance(25) || c.outlasting(80) {
		pairs = slices.Insert(pairs, 0, wire.Pair{Name: "MessageRetentionPeriod", Value: "60"})
	}
	return pairs
}

func (c *client) listing() wire.Request {
	r := &wire.ListQueuesRequest{}
	if c.random.chance(30) {
		r.QueueNamePrefix = "q"
	}
	if c.random.chance(40) {
		r.MaxResults = wire.Int(int32(c.random.between(1, 3)))
	}
	if c.random.chance(20) {
		r.NextToken = c.queueName() // the front end makes tokens of names, and names of tokens
		r.After = r.NextToken
	}
	return r
}

// senderID is who sends all messages.
const senderID = "simulated"

// outgoing draws a message. Its body is unique in the run.
func (c *client) outgoing() wire.Outgoing {
	c.sent++
	body := fmt.Sprintf("m-%d-%d", c.id, c.sent)
	if c.random.chance(5) {
		// Sizes around the smallest limit that a queue may set.
		body = fmt.Sprintf("%s-%0*d", body, 1000+c.random.IntN(30), 0)
	}
	out := wire.Outgoing{MessageBody: body, SenderID: senderID}
	if c.random.chance(15) {
		out.DelaySeconds = wire.Int(int32(c.random.IntN(4)))
	}
	if c.outlasting(5) {
		out.DelaySeconds = wire.Int(longer)
	}
	if c.random.chance(15) {
		out.MessageAttributes = wire.MessageAttributes{
			{Name: "blob", DataType: "Binary", BinaryValue: []byte(body)},
			{Name: "count", DataType: "Number", StringValue: strconv.Itoa(c.sent)},
		}
	}
	if c.random.chance(5) {
		out.MessageSystemAttributes = wire.MessageAttributes{
			{Name: "AWSTraceHeader", DataType: "String", StringValue: "Root=1-" + body},
		}
	}
	return out
}

func (c *client) sendBatch(ref wire.QueueRef) wire.Request {
	r := &wire.SendMessageBatchRequest{QueueRef: ref}
	for i := range c.random.between(1, c.world.plan.work.batch) {
		e := wire.SendMessageBatchEntry{ID: fmt.Sprintf("e%d", i), Outgoing: c.outgoing()}
		if c.random.chance(3) {
			e.MessageBody += "\x01" // no such character is allowed
		}
		r.Entries = append(r.Entries, e)
	}
	refuseEntries(r)
	return r
}

// refuseEntries makes the front end judge each entry of a batch.
func refuseEntries(r *wire.SendMessageBatchRequest) { _ = wire.Validate(r) }

func (c *client) receive(ref wire.QueueRef, long bool) wire.Request {
	r := &wire.ReceiveMessageRequest{QueueRef: ref}
	if c.random.chance(60) {
		r.MaxNumberOfMessages = wire.Int(int32(c.random.between(1, 10)))
	}
	if c.random.chance(40) {
		r.VisibilityTimeout = wire.Int([]int32{0, 1, 1, 2, 3, 6}[c.random.IntN(6)])
	}
	if c.outlasting(10) {
		r.VisibilityTimeout = wire.Int(longer)
	}
	switch {
	case long:
		r.WaitTimeSeconds = wire.Int([]int32{1, 1, 2, 3, 5, 20}[c.random.IntN(6)])
	case c.random.chance(80):
		r.WaitTimeSeconds = wire.Int(0)
	}
	return r
}

// withHandles draws a request about deliveries that clients know of.
func (c *client) withHandles(a action) wire.Request {
	known, ok := c.delivery()
	if !ok {
		return nil
	}
	ref := wire.QueueRef{QueueURL: known.queue, Name: known.queue}
	switch a {
	case actDelete:
		return &wire.DeleteMessageRequest{QueueRef: ref, ReceiptHandle: known.handle}
	case actChange:
		return &wire.ChangeMessageVisibilityRequest{
			QueueRef: ref, ReceiptHandle: known.handle, VisibilityTimeout: wire.Int(c.timeout(known)),
		}
	case actDeleteBatch:
		r := &wire.DeleteMessageBatchRequest{QueueRef: ref}
		for i, d := range c.deliveries(known) {
			r.Entries = append(r.Entries, wire.DeleteMessageBatchEntry{ID: fmt.Sprintf("d%d", i), ReceiptHandle: d.handle})
		}
		return r
	default:
		r := &wire.ChangeMessageVisibilityBatchRequest{QueueRef: ref}
		for i, d := range c.deliveries(known) {
			r.Entries = append(r.Entries, wire.ChangeMessageVisibilityBatchEntry{
				ID: fmt.Sprintf("c%d", i), ReceiptHandle: d.handle, VisibilityTimeout: wire.Int(c.timeout(d)),
			})
		}
		return r
	}
}

// timeout draws a visibility timeout for a change: mostly seconds. For old deliveries it may be more than the 12 hours
// allow, which is refused; for a fresh one it would hide the message beyond the end of the run.
func (c *client) timeout(d knownDelivery) int32 {
	timeouts := []int32{0, 0, 1, 2, 3, 4, 7, 43200}
	if c.world.now-d.at < 3*time.Second {
		timeouts = timeouts[:len(timeouts)-1]
	}
	return timeouts[c.random.IntN(len(timeouts))]
}

// delivery draws a delivery to act on: mostly a recent one of this client, sometimes an old one or another client's,
// sometimes with the name of another queue.
func (c *client) delivery() (knownDelivery, bool) {
	pool := c.own
	if len(pool) == 0 || c.random.chance(c.world.plan.work.strange) {
		pool = c.world.clients.everyones
	}
	if len(pool) == 0 {
		return knownDelivery{}, false
	}
	i := len(pool) - 1
	if c.random.chance(40) {
		i = c.random.IntN(len(pool))
	}
	d := pool[i]
	if c.random.chance(3) {
		d.queue = c.queueName()
	}
	if c.random.chance(1) {
		d.handle = "bm90IGEgaGFuZGxl"
	}
	return d, true
}

// deliveries are up to ten different ones of one queue, the given one first.
func (c *client) deliveries(first knownDelivery) []knownDelivery {
	list := []knownDelivery{first}
	for range c.random.between(0, c.world.plan.work.batch-1) {
		d, ok := c.delivery()
		same := func(other knownDelivery) bool { return other.handle == d.handle }
		if ok && d.queue == first.queue && !slices.ContainsFunc(list, same) {
			list = append(list, d)
		}
	}
	return list
}
