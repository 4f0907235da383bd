package queue

import (
	"fmt"
	"sort"

	"sqsd/wire"
)

// fresh is the messages that were sent without a delay and never received: those with ordinals in [cursor, next).
// None of them can be deleted one by one, so they have no gaps and their number is arithmetic. When they were sent is
// kept once for each run of messages of one time; the runs' head is in memory.
type fresh struct {
	next, cursor uint64
	tail         wire.Time // when the last fresh message was sent
	runs         head[run] // empty exactly if there are no fresh messages
}

// run is the fresh messages that were sent at one time: from first to the next run's first, or to the end.
type run struct {
	first uint64
	sent  wire.Time
}

func (r run) compare(o run) int {
	return position{ordinal: r.first}.compare(position{ordinal: o.first})
}

func (r run) key(dst []byte, id ID) []byte { return runKey(dst, id, r.first) }

func parseRun(key, value []byte) (run, error) {
	first, ok := parseNumber(key, queueKeyLen)
	if !ok {
		return run{}, fmt.Errorf("run key: %w", errShort)
	}
	sent, err := parseSent(value)
	return run{first, sent}, err
}

func (f *fresh) freshCount() int { return int(f.next - f.cursor) }

// runEnd is the ordinal behind the first run.
func (f *fresh) runEnd() uint64 {
	if f.runs.len() > 1 {
		return f.runs.at(1).first
	}
	return f.next
}

// addFresh gives the next ordinal to a message that is sent now.
func (m *Machine) addFresh(q *queue) position {
	q.awaitTurn()
	p := position{q.next, trunk}
	if q.freshCount() == 0 || q.tail != m.now {
		r := run{q.next, m.now}
		m.value = appendSent(m.value[:0], m.now)
		m.store.Set(r.key(m.key[:0], q.id), m.value)
		q.runs.add(r)
		q.tail = m.now
	}
	q.next++
	return p
}

// takeFresh takes the first fresh message.
func (m *Machine) takeFresh(q *queue) *delivery {
	d := &delivery{position: position{q.cursor, trunk}, sent: q.runs.at(0).sent}
	q.cursor++
	if q.cursor == q.runEnd() {
		m.popRun(q)
	}
	return d
}

// popRun forgets the first run, whose messages are no longer fresh.
func (m *Machine) popRun(q *queue) {
	m.store.SingleDelete(q.runs.at(0).key(m.key[:0], q.id))
	q.runs.pop()
	refill(m, q, &q.runs, parseRun)
}

const (
	// fewRuns is how many expired runs are removed one by one; more are found by binary search.
	fewRuns = 16
	// fewMessages is how many messages are removed one by one; a range deletion is cheaper for more.
	fewMessages = 64
)

// expireFresh removes the fresh messages sent at or before limit. It counts its steps.
func (m *Machine) expireFresh(q *queue, limit wire.Time) (n int) {
	for ; q.runs.len() > 0 && q.runs.at(0).sent <= limit && m.err == nil; n++ {
		if n == fewRuns {
			m.expireBulk(q, limit)
			continue
		}
		m.dropFresh(q, q.runEnd())
		m.popRun(q)
	}
	return n
}

// expireBulk removes the fresh messages sent at or before limit in a number of steps that grows with the logarithm of
// theirs.
func (m *Machine) expireBulk(q *queue, limit wire.Time) {
	m.mark(markExpiredBulk)
	first := q.runs.at(0).first
	steps := sort.Search(int(q.next-first), func(i int) bool {
		r, ok := m.runFrom(q, first+uint64(i))
		return !ok || r.sent > limit
	})
	end, rest := q.next, false
	if r, ok := m.runFrom(q, first+uint64(steps)); ok {
		end, rest = r.first, true
	}
	if m.err != nil {
		return
	}
	m.dropFresh(q, end)
	m.store.DeleteRange(runKey(nil, q.id, first), runKey(nil, q.id, end))
	q.runs.clear()
	if rest {
		q.runs.reset(run{first: end})
		refill(m, q, &q.runs, parseRun)
	}
}

// runFrom is the first run that begins at an ordinal or behind it.
func (m *Machine) runFrom(q *queue, ordinal uint64) (r run, ok bool) {
	var bad error
	err := m.store.Scan(runKey(nil, q.id, ordinal), queueKey(nil, classRun, q.id+1), func(key, value []byte) bool {
		r, bad = parseRun(key, value)
		ok = bad == nil
		return false
	})
	m.check(err)
	m.check(bad)
	return r, ok
}

// dropFresh removes the fresh messages before an ordinal.
func (m *Machine) dropFresh(q *queue, end uint64) {
	if end-q.cursor > fewMessages {
		m.store.DeleteRange(messageKey(nil, q.id, position{q.cursor, trunk}), messageKey(nil, q.id, position{end, trunk}))
	} else {
		for o := q.cursor; o < end; o++ {
			m.store.SingleDelete(messageKey(m.key[:0], q.id, position{o, trunk}))
		}
	}
	q.cursor = end
}
