package queue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sqsd/node/disk"
)

// load reads what the machine keeps in memory from the store.
func (m *Machine) load() {
	m.key = make([]byte, 0, 64)
	value, err := m.store.Get(groupKey)
	switch {
	case err == nil:
		m.groupRecord, err = parseGroup(value)
	case errors.Is(err, disk.ErrNotFound):
		err = nil
	}
	m.check(err)
	m.loadPost()
	m.loadGraves()
	m.loadQueues()
}

func (m *Machine) loadPost() {
	value, err := m.store.Get(postKey)
	switch {
	case err == nil:
		m.post, err = parsePost(value)
	case errors.Is(err, disk.ErrNotFound):
		err = nil
	}
	m.check(err)
	m.each([]byte{classInbox}, []byte{classInbox + 1}, func(key, value []byte) error {
		b, err := parseInbox(key, value)
		m.inboxes = append(m.inboxes, b)
		return err
	})
}

func (m *Machine) loadGraves() {
	m.each([]byte{classGrave}, []byte{classGrave + 1}, func(key, value []byte) error {
		g, err := parseGrave(key, value)
		m.graves = append(m.graves, g)
		m.buried[g.name] = g
		return err
	})
}

func (m *Machine) loadQueues() {
	var queues []*queue
	m.each([]byte{classQueue}, []byte{classQueue + 1}, func(key, value []byte) error {
		id, ok := parseNumber(key, 1)
		if !ok {
			return fmt.Errorf("queue key: %w", errShort)
		}
		c, err := parseCatalog(value)
		if err != nil {
			return err
		}
		s, bad := parseSettings(c.attributes)
		if bad != nil {
			return bad
		}
		queues = append(queues, newQueue(ID(id), c, s))
		return nil
	})
	m.loadTasks(queues)
	for _, q := range queues {
		m.loadContent(q)
		q.due = q.nextDue()
		q.seen = q.visible(m.limits.MaxInFlight)
		m.enter(q)
	}
}

// loadContent reads a queue's counters, the messages that were received, and the heads of the other sets.
func (m *Machine) loadContent(q *queue) {
	value, err := m.store.Get(queueKey(m.key[:0], classCounts, q.id))
	if err != nil {
		m.check(fmt.Errorf("counts of queue %s: %w", q.name, err))
		return
	}
	c, err := parseCounts(value)
	m.check(err)
	q.next, q.cursor, q.tail = c.next, c.cursor, c.tail
	q.branches, q.waitingCount, q.lateCount = c.branches, int(c.waiting), int(c.late)
	q.oldest, q.oldestSent = c.oldest, c.oldestSent
	q.arrivalCount, q.ageCount, q.purgedMoves = int(c.arrivals), int(c.ages), c.purgedMoves
	if q.freshCount() > 0 {
		q.runs.reset(run{first: c.firstRun})
		refill(m, q, &q.runs, parseRun)
	}
	if q.waitingCount > 0 {
		q.waiting.reset(timer{due: c.firstDue})
		refill(m, q, &q.waiting, parseTimer)
	}
	if q.lateCount > 0 {
		q.late.reset(lateMessage{position: c.firstLate})
		refill(m, q, &q.late, parseLate)
	}
	if q.arrivalCount > 0 {
		q.arrivals.reset(arrival{position: c.firstArrival})
		refill(m, q, &q.arrivals, parseArrival)
	}
	if q.ageCount > 0 {
		q.ages.reset(c.firstAge)
		refill(m, q, &q.ages, parseAge)
	}
	q.tenantCounts = c.tenantCounts
	if q.shownCount > 0 {
		q.shown.reset(shownMessage{position: c.firstShown})
		refill(m, q, &q.shown, parseShown)
		q.ready.reset(c.firstReady)
		refill(m, q, &q.ready, parseTurn)
	}
	if c.received > 0 {
		m.loadReceived(q, c)
	}
	if q.fifo != nil {
		m.loadFIFO(q)
	}
	m.checkHeads(q)
}

func (m *Machine) loadReceived(q *queue, c countsRecord) {
	lo := positionKey(nil, classDelivery, q.id, c.firstReceived)
	m.each(lo, queueKey(nil, classDelivery, q.id+1), func(key, value []byte) error {
		d, err := parseDelivery(key, value)
		if err == nil && (d.tenant == "" || d.isTimed(m.now)) { // else it is shown
			q.enter(d)
			q.side(d, m.now).push(d)
		}
		return err
	})
	if len(q.deliveries) != int(c.received) {
		m.breach("queue %s has %d deliveries, not %d", q.name, len(q.deliveries), c.received)
	}
}

// loadTasks reads the move tasks of all queues.
func (m *Machine) loadTasks(queues []*queue) {
	m.each([]byte{classTask}, []byte{classTask + 1}, func(key, value []byte) error {
		t, err := parseTask(key, value)
		if err != nil {
			return err
		}
		id, _ := parseNumber(key, 1)
		i, found := slices.BinarySearchFunc(queues, ID(id), func(q *queue, id ID) int { return cmp.Compare(q.id, id) })
		if !found {
			return fmt.Errorf("task of queue %d, which does not exist", id)
		}
		queues[i].tasks = append(queues[i].tasks, t)
		return nil
	})
	for _, q := range queues {
		if q.activeTask() != nil {
			m.busy = append(m.busy, q)
		}
	}
}

// each calls f with a range of the store; an error ends it.
func (m *Machine) each(lo, hi []byte, f func(key, value []byte) error) {
	var bad error
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		bad = f(key, value)
		return bad == nil
	})
	m.check(err)
	m.check(bad)
}

// saveCounts writes a queue's counts record.
func (m *Machine) saveCounts(q *queue) {
	c := countsRecord{
		next: q.next, cursor: q.cursor, branches: q.branches,
		waiting: uint64(q.waitingCount), late: uint64(q.lateCount), received: uint64(len(q.deliveries)),
		movedCounts: movedCounts{
			arrivals: uint64(q.arrivalCount), ages: uint64(q.ageCount), purgedMoves: q.purgedMoves,
		},
		shownCounts: shownCounts{tenantCounts: q.tenantCounts},
	}
	if q.runs.len() > 0 {
		c.tail, c.firstRun = q.tail, q.runs.at(0).first
	}
	if q.waiting.len() > 0 {
		c.firstDue, c.oldest, c.oldestSent = q.waiting.at(0).due, q.oldest, q.oldestSent
	}
	if q.late.len() > 0 {
		c.firstLate = q.late.at(0).position
	}
	if q.arrivals.len() > 0 {
		c.firstArrival = q.arrivals.at(0).position
	}
	if q.ages.len() > 0 {
		c.firstAge = q.ages.at(0)
	}
	if q.shown.len() > 0 {
		first := q.ready.at(0)
		c.firstShown, c.firstReady = q.shown.at(0).position, tenant{stamp: first.stamp, position: first.position}
	}
	if len(q.deliveries) > 0 {
		c.firstReceived = q.firstReceived()
	}
	m.value = c.append(m.value[:0])
	m.store.Set(queueKey(m.key[:0], classCounts, q.id), m.value)
	if q.fifo != nil {
		m.saveFIFO(q)
	}
}
