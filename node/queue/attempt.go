package queue

import (
	"encoding/binary"
	"errors"

	"sqsd/node/disk"
	"sqsd/wire"
)

// attempt is a receive from a FIFO queue that can be repeated with its ReceiveRequestAttemptId: while all its messages are
// hidden under the handles of then and were not changed, the repetition has the same answer, and only the timeouts start
// again (sqs-semantics 4.5; section 9, row 21). Deliveries bear the number of their attempt's memo until they are changed.
type attempt struct {
	memo     uint64
	at       wire.Time
	ordinals []uint64
}

func (a *attempt) append(dst []byte) []byte {
	dst = appendTime(binary.AppendUvarint(appendRecord(dst), a.memo), a.at)
	dst = binary.AppendUvarint(dst, uint64(len(a.ordinals)))
	for _, o := range a.ordinals {
		dst = binary.AppendUvarint(dst, o)
	}
	return dst
}

func parseAttempt(value []byte) (*attempt, error) {
	r := openRecord(string(value))
	a := &attempt{memo: r.uvarint(), at: r.time()}
	n := r.count(1)
	if n > wire.MaxReceiveMessages {
		r.fail(errNumber)
		n = 0
	}
	for range n {
		a.ordinals = append(a.ordinals, r.uvarint())
	}
	return a, closeRecord(&r, "attempt")
}

// attemptBefore looks up an attempt, whether or not it can be repeated; nil if there is none.
func (m *Machine) attemptBefore(q *queue, id string) *attempt {
	value, err := m.store.Get(nameKey(nil, classAttempt, q.id, q.fifo.era, id))
	if errors.Is(err, disk.ErrNotFound) {
		return nil
	}
	m.check(err)
	if err != nil {
		return nil
	}
	a, err := parseAttempt(value)
	m.check(err)
	return a
}

// canRepeat says that the messages of an attempt are as it left them.
func (m *Machine) canRepeat(q *queue, a *attempt) bool {
	if a == nil || m.err != nil || m.now >= a.at+rememberFor {
		return false
	}
	for _, o := range a.ordinals {
		if d := q.fifo.flying[o]; d == nil || d.attempt != a.memo {
			return false
		}
	}
	return true
}

// repeat starts the timeouts of an attempt's messages again. They become what was taken.
func (m *Machine) repeat(q *queue, a *attempt, until wire.Time) {
	m.mark(markAttemptRepeated)
	m.taken = m.taken[:0]
	for _, o := range a.ordinals {
		d := q.fifo.flying[o]
		m.hideInGroup(q, d, until)
		m.taken = append(m.taken, d)
	}
}

// writeAttempt makes the receive that took something repeatable. before is the earlier one of its id, or nil.
func (m *Machine) writeAttempt(q *queue, id string, before *attempt) {
	if before != nil {
		m.mark(markAttemptOver)
		m.unwrite(q, memo{number: before.memo, what: memoAttempt, name: id})
	}
	a := &attempt{at: m.now}
	for _, d := range m.taken {
		a.ordinals = append(a.ordinals, d.ordinal)
	}
	number := m.write(q, memoAttempt, "", id, func(dst []byte, number uint64) []byte {
		a.memo = number
		return a.append(dst)
	})
	for _, d := range m.taken {
		d.attempt = number
	}
}

// Repeats says whether a receive would repeat an earlier one of its ReceiveRequestAttemptId, and so find messages even if
// none is visible.
func (m *Machine) Repeats(req *wire.ReceiveMessageRequest) bool {
	q, ok := m.names.Get(req.Name)
	if !ok || q.fifo == nil || req.ReceiveRequestAttemptID == "" || m.err != nil {
		return false
	}
	return m.canRepeat(q, m.attemptBefore(q, req.ReceiveRequestAttemptID))
}
