package model

import (
	"slices"
	"strings"

	"sqsd/wire"
)

// dedupWindow is how long a send is remembered, in ms, from the first one on.
const dedupWindow = 300_000

// fifoState is what a FIFO queue keeps besides its messages.
type fifoState struct {
	last     string // the greatest sequence number that was observed
	sends    map[dedupKey]*message
	attempts map[string]*attempt
	away     []*message // on their way to other groups; they hold up their message groups
	serves   int        // receives so far that took something
	// served is, for every message group, the receive that took from it last, or the last one before the group began.
	served map[string]int
	sizes  map[string]int // of the message groups
}

// dedupKey is what a send is remembered by. It keeps the scope that the queue had then.
type dedupKey struct {
	perGroup  bool
	group, id string // group is empty if the scope was the queue
}

func newFIFO(name string) *fifoState {
	if !wire.IsFIFO(name) {
		return nil
	}
	f := &fifoState{served: map[string]int{}, sizes: map[string]int{}}
	f.forget()
	return f
}

// forget clears what is remembered of sends, receives and moves, as a purge does.
func (f *fifoState) forget() {
	f.sends, f.attempts, f.away = map[dedupKey]*message{}, map[string]*attempt{}, nil
}

// lacksDedupID says that a FIFO queue cannot take a message, because it has no deduplication id.
func (q *queueState) lacksDedupID(o *wire.Outgoing) bool {
	if q.fifo == nil {
		return false
	}
	_, err := wire.DeduplicationID(o, q.attribute(wire.AttrContentBasedDedup) == "true")
	return err != nil
}

func (q *queueState) dedupIDOf(o *wire.Outgoing) string {
	id, _ := wire.DeduplicationID(o, true)
	return id
}

// sentBefore are the messages that make a send to a FIFO queue a duplicate. A record counts with the scope that it was
// written with, so that after a change of scope there may be two.
func (q *queueState) sentBefore(o *wire.Outgoing, now wire.Time) (originals []*message) {
	if q.fifo == nil {
		return nil
	}
	id := q.dedupIDOf(o)
	for _, key := range []dedupKey{{id: id}, {true, o.MessageGroupID, id}} {
		if m := q.fifo.sends[key]; m != nil && now < m.sentAt+dedupWindow {
			originals = append(originals, m)
		}
	}
	return originals
}

// remember writes down a send, in the scope that the queue has now.
func (q *queueState) remember(m *message) {
	m.dedupID, m.floor = q.dedupIDOf(m.content), q.fifo.last
	key := dedupKey{id: m.dedupID}
	if q.attribute(wire.AttrDedupScope) == "messageGroup" {
		key = dedupKey{true, m.content.MessageGroupID, m.dedupID}
	}
	q.fifo.sends[key] = m
}

// checkDuplicate checks that a duplicate is answered with the ids of the original.
func (s *Spec) checkDuplicate(q *queueState, originals []*message, result *wire.SendMessageResponse) *Violation {
	for _, m := range originals {
		s.learnID(m, result.MessageID)
		if m.id == result.MessageID {
			return s.learnSequence(m, result.SequenceNumber)
		}
	}
	m := originals[0]
	if s.ids[result.MessageID] == nil {
		return violated(OneEffect, q.name, result.MessageID, "deduplication id %q was sent at %d as message %s; sent again at %d "+
			"it was stored once more", m.dedupID, m.sentAt, m.id, s.now)
	}
	return violated(OneEffect, q.name, result.MessageID, "deduplication id %q belongs to message %s, but its sender got "+
		"another one's id", m.dedupID, m.id)
}

// learnSequence takes a message's sequence number from an answer. Those of a FIFO queue have 20 digits, do not start with
// zero and go up from message to message; a standard queue gives none.
func (s *Spec) learnSequence(m *message, number string) *Violation {
	q := m.queue
	switch {
	case q.fifo == nil:
		if number != "" {
			return violated(Linearizable, q.name, m.id, "a standard queue gave sequence number %s", number)
		}
		return nil
	case m.sequence != "":
		if number != m.sequence {
			return violated(OneEffect, q.name, m.id, "its sequence number is %q, it was %s before", number, m.sequence)
		}
		return nil
	case !isSequenceNumber(number):
		return violated(OneEffect, q.name, m.id, "the sequence number %q does not have 20 digits", number)
	}
	floor, i := m.floor, slices.Index(q.messages, m)
	for j, other := range q.messages {
		switch {
		case i < 0 || j == i || other.sequence == "":
		case j < i:
			floor = max(floor, other.sequence)
		case other.sequence <= number:
			return outOfSequence(m, number, other.sequence)
		}
	}
	if number <= floor {
		return outOfSequence(m, number, floor)
	}
	m.sequence = number
	q.fifo.last = max(q.fifo.last, number)
	return nil
}

func isSequenceNumber(s string) bool {
	return len(s) == 20 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

func outOfSequence(m *message, number, other string) *Violation {
	return violated(OneEffect, m.queue.name, m.id, "its sequence number %s does not have its place in the queue: another "+
		"message has %s", number, other)
}
