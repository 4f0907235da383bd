package sim

import (
	"fmt"
	"slices"
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
	actTag
	actUntag
	actTags
	actPermit
	actForbid
	actSources
	actStartTask
	actCancelTask
	actTasks
	actions
)

// knownDelivery is what clients remember of a message that one of them received.
type knownDelivery struct {
	queue, handle string
	at            time.Duration // when the client had it
}

// draw makes the client's next request. It returns nil if the client knows nothing to do it with.
func (c *client) draw(a action) wire.Request {
	name := c.queueName()
	ref := wire.QueueRef{QueueURL: name, Name: name}
	switch a {
	case actCreate:
		r := &wire.CreateQueueRequest{QueueName: name, Attributes: c.creation(name, c.attributes(name, false))}
		if c.random.chance(30) {
			r.Tags = wire.Pairs{{Name: "key-1", Value: "new"}}
		}
		return r
	case actDeleteQueue:
		return &wire.DeleteQueueRequest{QueueRef: ref}
	case actURL:
		return &wire.GetQueueURLRequest{QueueName: name}
	case actList:
		return c.listing()
	case actAttributes:
		return &wire.GetQueueAttributesRequest{QueueRef: ref, AttributeNames: []string{"All"}}
	case actSetAttributes:
		return &wire.SetQueueAttributesRequest{QueueRef: ref, Attributes: c.attributes(name, true)}
	case actPurge:
		return &wire.PurgeQueueRequest{QueueRef: ref}
	case actSend:
		return &wire.SendMessageRequest{QueueRef: ref, Outgoing: c.outgoing(name)}
	case actSendBatch:
		return c.sendBatch(ref)
	case actReceive, actPoll:
		return c.receive(ref, a == actPoll)
	case actTag, actUntag, actTags, actPermit, actForbid:
		return c.note(a, ref)
	case actSources:
		return c.sources(ref)
	case actStartTask:
		return c.startTask(name)
	case actCancelTask:
		return c.cancelTask()
	case actTasks:
		return &wire.ListMessageMoveTasksRequest{
			SourceARN: arnOf(name), Source: name, MaxResults: wire.Int(int32(c.random.between(1, wire.MaxMoveTaskResults))),
		}
	default:
		return c.withHandles(a)
	}
}

// queueName draws a queue, the first ones more often.
func (c *client) queueName() string {
	names := c.world.plan.work.queues
	return names[min(c.random.IntN(len(names)), c.random.IntN(len(names)))]
}

func (c *client) listing() wire.Request {
	r := &wire.ListQueuesRequest{}
	if c.random.chance(30) {
		r.QueueNamePrefix = oneOf(c.random, "q", "q1", "q0.", "z")
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

func (c *client) sources(ref wire.QueueRef) wire.Request {
	r := &wire.ListDeadLetterSourceQueuesRequest{QueueRef: ref}
	if c.random.chance(40) {
		r.MaxResults = wire.Int(int32(c.random.between(1, 3)))
	}
	if c.random.chance(20) {
		r.NextToken = c.queueName()
		r.After = r.NextToken
	}
	return r
}

func (c *client) receive(ref wire.QueueRef, long bool) wire.Request {
	r := &wire.ReceiveMessageRequest{QueueRef: ref}
	if c.world.atEdge() {
		r.WaitTimeSeconds = wire.Int(0)
		return r
	}
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
	if c.random.chance(c.world.plan.work.repeated) {
		r.ReceiveRequestAttemptID = c.attempts[ref.Name] // the same receive once more, if there was one
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
