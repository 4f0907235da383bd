package queue

import (
	"cmp"
	"fmt"

	"sqsd/wire"
)

// memo says what a FIFO queue remembers for a while, in the order in which that is to be forgotten. Whether something
// is still valid is decided by time when it is looked up; that it is removed later only saves space.
type memo struct {
	number uint64
	at     wire.Time // when it was written
	what   memoKind
	group  string // of a send, if the scope of deduplication was the message group
	name   string // deduplication id or attempt id
}

// memoKind says what a memo is of. The numbers are for ever.
type memoKind byte

const (
	memoSend    memoKind = 1
	memoAttempt memoKind = 2
)

func (e memo) compare(o memo) int { return cmp.Compare(e.number, o.number) }

func (e memo) key(dst []byte, id ID) []byte { return numberKey(dst, classMemo, id, e.number) }

func (e memo) append(dst []byte) []byte {
	dst = append(appendTime(appendRecord(dst), e.at), byte(e.what))
	return appendString(appendString(dst, e.group), e.name)
}

func parseMemo(key, value []byte) (memo, error) {
	number, ok := parseNumber(key, queueKeyLen)
	if !ok {
		return memo{}, fmt.Errorf("memo key: %w", errShort)
	}
	r := openRecord(string(value))
	e := memo{number: number, at: r.time(), what: memoKind(r.byte()), group: r.string(), name: r.string()}
	if e.what != memoSend && e.what != memoAttempt {
		r.fail(errNumber)
	}
	return e, closeRecord(&r, "memo")
}

// memoKey is the key of what a memo is of.
func (m *Machine) memoKey(q *queue, e memo) []byte {
	if e.what == memoAttempt {
		return nameKey(m.key[:0], classAttempt, q.id, q.fifo.era, e.name)
	}
	return sendKey(m.key[:0], q.id, q.fifo.era, e.group, e.name)
}

// write remembers something from now on. value makes the value of its key from the memo's number.
func (m *Machine) write(q *queue, what memoKind, group, name string, value func(dst []byte, number uint64) []byte) uint64 {
	f := q.fifo
	e := memo{f.memoNext, m.now, what, group, name}
	f.memoNext++
	m.value = e.append(m.value[:0])
	m.store.Set(e.key(m.key[:0], q.id), m.value)
	f.memos.add(e)
	f.memoCount++
	if what == memoSend {
		f.records[scopeOf(group)]++
	}
	m.value = value(m.value[:0], e.number)
	m.store.Set(m.memoKey(q, e), m.value)
	return e.number
}

// unwrite forgets what a memo is of.
func (m *Machine) unwrite(q *queue, e memo) {
	f := q.fifo
	m.store.SingleDelete(m.memoKey(q, e))
	m.store.SingleDelete(e.key(m.key[:0], q.id))
	f.memos.remove(e)
	f.memoCount--
	if e.what == memoSend {
		f.records[scopeOf(e.group)]--
	}
	refill(m, q, &f.memos, parseMemo)
}

const (
	// sweepEvery is how often expired memos are removed, in ms.
	sweepEvery = second
	// sweepMost is how many are removed at one time; it is less if Limits.DueBatch is.
	sweepMost = 256
)

// nextSweep is when expired memos are to be removed: at the next full second, or at once if there were too many for one
// time.
func (f *fifo) nextSweep() wire.Time {
	if f.memos.len() == 0 {
		return never
	}
	over := f.memos.at(0).at + rememberFor
	return max((over+sweepEvery-1)/sweepEvery*sweepEvery, f.swept+1)
}

// sweep removes expired memos, and counts them.
func (m *Machine) sweep(q *queue) (n int) {
	f := q.fifo
	if f.nextSweep() > m.now {
		return 0
	}
	f.swept = m.now
	most := min(sweepMost, max(1, m.limits.DueBatch))
	for ; f.memos.len() > 0 && f.memos.at(0).at+rememberFor <= m.now && n < most && m.err == nil; n++ {
		m.unwrite(q, f.memos.at(0))
	}
	if n == most {
		m.mark(markSweepEnded)
	}
	return n
}
