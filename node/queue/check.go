package queue

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"sqsd/node/disk"
	"sqsd/wire"
)

// Check reads the whole store, rebuilds from it what must be in memory, and says where they differ. It may be called
// between Flush and the next Begin. It is for tests and simulations: its work grows with all that is stored.
func (m *Machine) Check() error {
	if m.err != nil {
		return m.err
	}
	rebuilt, err := Open(m.store, m.config)
	if err != nil {
		return err
	}
	if m.groupRecord != rebuilt.groupRecord {
		return fmt.Errorf("group record %+v, in the store %+v", m.groupRecord, rebuilt.groupRecord)
	}
	if !slices.Equal(m.graves, rebuilt.graves) || len(m.queues) != len(rebuilt.queues) {
		return fmt.Errorf("%d queues and %d graves, in the store %d and %d", len(m.queues), len(m.graves),
			len(rebuilt.queues), len(rebuilt.graves))
	}
	posted, err := m.checkPost(rebuilt)
	if err != nil {
		return err
	}
	keys := len(m.graves) + posted
	if _, err := m.store.Get(groupKey); !errors.Is(err, disk.ErrNotFound) { // absent before the first entry
		keys++
	}
	m.names.Scan(func(_ string, q *queue) bool {
		other := rebuilt.queues[q.id]
		if other == nil {
			err = errors.New("not in the store")
		} else {
			c := contentCheck{m: m, q: q}
			err = errors.Join(c.compare(other), c.run())
			keys += 2 + c.keys
		}
		if err != nil {
			err = fmt.Errorf("queue %s: %w", q.name, err)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	stored := 0
	m.each([]byte{0}, []byte{0xff}, func(_, _ []byte) error {
		stored++
		return nil
	})
	if stored != keys {
		return fmt.Errorf("%d keys are in the store, %d should be", stored, keys)
	}
	return m.err
}

// checkPost holds what goes to other groups and comes from them against the store, and counts its keys.
func (m *Machine) checkPost(rebuilt *Machine) (keys int, err error) {
	if !reflect.DeepEqual(m.post, rebuilt.post) {
		return 0, fmt.Errorf("post %+v, in the store %+v", m.post, rebuilt.post)
	}
	if !reflect.DeepEqual(m.inboxes, rebuilt.inboxes) {
		return 0, fmt.Errorf("inboxes %+v, in the store %+v", m.inboxes, rebuilt.inboxes)
	}
	keys = len(m.inboxes)
	if m.post.moves > 0 {
		keys++
	}
	for _, box := range m.post.boxes {
		number := box.first
		m.each(outgoingKey(nil, box.to, 0), outgoingKey(nil, box.to+1, 0), func(key, value []byte) error {
			if !bytes.Equal(key, outgoingKey(nil, box.to, number)) {
				return fmt.Errorf("outbox %+v has the key %x", box, key)
			}
			number++
			_, err := parseOutgoing(value)
			return err
		})
		if m.err == nil && number != box.next {
			return 0, fmt.Errorf("outbox %+v ends at %d", box, number)
		}
		keys += int(box.next - box.first)
	}
	return keys, m.err
}

// contentCheck holds the messages of one queue against the store.
type contentCheck struct {
	m    *Machine
	q    *queue
	keys int   // that the queue should have, as far as they were found
	ages []age // of the shown messages that came from other queues
}

// compare holds memory against what was rebuilt, heads aside.
func (c *contentCheck) compare(other *queue) error {
	q := c.q
	if !reflect.DeepEqual(q.catalogRecord, other.catalogRecord) || q.settings != other.settings {
		return fmt.Errorf("%+v, in the store %+v", q.catalogRecord, other.catalogRecord)
	}
	if q.due != other.due || q.seen != other.seen {
		return fmt.Errorf("due %d with %d visible, in the store %d with %d", q.due, q.seen, other.due, other.seen)
	}
	counts := func(q *queue) [12]int {
		return [...]int{int(q.next), int(q.cursor), int(q.branches), q.waitingCount, q.lateCount, q.arrivalCount,
			q.ageCount, int(q.purgedMoves), q.byAge.len(), q.byArrival.len(), q.inFlight.len(), q.again.len()}
	}
	if counts(q) != counts(other) || q.tenantCounts != other.tenantCounts {
		return fmt.Errorf("counts %v and %+v, in the store %v and %+v", counts(q), q.tenantCounts, counts(other), other.tenantCounts)
	}
	if !slices.EqualFunc(q.tasks, other.tasks, func(a, b *task) bool { return *a == *b }) ||
		slices.Contains(c.m.busy, q) != (q.activeTask() != nil) {
		return fmt.Errorf("tasks %+v, in the store %+v", q.tasks, other.tasks)
	}
	c.keys += len(q.tasks)
	if q.fifo != nil && q.fifo.fifoCounts != other.fifo.fifoCounts {
		return fmt.Errorf("%+v, in the store %+v", q.fifo.fifoCounts, other.fifo.fifoCounts)
	}
	for _, d := range slices.Concat(q.byAge.items, q.byArrival.items) {
		o := other.deliveries[d.position]
		if o == nil || o.fields() != d.fields() || q.deliveries[d.position] != d {
			return fmt.Errorf("delivery %+v, in the store %+v", d, o)
		}
		if d.index >= q.side(d, c.m.now).len() || q.side(d, c.m.now).items[d.index] != d {
			return fmt.Errorf("delivery %+v is not where it should be", d)
		}
	}
	return nil
}

// fields are those of a delivery's record.
func (d *delivery) fields() delivery {
	f := *d
	f.age, f.index = 0, 0
	return f
}

func (c *contentCheck) run() error {
	q, m := c.q, c.m
	if q.fifo != nil {
		return c.runGroups()
	}
	runs, err := elements(c, &q.runs, classRun, parseRun)
	if err != nil {
		return err
	}
	waiting, err := elements(c, &q.waiting, classTimer, parseTimer)
	if err != nil {
		return err
	}
	late, err := elements(c, &q.late, classLate, parseLate)
	if err != nil {
		return err
	}
	if len(waiting) != q.waitingCount || len(late) != q.lateCount {
		return fmt.Errorf("%d waiting and %d late, in the store %d and %d", q.waitingCount, q.lateCount, len(waiting), len(late))
	}
	shown, err := c.shown()
	if err != nil {
		return err
	}
	arrivals, err := c.moved()
	if err != nil {
		return err
	}
	expected := map[position]wire.Time{} // sent times
	for _, t := range waiting {
		expected[t.position] = t.sent
	}
	for _, l := range late {
		expected[l.position] = l.sent
	}
	for _, a := range arrivals {
		expected[a.position] = a.sent
	}
	for _, s := range shown {
		expected[s.position] = s.sent
	}
	for p, d := range q.deliveries { // order: into a map
		expected[p] = d.sent
	}
	for i, r := range runs {
		end := q.next
		if i+1 < len(runs) {
			end = runs[i+1].first
		}
		for o := max(r.first, q.cursor); o < end; o++ {
			expected[position{o, trunk}] = r.sent
		}
	}
	if len(expected) != len(waiting)+len(late)+len(arrivals)+len(shown)+len(q.deliveries)+q.freshCount() {
		return fmt.Errorf("%d messages in all, but %d waiting, %d late, %d arrivals, %d shown, %d received, %d fresh",
			len(expected), len(waiting), len(late), len(arrivals), len(shown), len(q.deliveries), q.freshCount())
	}
	c.keys += len(q.deliveries) + len(expected)
	return errors.Join(c.records(classMessage, expected), c.records(classDelayed, expected), m.err)
}

// moved checks that the ages are those of the arrivals and of the received messages that came from other queues.
func (c *contentCheck) moved() ([]arrival, error) {
	q := c.q
	arrivals, err := elements(c, &q.arrivals, classArrival, parseArrival)
	if err != nil {
		return nil, err
	}
	ages, err := elements(c, &q.ages, classAge, parseAge)
	if err != nil {
		return nil, err
	}
	if len(arrivals) != q.arrivalCount || len(ages) != q.ageCount {
		return nil, fmt.Errorf("%d arrivals and %d ages, in the store %d and %d", q.arrivalCount, q.ageCount,
			len(arrivals), len(ages))
	}
	want := c.ages
	for _, a := range arrivals {
		want = append(want, age{a.sent, a.position})
	}
	for _, d := range q.byArrival.items {
		want = append(want, age{d.sent, d.position})
	}
	slices.SortFunc(want, age.compare)
	if !slices.Equal(want, ages) {
		return nil, fmt.Errorf("ages %v, should be %v", ages, want)
	}
	return arrivals, nil
}

// records checks that each record of a class is of an expected message.
func (c *contentCheck) records(class byte, expected map[position]wire.Time) error {
	found := 0
	err := c.m.store.Scan(queueKey(nil, class, c.q.id), queueKey(nil, class, c.q.id+1), func(key, value []byte) bool {
		p := position{branch: trunk}
		if class == classDelayed {
			p, _ = parsePosition(key)
		} else {
			p.ordinal, _ = parseNumber(key, queueKeyLen)
		}
		record, err := parseMessage(value)
		c.m.check(err)
		sent, ok := expected[p]
		if !ok || sent != record.sent {
			c.m.breach("message %v of queue %s was sent at %d, not at %d", p, c.q.name, record.sent, sent)
		}
		found++
		return c.m.err == nil
	})
	want := 0
	for p := range expected { // order: counts only
		if p.delayed() == (class == classDelayed) {
			want++
		}
	}
	if err == nil && c.m.err == nil && found != want {
		return fmt.Errorf("%d messages of class %c, in the store %d", want, class, found)
	}
	return err
}

// elements reads an ordered set and checks that the head is its beginning.
func elements[E element[E]](c *contentCheck, h *head[E], class byte, parse func(key, value []byte) (E, error)) ([]E, error) {
	var all []E
	c.m.each(queueKey(nil, class, c.q.id), queueKey(nil, class, c.q.id+1), func(key, value []byte) error {
		e, err := parse(key, value)
		all = append(all, e)
		return err
	})
	c.keys += len(all)
	same := func(a, b E) bool { return a.compare(b) == 0 }
	n := h.len()
	if n > len(all) || !slices.EqualFunc(h.items[h.start:], all[:n], same) {
		return nil, fmt.Errorf("head of class %c is not what is in the store", class)
	}
	if !h.more && n < len(all) || h.more && n < min(2, len(all)) {
		return nil, fmt.Errorf("head of class %c holds %d of %d", class, n, len(all))
	}
	return all, c.m.err
}
