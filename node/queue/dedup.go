package queue

import (
	"encoding/binary"
	"errors"

	"sqsd/node/disk"
	"sqsd/wire"
)

// acceptedSend is what is remembered of a send to a FIFO queue, so that sending the message again has the same answer
// and no other effect (sqs-semantics 4.2). It is valid for [at, at + rememberFor).
type acceptedSend struct {
	memo    uint64
	at      wire.Time
	ordinal uint64
	id      messageID
}

func (s acceptedSend) append(dst []byte) []byte {
	dst = appendTime(binary.AppendUvarint(appendRecord(dst), s.memo), s.at)
	return append(binary.AppendUvarint(dst, s.ordinal), s.id[:]...)
}

func parseAcceptedSend(value []byte) (s acceptedSend, err error) {
	r := openRecord(string(value))
	s.memo, s.at, s.ordinal = r.uvarint(), r.time(), r.uvarint()
	copy(s.id[:], r.take(len(s.id)))
	return s, closeRecord(&r, "accepted send")
}

// scopeOf is the index of a scope in fifoCounts.records. The group is empty if the scope is the queue.
func scopeOf(group string) int {
	if group == "" {
		return 0
	}
	return 1
}

// original finds the send that makes one a duplicate. Sends are remembered in the scope that the queue had then, so that
// there may be one in either; the first one counts (section 9, row 17).
func (m *Machine) original(q *queue, group, dedupID string) (first acceptedSend, found bool) {
	for _, scope := range [...]string{"", group} {
		s, ok := m.sendBefore(q, scope, dedupID)
		if ok && m.now < s.at+rememberFor && (!found || s.ordinal < first.ordinal) {
			first, found = s, true
		}
	}
	return first, found
}

// sendBefore looks up a send in a scope, valid or not.
func (m *Machine) sendBefore(q *queue, scope, dedupID string) (s acceptedSend, ok bool) {
	if q.fifo.records[scopeOf(scope)] == 0 || m.err != nil {
		return s, false
	}
	value, err := m.store.Get(sendKey(m.key[:0], q.id, q.fifo.era, scope, dedupID))
	if errors.Is(err, disk.ErrNotFound) {
		return s, false
	}
	m.check(err)
	if err != nil {
		return s, false
	}
	s, err = parseAcceptedSend(value)
	m.check(err)
	return s, err == nil
}

// remember writes a send down, in the queue's scope.
func (m *Machine) remember(q *queue, record *messageRecord, ordinal uint64) {
	group := ""
	if q.perGroup {
		group = record.group
	}
	if old, ok := m.sendBefore(q, group, record.dedup); ok {
		m.mark(markDedupReused)
		m.unwrite(q, memo{number: old.memo, what: memoSend, group: group, name: record.dedup})
	}
	m.write(q, memoSend, group, record.dedup, func(dst []byte, number uint64) []byte {
		return acceptedSend{number, m.now, ordinal, record.id}.append(dst)
	})
}
