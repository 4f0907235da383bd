package queue

import (
	"cmp"
	"fmt"

	"sqsd/wire"
)

// later is the messages that were sent with a delay and never received: those whose delay is not over are waiting and
// ordered by due time, the others are late and in send order, unless they have a message group id. Late are those too that
// were sent without a delay, left for another group by a move task, and came back.
type later struct {
	branches uint64 // delayed messages so far

	waiting      head[timer]
	waitingCount int
	// oldest and oldestSent: no waiting message was sent before. Meaningful only while there are any.
	oldest     position
	oldestSent wire.Time

	late      head[lateMessage]
	lateCount int
}

// timer is a message that waits for the end of its delay.
type timer struct {
	due wire.Time
	position
	sent   wire.Time
	tenant string // empty if it was sent without a message group id
}

func (t timer) compare(o timer) int {
	if c := cmp.Compare(t.due, o.due); c != 0 {
		return c
	}
	return t.position.compare(o.position)
}

func (t timer) key(dst []byte, id ID) []byte {
	return timedKey(dst, classTimer, id, t.due, t.position)
}

func (t timer) append(dst []byte) []byte {
	dst = appendTime(appendEither(dst, t.tenant != ""), t.sent)
	if t.tenant != "" {
		dst = appendString(dst, t.tenant)
	}
	return dst
}

func parseTimer(key, value []byte) (timer, error) {
	p, ok := parsePosition(key)
	due, ok2 := parseNumber(key, queueKeyLen)
	if !ok || !ok2 {
		return timer{}, fmt.Errorf("timer key: %w", errShort)
	}
	r, wide := openEither(string(value))
	t := timer{due: wire.Time(due), position: p, sent: r.time()}
	if wide {
		t.tenant = r.string()
		r.expect(t.tenant != "")
	}
	return t, closeRecord(&r, "timer")
}

// lateMessage is a message whose delay is over and that was never received.
type lateMessage struct {
	position
	sent wire.Time
}

func (l lateMessage) compare(o lateMessage) int { return l.position.compare(o.position) }

func (l lateMessage) key(dst []byte, id ID) []byte {
	return positionKey(dst, classLate, id, l.position)
}

func parseLate(key, value []byte) (lateMessage, error) {
	p, ok := parsePosition(key)
	if !ok {
		return lateMessage{}, fmt.Errorf("late key: %w", errShort)
	}
	sent, err := parseSent(value)
	return lateMessage{p, sent}, err
}

// mayExpireWaiting says whether a message can pass its retention before its delay is over.
func (q *queue) mayExpireWaiting() bool {
	return q.waitingCount > 0 && q.retention < wire.MaxDelaySeconds*second
}

// addWaiting gives a position to a message that is sent now and waits until due.
func (m *Machine) addWaiting(q *queue, due wire.Time, tenant string) position {
	t := timer{due, position{q.next, q.branches}, m.now, tenant}
	q.branches++
	m.value = t.append(m.value[:0])
	m.store.Set(t.key(m.key[:0], q.id), m.value)
	q.waiting.add(t)
	if q.waitingCount == 0 {
		q.oldest, q.oldestSent = t.position, t.sent
	}
	q.waitingCount++
	return t.position
}

// endDelays makes visible what was waiting until now. It counts the messages.
func (m *Machine) endDelays(q *queue) (n int) {
	for q.waiting.len() > 0 && q.waiting.at(0).due <= m.now && m.err == nil {
		t := q.waiting.at(0)
		m.store.SingleDelete(t.key(m.key[:0], q.id))
		q.waiting.pop()
		q.waitingCount--
		refill(m, q, &q.waiting, parseTimer)
		if t.tenant != "" {
			m.show(q, t.tenant, tenantMessage{t.position, t.sent, false})
		} else {
			m.addLate(q, lateMessage{t.position, t.sent})
		}
		n++
	}
	return n
}

func (m *Machine) addLate(q *queue, l lateMessage) {
	q.awaitTurn()
	m.value = appendSent(m.value[:0], l.sent)
	m.store.Set(l.key(m.key[:0], q.id), m.value)
	q.late.add(l)
	q.lateCount++
}

// popLate takes the first late message.
func (m *Machine) popLate(q *queue) lateMessage {
	l := q.late.at(0)
	m.store.SingleDelete(l.key(m.key[:0], q.id))
	q.late.pop()
	q.lateCount--
	refill(m, q, &q.late, parseLate)
	return l
}

// sweep is how many messages expireWaiting collects at a time.
const sweep = 128

// expireWaiting removes the waiting messages sent at or before limit, and finds out which is the oldest then. It
// counts the messages, and the search as one.
func (m *Machine) expireWaiting(q *queue, limit wire.Time) (n int) {
	for found := sweep; found == sweep && q.waitingCount > 0 && m.err == nil; n += found {
		expired := m.expiredWaiting(q, limit)
		for _, t := range expired {
			m.store.SingleDelete(t.key(m.key[:0], q.id))
			m.store.SingleDelete(messageKey(m.key[:0], q.id, t.position))
			q.waiting.remove(t)
			refill(m, q, &q.waiting, parseTimer)
			q.waitingCount--
			m.mark(markExpiredWaiting)
		}
		found = len(expired)
	}
	return n + 1
}

// expiredWaiting returns the first waiting messages sent at or before limit, up to a number, and moves oldest to the
// first that was not.
func (m *Machine) expiredWaiting(q *queue, limit wire.Time) (expired []timer) {
	lo, hi := messageKey(nil, q.id, q.oldest), queueKey(nil, classDelayed, q.id+1)
	var bad error
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		sent, due, err := parseMessageTimes(value)
		p, ok := parsePosition(key)
		if !ok {
			err = errShort
		}
		if err != nil {
			bad = fmt.Errorf("message %x: %w", key, err)
			return false
		}
		if due <= m.now {
			return true // late or received
		}
		q.oldest, q.oldestSent = p, sent
		if sent > limit || len(expired) == sweep {
			return false
		}
		expired = append(expired, timer{due: due, position: p, sent: sent})
		return true
	})
	m.check(err)
	m.check(bad)
	return expired
}
