package model

import (
	"math"

	"sqsd/wire"
)

// Never is the Return of an operation whose outcome is unknown: it may still take effect at any time.
const Never = math.MaxInt64

// Operation is one client call as its client saw it.
type Operation struct {
	Client int
	// ID is unique in the history and not negative.
	ID int
	// Call and Return are true time in ns. Return is [Never] when the outcome is unknown.
	Call, Return int64
	Request      wire.Request
	// Response is set exactly if the call succeeded, Err if it was refused.
	Response wire.Response
	Err      *wire.Error
	// Unknown says that the outcome is unknown: ServiceUnavailable, a timeout, or a client that went away.
	Unknown bool
	// At is where the operation took effect. It is nil when the outcome is unknown, when it was not recorded, and when
	// there is no such place, as for an empty answer to a long poll that nobody could confirm.
	At *Witness

	unheard bool // the client did not hear the answer; settle took it from the log
}

// Witness is the place in its group's history where an operation took effect.
type Witness struct {
	Group uint32
	Index uint64 // of the log entry
	Sub   uint32 // of the command in the entry
	// Read says that the operation took effect after the entry's last command, without being in the log.
	Read bool
	Time wire.Time // the replicated time there
	// Proposer, Boot and Seq identify the proposed command within its group. They are zero for reads.
	Proposer, Boot, Seq uint64
}

// Commit is one command of a group's log with the answer that the state machine gave. Commands that are not requests
// of clients are [*Tick], [*Release], [*Accept] and [*Settle].
type Commit struct {
	At       Witness
	Request  wire.Request
	Response wire.Response
	Err      *wire.Error
}

// Tick is the internal command that advances the replicated time and does nothing else.
type Tick struct{}

// Action names the command.
func (*Tick) Action() string { return "Tick" }

// Release is the internal command that makes deliveries which never reached their client visible again at once.
// Handles that are not current are passed over.
type Release struct {
	QueueName string
	Handles   []string
}

// Action names the command.
func (*Release) Action() string { return "Release" }

// Span is a period of true time in ns, both ends included.
type Span struct{ From, To int64 }

// History is everything that one run showed.
type History struct {
	Operations []Operation
	// Commits are the commands of all groups. Those of one group are in the order of its log. They may be missing
	// altogether: then only what clients saw is checked.
	Commits []Commit
	// Config is the configuration that the servers ran with.
	Config Config
	// Tolerance bounds in ns how far a span of replicated time may differ from the same span of true time, at any
	// time in the run: clock offsets between leaders, drift, and timestamps cut to milliseconds.
	Tolerance int64
	// Earliest is the least time that a leader can go by at a true time in ns. What reads say is not held against the time of
	// their call if it is nil.
	Earliest func(at int64) wire.Time
	// Disturbed are the periods in which faults were active or being recovered from. Promptness is not judged there.
	Disturbed []Span
	// Promptness is how long in ns a long poll may take at most to be answered once a message has come, in calm times; 0
	// if that is not judged.
	Promptness int64
	// DrainedAt is the true time from which every queue was known to be empty after draining it, or 0 if the run did
	// not drain: then nothing is said about lost messages.
	DrainedAt int64
}

// answer is an observed answer; seen is false if the answer is not known.
type answer struct {
	response wire.Response
	err      *wire.Error
	seen     bool
}

// succeeded says that the operation is known to have done what it asked for.
func (o *Operation) succeeded() bool { return !o.Unknown && o.Err == nil }

// end is the last instant at which the operation may have taken effect.
func (o *Operation) end() int64 {
	if o.Unknown {
		return Never
	}
	return o.Return
}

// queueOf is the name of the queue that a request concerns, empty for listings and ticks.
func queueOf(req wire.Request) string {
	switch r := req.(type) {
	case *wire.CreateQueueRequest:
		return r.QueueName
	case *wire.GetQueueURLRequest:
		return r.QueueName
	case *Release:
		return r.QueueName
	case *wire.StartMessageMoveTaskRequest:
		return r.Source
	case *wire.CancelMessageMoveTaskRequest:
		return r.Source
	case *wire.ListMessageMoveTasksRequest:
		return r.Source
	case wire.QueueRequest:
		return r.Ref().Name
	}
	return ""
}
