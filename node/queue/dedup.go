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

// sendsBefore are what is known of a deduplication id, by scope, valid or not. Those that do not exist have no memo.
type sendsBefore [2]acceptedSend

// sendsBefore looks a deduplication id up in both scopes: a send is remembered in the one that the queue had then
// (section 9, row 17).
func (m *Machine) sendsBefore(q *queue, group, dedupID string) (all sendsBefore) {
	for i, scope := range [...]string{"", group} {
		all[i] = m.sendBefore(q, scope, dedupID)
	}
	return all
}

// original is the send that makes one a duplicate: the first one that is valid.
func (all *sendsBefore) original(now wire.Time) (first acceptedSend, found bool) {
	for _, s := range all {
		if s.memo != 0 && now < s.at+rememberFor && (!found || s.ordinal < first.ordinal) {
			first, found = s, true
		}
	}
	return first, found
}

// sendBefore looks up a send in a scope.
func (m *Machine) sendBefore(q *queue, scope, dedupID string) (s acceptedSend) {
	if q.fifo.records[scopeOf(scope)] == 0 || m.err != nil {
		return s
	}
	value, err := m.store.Get(sendKey(m.key[:0], q.id, q.fifo.era, scope, dedupID))
	if errors.Is(err, disk.ErrNotFound) {
		return s
	}
	m.check(err)
	if err != nil {
		return s
	}
	s, err = parseAcceptedSend(value)
	m.check(err)
	return s
}

// remember writes a send down, in the queue's scope, over what is no longer valid there.
func (m *Machine) remember(q *queue, record *messageRecord, ordinal uint64, before *sendsBefore) {
	group := ""
	if q.perGroup {
		group = record.group
	}
	if old := before[scopeOf(group)]; old.memo != 0 {
		m.mark(markDedupReused)
		m.unwrite(q, memo{number: old.memo, what: memoSend, group: group, name: record.dedup})
	}
	m.write(q, memoSend, group, record.dedup, func(dst []byte, number uint64) []byte {
		return acceptedSend{number, m.now, ordinal, record.id}.append(dst)
	})
}
