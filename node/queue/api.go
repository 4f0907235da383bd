package queue

import (
	"sqsd/node/disk"
	"sqsd/wire"
)

// Store is the machine's own key space in the group's state store. Writes go into the batch of the entry being applied
// and are seen by later reads.
type Store interface {
	disk.Reader
	Set(key, value []byte)
	Delete(key []byte)
	// SingleDelete removes a key that was set exactly once since it was last removed.
	SingleDelete(key []byte)
	DeleteRange(lo, hi []byte)
}

// Stamp is what a log entry gives to the commands in it. The leader fills it in when it proposes the entry.
type Stamp struct {
	// Time is the leader's clock. The machine's time never goes back: an older stamp counts as the time already reached.
	Time wire.Time
	// Seed feeds the generator that message ids, incarnations and receipt tokens are drawn from.
	Seed [32]byte
	// Limits are the leader's settings that commands depend on, so that all replicas use the same.
	Limits Limits
}

// Limits are settings that change what commands do.
type Limits struct {
	// DeletedQueueWindow is how long a deleted queue's name stays refused, in ms; 0 allows it at once. AWS: 60 s.
	DeletedQueueWindow int64
	// PurgeWindow is how long after a purge the next one is refused, in ms; 0 allows it at once. AWS: 60 s.
	PurgeWindow int64
	// MaxInFlight is how many messages of a standard queue may be in flight. AWS: about 120,000.
	MaxInFlight int
	// DueBatch is how many time-driven transitions an entry makes before its time stops; what is due in the same
	// millisecond still happens.
	DueBatch int
}

// DefaultLimits are AWS's values.
func DefaultLimits() Limits {
	return Limits{DeletedQueueWindow: 60_000, PurgeWindow: 60_000, MaxInFlight: 120_000, DueBatch: 4096}
}

// TickCommand advances time and does nothing else; it carries due timers when no other command is at hand.
type TickCommand struct{}

// Action names the command in traces.
func (*TickCommand) Action() string { return "Tick" }

// ReleaseCommand makes deliveries that never reached their client visible again at once. Handles that are not current
// are passed over.
type ReleaseCommand struct {
	QueueName string
	Handles   []string
}

// Action names the command in traces.
func (*ReleaseCommand) Action() string { return "Release" }

// Result is what a command answers.
type Result struct {
	Response wire.Response
	Err      *wire.Error
}

// ID identifies an incarnation of a queue within its group: the same name created again has another ID. IDs are never
// used again.
type ID uint64
