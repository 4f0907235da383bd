package sim

import (
	"time"

	"sqsd/wire"
)

const (
	// dusk is how long before a lull clients mostly send, so that much grows old in it.
	dusk = 2 * time.Second
	// waking is how long after a lull clients do what makes most of that.
	waking = 2 * time.Second
)

// atDusk says whether a lull is about to begin.
func (w *World) atDusk() bool {
	lull := w.plan.lull
	return lull.until > 0 && w.now < lull.from && w.now >= lull.from-dusk
}

// isWaking says whether a lull has just ended.
func (w *World) isWaking() bool {
	lull := w.plan.lull
	return lull.until > 0 && w.now >= lull.until && w.now < lull.until+waking
}

// decide draws what the client does next.
func (c *client) decide() action {
	if c.world.atDusk() && c.random.chance(50) {
		return oneOf(c.random, actSend, actSend, actSend, actSendBatch)
	}
	return action(c.random.pick(c.weights))
}

// sequel is what a client does at once when a receive is answered, while what the receive moved to other queues is on its
// way: it purges or deletes the queue, or after a lull gives it a retention that most messages are past. It is nil mostly.
func (c *client) sequel(op *operation) wire.Request {
	r, ok := op.Request.(*wire.ReceiveMessageRequest)
	if !ok || c.world.clients.stopped {
		return nil
	}
	ref := wire.QueueRef{QueueURL: r.Name, Name: r.Name}
	moving := c.world.plan.work.poisoned > 0 && c.world.plan.cluster.groups > 1
	switch {
	case c.world.isWaking() && c.random.chance(40):
		return &wire.SetQueueAttributesRequest{
			QueueRef: ref, Attributes: wire.Pairs{{Name: wire.AttrMessageRetentionPeriod, Value: "60"}},
		}
	case moving && c.random.perMille(12):
		return &wire.PurgeQueueRequest{QueueRef: ref}
	case moving && c.random.perMille(3):
		return &wire.DeleteQueueRequest{QueueRef: ref}
	}
	return nil
}
