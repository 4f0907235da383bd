package sim

import (
	"time"

	"sqsd/wire"
)

const (
	// dusk is how long before a lull clients mostly send, so that much grows old in it, and set redrive policies whose queue
	// is gone when it is over.
	dusk = 2 * time.Second
	// waking is how long after a lull clients do what makes most of that.
	waking = 2 * time.Second
)

// atDusk says whether a lull is about to begin.
func (w *World) atDusk() bool {
	lull := w.plan.lull
	return lull.until > 0 && w.now < lull.from && w.now >= lull.from-dusk
}

// orphaning says that a lull begins within a time, before which dead-letter queues are deleted.
func (w *World) orphaning(within time.Duration) bool {
	return w.plan.Profile == Moves && w.atDusk() && w.now >= w.plan.lull.from-within
}

// isWaking says whether a lull has just ended.
func (w *World) isWaking() bool {
	lull := w.plan.lull
	return lull.until > 0 && w.now >= lull.until && w.now < lull.until+waking
}

// atEdge says that what clients sent before a lull expires now, message by message. They take it one by one, so that some are
// asked for in the very millisecond in which they expire.
func (w *World) atEdge() bool { return w.plan.lull.edge && w.isWaking() }

// isTruce says that nothing goes wrong until that is over: most clients would wait.
func (w *World) isTruce() bool { return w.plan.lull.edge && w.now < w.plan.lull.until+waking }

// decide draws what the client does next.
func (c *client) decide() action {
	switch {
	case c.watches:
		return actAttributes
	case c.world.plan.lull.edge && c.world.atDusk() && c.random.chance(80):
		return oneOf(c.random, actSend, actSendBatch)
	case c.world.atEdge() && c.random.chance(80):
		return actReceive
	case c.world.atDusk() && c.random.chance(60):
		return oneOf(c.random, actSend, actSend, actSend, actSend, actSendBatch, actReceive, actSetAttributes, actSetAttributes)
	case c.world.isWaking() && c.random.chance(60):
		return oneOf(c.random, actSend, actReceive)
	}
	return action(c.random.pick(c.weights))
}

// sequel is what a client does at once when a call is answered, while what the call moves to other queues is on its way:
// nothing mostly.
func (c *client) sequel(op *operation) wire.Request {
	if c.world.clients.stopped {
		return nil
	}
	switch r := op.Request.(type) {
	case *wire.ReceiveMessageRequest:
		if op.Unknown && wire.IsFIFO(r.Name) && r.ReceiveRequestAttemptID != "" && c.random.chance(50) {
			return r // what an attempt id is for
		}
		return c.afterReceive(r)
	case *wire.SetQueueAttributesRequest:
		return c.afterPolicy(r)
	case *wire.StartMessageMoveTaskRequest:
		if r.Destination != "" && c.random.chance(15) {
			return &wire.DeleteQueueRequest{QueueRef: wire.QueueRef{QueueURL: r.Destination, Name: r.Destination}}
		}
	}
	return nil
}

// afterPolicy deletes the queue that a policy names, before a lull: what moves there when it is over is refused and comes
// back, at an age at which it may be past its retention.
func (c *client) afterPolicy(r *wire.SetQueueAttributesRequest) wire.Request {
	text, _ := r.Attributes.Get(wire.AttrRedrivePolicy)
	policy, err := wire.ParseRedrivePolicy(text)
	if err != nil || !c.world.orphaning(dusk/4) || !c.random.chance(50) {
		return nil
	}
	_, _, name, _ := wire.ParseARN(policy.TargetARN)
	return &wire.DeleteQueueRequest{QueueRef: wire.QueueRef{QueueURL: name, Name: name}}
}

// afterReceive purges or deletes the queue, or after a lull gives it a retention that most messages are past.
func (c *client) afterReceive(r *wire.ReceiveMessageRequest) wire.Request {
	ref := wire.QueueRef{QueueURL: r.Name, Name: r.Name}
	moving := c.world.plan.work.poisoned > 0 && c.world.plan.cluster.groups > 1
	switch {
	case c.world.isWaking() && c.random.chance(60) && !(c.world.atEdge() && c.random.chance(70)):
		return &wire.SetQueueAttributesRequest{
			QueueRef: ref, Attributes: wire.Pairs{{Name: wire.AttrMessageRetentionPeriod, Value: "60"}},
		}
	case moving && c.random.perMille(30):
		return &wire.PurgeQueueRequest{QueueRef: ref}
	case moving && c.random.perMille(6):
		return &wire.DeleteQueueRequest{QueueRef: ref}
	}
	return nil
}
