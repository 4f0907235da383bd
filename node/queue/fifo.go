package queue

import (
	"strconv"

	"sqsd/wire"
)

// fifo is what a FIFO queue holds besides what every queue has. Its messages have consecutive ordinals in send order,
// none of them is in fresh, later, moved or received, except that received.inFlight has those in flight.
//
// Messages are in groups. A group is walked from its oldest message to the first one that is hidden, in flight or
// delayed: what comes before can be received. The groups that have something to receive are ready.
//
// Everything is in the store. In memory are the heads of the ordered sets, the groups that have messages in flight, and
// a bounded number of other groups.
type fifo struct {
	fifoCounts
	ready   head[readyGroup]
	line    head[place] // all messages
	delayed head[place] // those from delayedFrom on
	memos   head[memo]
	flying  map[uint64]*delivery // in flight, by ordinal
	held    heap[*group]         // with messages in flight
	groups  map[string]*group    // those in memory
	changed []*group             // to be saved
	// openFrom: no message before this ordinal is at the head of a group that is ready.
	openFrom uint64
}

// fifoCounts is what a FIFO queue counts.
type fifoCounts struct {
	era      uint64 // how often the queue was purged: part of the keys that are made of names
	serves   uint64 // receives so far that took something
	messages uint64 // in all groups, hidden ones too
	waiting  uint64 // of them, those that were never received and whose delay is not over
	// delayedFrom: messages before this ordinal have no delay to wait for.
	delayedFrom uint64
	readyCount  uint64 // groups with something to receive
	open        uint64 // messages that could be received if there were no limit
	heldCount   uint64
	away        uint64    // messages that left for other groups and may come back
	records     [2]uint64 // of accepted sends, by scope
	memoNext    uint64    // number of the next memo
	memoCount   uint64
	swept       wire.Time // when expired memos were removed last
}

const (
	// rememberFor is how long accepted sends and receive attempts are remembered, in ms (sqs-semantics 4.2, 4.5).
	rememberFor = 300 * second
	// firstOrdinal is that of a FIFO queue's first message. 0 stands for none.
	firstOrdinal = 1
	// idleGroups is how many groups without messages in flight may stay in memory after a round; it is less if
	// Limits.MaxInFlight is.
	idleGroups = 1024
)

func newFIFO() *fifo {
	return &fifo{
		fifoCounts: fifoCounts{delayedFrom: firstOrdinal, memoNext: 1},
		flying:     map[uint64]*delivery{},
		held:       heap[*group]{less: begunBefore, slot: func(g *group) *int { return &g.slot }},
		groups:     map[string]*group{},
	}
}

// nextDueIn is when something happens by time next in the groups of a FIFO queue, timeouts apart.
func (f *fifo) nextDueIn(q *queue) wire.Time {
	due := never
	if f.line.len() > 0 {
		due = f.line.at(0).sent + q.retention
	}
	if f.delayed.len() > 0 {
		due = min(due, f.delayed.at(0).sent+q.queueDelay())
	}
	return min(due, f.nextSweep())
}

// queueDelay is how long a message of a FIFO queue waits, in ms.
func (q *queue) queueDelay() wire.Time { return wire.Time(q.delay) * second }

// happenInGroups brings a FIFO queue up to the time that was reached, and counts the transitions.
func (m *Machine) happenInGroups(q *queue) int {
	return m.endGroupTimeouts(q) + m.endGroupDelays(q) + m.expireInGroups(q) + m.sweep(q)
}

// endGroupTimeouts makes visible what was hidden until now.
func (m *Machine) endGroupTimeouts(q *queue) (n int) {
	for q.inFlight.len() > 0 && q.inFlight.min().visibleAt <= m.now && m.err == nil {
		d := q.inFlight.min()
		m.land(q, d)
		m.regroup(q, d.group)
		n++
	}
	return n
}

// sequenceBase makes sequence numbers have 20 digits, the first of which is not 0 (sqs-semantics 9, row 20).
const sequenceBase = 10_000_000_000_000_000_000

func sequenceNumber(ordinal uint64) string { return strconv.FormatUint(sequenceBase+ordinal, 10) }

// checkGroups stops the machine when a set that is not empty has no first element.
func (m *Machine) checkGroups(q *queue) {
	f := q.fifo
	counts := [...]uint64{f.readyCount, f.messages, f.memoCount}
	for i, n := range [...]int{f.ready.len(), f.line.len(), f.memos.len()} {
		if n > 0 != (counts[i] > 0) {
			m.breach("queue %s counts %v ready groups, messages, memos; of number %d its head holds %d", q.name, counts, i, n)
		}
	}
	if f.open > 0 != (f.readyCount > 0) || f.waiting > 0 && f.delayed.len() == 0 || f.held.len() > q.inFlight.len() {
		m.breach("queue %s has %+v, %d delayed at hand, %d held, %d in flight", q.name, f.fifoCounts, f.delayed.len(),
			f.held.len(), q.inFlight.len())
	}
}
