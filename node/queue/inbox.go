package queue

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// inbox is what is known of the moves from one group: the outcomes of the last ones, from number first on. Those before
// are settled.
type inbox struct {
	from     uint32
	first    uint64
	outcomes []Outcome
}

func (b *inbox) next() uint64 { return b.first + uint64(len(b.outcomes)) }

func (b *inbox) append(dst []byte) []byte {
	return appendOutcomes(binary.AppendUvarint(appendRecord(dst), b.first), b.outcomes)
}

func parseInbox(key, value []byte) (inbox, error) {
	from, ok := parseGroupNumber(key)
	if !ok {
		return inbox{}, fmt.Errorf("inbox key: %w", errShort)
	}
	r := openRecord(string(value))
	b := inbox{from: from, first: r.uvarint(), outcomes: r.outcomes()}
	return b, closeRecord(&r, "inbox")
}

// accept takes moves from another group in.
func (m *Machine) accept(cmd *AcceptCommand) Result {
	if len(cmd.Moves) == 0 {
		return Result{Response: &AcceptResponse{First: cmd.First}}
	}
	box := m.inbox(cmd.From)
	if cmd.First > box.next() {
		m.breach("moves from group %d come from number %d on, those before it from %d on did not", cmd.From, cmd.First,
			box.next())
		return broken()
	}
	if cmd.First > box.first { // what is before it is settled, or it would have come again
		box.outcomes = slices.Clone(box.outcomes[cmd.First-box.first:])
		box.first = cmd.First
	}
	for i := range cmd.Moves {
		if cmd.First+uint64(i) < box.next() {
			m.mark(markAcceptedBefore)
			continue
		}
		box.outcomes = append(box.outcomes, m.takeMove(&cmd.Moves[i]))
	}
	m.value = box.append(m.value[:0])
	m.store.Set(inboxKey(m.key[:0], box.from), m.value)
	return Result{Response: &AcceptResponse{First: box.first, Outcomes: slices.Clone(box.outcomes)}}
}

// inbox is that of a group; it is new if there was none.
func (m *Machine) inbox(from uint32) *inbox {
	i, found := slices.BinarySearchFunc(m.inboxes, from, func(b inbox, from uint32) int {
		return int(int64(b.from) - int64(from))
	})
	if !found {
		m.inboxes = slices.Insert(m.inboxes, i, inbox{from: from})
	}
	return &m.inboxes[i]
}

// takeMove adds a message to its queue, if there is one.
func (m *Machine) takeMove(move *Move) Outcome {
	q, ok := m.names.Get(move.Target)
	if !ok {
		m.mark(markMoveRefused)
		return NoSuchQueue
	}
	record := move.record
	if move.Reason == Redrive {
		m.addAnew(q, &record)
		return Accepted
	}
	record.source = move.Source
	m.takeIn(q, &record, move.first, move.count)
	return Accepted
}
