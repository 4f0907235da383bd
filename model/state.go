package model

import "sqsd/wire"

// queueState is one incarnation of a queue.
type queueState struct {
	name       string
	serial     int        // in the order of creation
	attributes wire.Pairs // those that can be set and have a value
	createdAt  wire.Time
	modifiedAt wire.Time
	purged     bool
	purgedAt   wire.Time
	tags       wire.Pairs
	messages   []*message  // what is stored, in send order
	oldest     wire.Time   // no message was sent before
	fifo       *fifoState  // nil for standard queues
	tasks      []*moveTask // the last ones whose source it is, the newest at the end

	// Of standard queues: stamps says when each tenant was served last, by the number of the taking, and takings counts
	// these. They are only kept once a message with a message group id was stored.
	fair    bool
	stamps  map[string]int
	takings int
}

// fate is what became of a message.
type fate string

const (
	stored    fate = "stored"
	deleted   fate = "deleted"
	purged    fate = "purged"
	expired   fate = "expired"
	goneQueue fate = "in a deleted queue"
	redriven  fate = "in another queue"
)

// message is one message, stored or gone.
type message struct {
	queue     *queueState
	place     int    // in the order of the group's messages
	id        string // starts with "unseen-" while it was never observed
	content   *wire.Outgoing
	sentAt    wire.Time
	visibleAt wire.Time // hidden before
	receives  int
	firstAt   wire.Time // of the first delivery
	current   *delivery // the last one
	fate      fate
	fateAt    wire.Time
	// dedupID and sequence are of messages in FIFO queues; sequence is empty while it was never observed.
	dedupID, sequence string
	moved             bool   // it came from another queue
	returned          bool   // it was on its way to another group and came back
	source            string // ARN of the queue that a redrive policy moved it from
	stays             bool   // its dead-letter queue refused it: it is delivered before that is tried again
	floor             string // the greatest sequence number that was known when it was sent
	// touched says what an old handle last tried on the message, to explain what goes wrong afterwards.
	touched string
}

// delivery is one receipt of a message.
type delivery struct {
	message *message
	at      wire.Time
	handle  string // empty while it was never observed
	changed bool   // its visibility was changed
}
