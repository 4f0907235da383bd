package sim

import "sqsd/wire"

// startTask draws a move task from a queue: back to where the messages came from, or to another queue of the same type.
func (c *client) startTask(source string) wire.Request {
	r := &wire.StartMessageMoveTaskRequest{SourceARN: arnOf(source), Source: source}
	if to := c.queueName(); c.random.chance(50) && to != source && wire.IsFIFO(to) == wire.IsFIFO(source) {
		r.DestinationARN, r.Destination = arnOf(to), to
	}
	if c.random.chance(50) {
		r.MaxNumberOfMessagesPerSecond = wire.Int(oneOf[int32](c.random, 1, 3, 20, wire.MaxMoveRate))
	}
	return r
}

// cancelTask draws a task to cancel, mostly one that was started last. It returns nil if none is known.
func (c *client) cancelTask() wire.Request {
	known := c.world.clients.tasks
	if len(known) == 0 {
		return nil
	}
	reference := known[len(known)-1]
	if c.random.chance(30) {
		reference = known[c.random.IntN(len(known))]
	}
	return &wire.CancelMessageMoveTaskRequest{TaskHandle: reference}
}
