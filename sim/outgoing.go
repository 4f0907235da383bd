package sim

import (
	"fmt"
	"strconv"

	"sqsd/wire"
)

// senderID is who sends all messages.
const senderID = "simulated"

// outgoing draws a message to a queue. Its body is unique in the run, unless it is sent again.
func (c *client) outgoing(queue string) wire.Outgoing {
	if wire.IsFIFO(queue) {
		return c.toGroup()
	}
	out := c.message()
	if c.random.chance(15) {
		out.DelaySeconds = wire.Int(int32(c.random.IntN(4)))
	}
	if c.outlasting(5) {
		out.DelaySeconds = wire.Int(longer)
	}
	if c.random.chance(c.world.plan.work.tenanted) {
		out.MessageGroupID = oneOf(c.random, "noisy", "noisy", "noisy", "noisy", "noisy", "busy", "busybody", "quiet")
	}
	return out
}

// toGroup draws a message to a FIFO queue: a new one, one that was sent before, or one with the deduplication id of
// another.
func (c *client) toGroup() wire.Outgoing {
	earlier := c.world.clients.toGroups
	again := len(earlier) > 0 && (c.random.chance(c.world.plan.work.repeated) || c.world.isWaking() && c.random.chance(60))
	var before wire.Outgoing
	if again {
		before = earlier[c.random.IntN(len(earlier))]
	}
	if again && c.random.chance(50) {
		return before
	}
	out := c.message()
	out.MessageGroupID = fmt.Sprintf("g%d", c.random.IntN(c.world.plan.work.groups))
	switch {
	case again && before.MessageDeduplicationID != "" && c.random.chance(20): // the same text, but not the same names
		both := before.MessageGroupID + before.MessageDeduplicationID
		cut := 1 + c.random.IntN(len(both)-1)
		out.MessageGroupID, out.MessageDeduplicationID = both[:cut], both[cut:]
	case again:
		out.MessageDeduplicationID = before.MessageDeduplicationID
	case c.random.chance(80): // the others need a queue that takes the content for it
		out.MessageDeduplicationID = fmt.Sprintf("d-%d-%d", c.id, c.sent)
	}
	c.world.clients.toGroups = remember(earlier, out, 20)
	return out
}

// message draws what messages to all queues have.
func (c *client) message() wire.Outgoing {
	c.sent++
	body := fmt.Sprintf("m-%d-%d", c.id, c.sent)
	if c.random.chance(5) {
		// Sizes around the smallest limit that a queue may set.
		body = fmt.Sprintf("%s-%0*d", body, 1000+c.random.IntN(30), 0)
	}
	out := wire.Outgoing{MessageBody: body, SenderID: senderID}
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
		e := wire.SendMessageBatchEntry{ID: fmt.Sprintf("e%d", i), Outgoing: c.outgoing(ref.Name)}
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
