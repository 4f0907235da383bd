package queue

import (
	"encoding/binary"
	"fmt"

	"sqsd/wire"
)

// A message that moves to a queue of another group is handed over in three steps, each of them a command that may come
// twice and has its effect once:
//
//	a receive or a move task   takes it out of its queue into the outbox of its group (outbox.go)
//	AcceptCommand              adds it to its queue in the other group, or refuses it (inbox.go)
//	SettleCommand              forgets it in the outbox, or takes it back to the queue it came from (outbox.go)
//
// The moves from one group to another are numbered without gaps. The leader of the first group sends the oldest ones to
// the second, again and again until they are settled. The second remembers the number it has come to, and its last
// answers.

// Move is a message on its way to a queue of another group.
type Move struct {
	// Source and Target are the names of the queues.
	Source, Target string
	// Reason is why the message moves.
	Reason Reason

	first  wire.Time     // first receipt
	count  uint32        // receipts
	record messageRecord // as it was in its source
}

// MessageID is the message's id in its source.
func (m *Move) MessageID() string { return m.record.id.String() }

// Reason says why a message moves. The numbers are for ever.
type Reason byte

// The reasons of moves.
const (
	// DeadLetter is a message that a redrive policy moves.
	DeadLetter Reason = 1
	// Redrive is a message that a move task moves: it is a new message in its target.
	Redrive Reason = 2
)

func (r Reason) known() bool { return r == DeadLetter || r == Redrive }

// Outcome is what became of a move. The numbers are for ever.
type Outcome byte

// The outcomes of moves.
const (
	// Accepted means that the message is in its target, unless it was too old for it.
	Accepted Outcome = 1
	// NoSuchQueue means that the target does not exist.
	NoSuchQueue Outcome = 2
)

func (o Outcome) known() bool { return o == Accepted || o == NoSuchQueue }

// maxHandover is how many moves an AcceptCommand has at most.
const maxHandover = 100

// AcceptCommand hands moves over to the group that their targets live in. Moves that it has had before are passed over.
// Its response is an [AcceptResponse].
type AcceptCommand struct {
	From, To uint32 // groups
	First    uint64 // number of the first move from one to the other
	Moves    []Move
}

// Action names the command in traces.
func (*AcceptCommand) Action() string { return "Accept" }

// AcceptResponse tells what became of moves, at least of those in the command that were not settled when it was made.
type AcceptResponse struct {
	First    uint64
	Outcomes []Outcome
}

// SettleCommand ends moves in the group that they come from. Those that were settled before are passed over.
type SettleCommand struct {
	To       uint32 // group that the moves went to
	First    uint64
	Outcomes []Outcome
}

// Action names the command in traces.
func (*SettleCommand) Action() string { return "Settle" }

func (m *Move) append(dst []byte) []byte {
	dst = append(appendString(appendString(dst, m.Source), m.Target), byte(m.Reason))
	dst = binary.AppendUvarint(appendTime(dst, m.first), uint64(m.count))
	return appendString(dst, string(m.record.append(nil)))
}

func (r *reader) move() Move {
	m := Move{Source: r.string(), Target: r.string(), Reason: Reason(r.byte())}
	if !m.Reason.known() {
		r.fail(errNumber)
	}
	m.first, m.count = r.time(), r.uint32()
	record, err := parseMessage([]byte(r.string()))
	if err != nil {
		r.fail(err)
	}
	m.record = record
	return m
}

// appendMoveCommand encodes the commands that have to do with messages that move.
func appendMoveCommand(dst []byte, cmd wire.Request) []byte {
	switch c := cmd.(type) {
	case *AcceptCommand:
		dst = binary.AppendUvarint(append(dst, byte(actionAccept)), uint64(c.From))
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(c.To)), c.First)
		dst = binary.AppendUvarint(dst, uint64(len(c.Moves)))
		for i := range c.Moves {
			dst = c.Moves[i].append(dst)
		}
		return dst
	case *SettleCommand:
		dst = binary.AppendUvarint(append(dst, byte(actionSettle)), uint64(c.To))
		return appendOutcomes(binary.AppendUvarint(dst, c.First), c.Outcomes)
	case *wire.StartMessageMoveTaskRequest:
		return appendStartTask(dst, c)
	case *wire.CancelMessageMoveTaskRequest:
		return appendCancelTask(dst, c)
	case *wire.ListMessageMoveTasksRequest:
		return appendListTasks(dst, c)
	}
	panic(fmt.Sprintf("queue: no encoding for a %T", cmd))
}

// moveCommand reads what appendMoveCommand wrote; nil if the action is not one of its.
func (r *reader) moveCommand(a action) wire.Request {
	switch a {
	case actionAccept:
		return &AcceptCommand{From: r.uint32(), To: r.uint32(), First: r.uvarint(), Moves: r.moves()}
	case actionSettle:
		return &SettleCommand{To: r.uint32(), First: r.uvarint(), Outcomes: r.outcomes()}
	case actionStartMessageMoveTask:
		return r.startTask()
	case actionCancelMessageMoveTask:
		return r.cancelTask()
	case actionListMessageMoveTasks:
		return r.listTasks()
	}
	return nil
}

func (r *reader) moves() []Move {
	const least = 6 // bytes that a move takes
	n := r.count(least)
	if n > maxHandover {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	moves := make([]Move, n)
	for i := range moves {
		moves[i] = r.move()
	}
	return moves
}

func appendOutcomes(dst []byte, outcomes []Outcome) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(outcomes)))
	for _, o := range outcomes {
		dst = append(dst, byte(o))
	}
	return dst
}

func (r *reader) outcomes() []Outcome {
	n := r.count(1)
	if n > maxHandover {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	outcomes := make([]Outcome, n)
	for i := range outcomes {
		outcomes[i] = Outcome(r.byte())
		if !outcomes[i].known() {
			r.fail(errNumber)
		}
	}
	return outcomes
}
