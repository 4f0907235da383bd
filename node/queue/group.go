package queue

import (
	"cmp"
	"errors"
	"fmt"

	"sqsd/node/disk"
	"sqsd/wire"
)

// group is a message group that has messages. Those that were received come before those that never were, because a
// receive takes a group's messages from the oldest on. A receive takes at most wire.MaxReceiveMessages, and none behind a
// hidden one, so that received never has more than that.
type group struct {
	name   string
	number uint64 // ordinal of the message that it began with; 0 while it has no messages
	// stamp orders groups for receives: the number of the receive that took from the group last, or of the last one
	// before the group began.
	stamp      uint64
	received   []*delivery // in send order
	first      member      // the oldest message that was never received, if unreceived is not 0
	unreceived uint64
	due        uint64 // of them, those whose delay is over

	// What follows is not in the record.
	ahead   []member   // those behind first that are known
	hidden  int        // deliveries in flight
	open    int        // messages that can be received
	entry   readyGroup // in fifo.ready; zero if it is not there
	serving bool       // by the receive that goes on; it is in no set of ready groups then
	stored  bool       // it has a record
	heldAs  uint64     // the number by which it is in the class of held groups; 0 if it is not
	changed bool       // in fifo.changed
	slot    int        // in fifo.held
}

func begunBefore(a, b *group) bool { return a.number < b.number }

// member is a message that was never received in its queue.
type member struct {
	ordinal uint64
	first   wire.Time // first receipt in another queue
	count   uint32    // receipts there
}

// aheadMembers is how many members behind the first one a group knows at most.
const aheadMembers = 16

// readyGroup is a group with something to receive, in the order of receives.
type readyGroup struct {
	stamp   uint64
	ordinal uint64 // of the group's oldest message
	name    string
}

func (r readyGroup) compare(o readyGroup) int {
	return cmp.Or(cmp.Compare(r.stamp, o.stamp), cmp.Compare(r.ordinal, o.ordinal))
}

func (r readyGroup) key(dst []byte, id ID) []byte {
	return pairKey(dst, classReady, id, r.stamp, r.ordinal)
}

func parseReady(key, value []byte) (readyGroup, error) {
	stamp, ordinal, ok := parsePair(key)
	if !ok {
		return readyGroup{}, fmt.Errorf("ready group key: %w", errShort)
	}
	name, err := parseName(value)
	return readyGroup{stamp, ordinal, name}, err
}

// appendName makes the value of a ready or held group.
func appendName(dst []byte, name string) []byte { return appendString(appendRecord(dst), name) }

func parseName(value []byte) (string, error) {
	r := openRecord(string(value))
	name := r.string()
	return name, closeRecord(&r, "group name")
}

// group finds a group; nil if it has no messages.
func (m *Machine) group(q *queue, name string) *group {
	f := q.fifo
	if g := f.groups[name]; g != nil {
		if g.number == 0 {
			return nil
		}
		return g
	}
	value, err := m.store.Get(nameKey(m.key[:0], classMessageGroup, q.id, f.era, name))
	if errors.Is(err, disk.ErrNotFound) {
		return nil
	}
	m.check(err)
	g, err := parseMessageGroup(name, value)
	m.check(err)
	if m.err != nil {
		return nil
	}
	m.bringUp(q, g)
	return g
}

// bringUp completes a group that was read.
func (m *Machine) bringUp(q *queue, g *group) {
	g.stored = true
	for _, d := range g.received {
		if d.isHidden(m.now) {
			g.hidden++
		}
	}
	if g.hidden > 0 {
		g.heldAs = g.number
	}
	g.open = g.openCount(m.now)
	if g.open > 0 {
		g.entry = g.ready()
	}
	q.fifo.groups[g.name] = g
}

// beginGroup makes a group that has no messages, for one that comes.
func (m *Machine) beginGroup(q *queue, name string, ordinal uint64) *group {
	g := q.fifo.groups[name]
	if g == nil {
		g = &group{name: name}
		q.fifo.groups[name] = g
	}
	g.number, g.stamp = ordinal, q.fifo.serves
	return g
}

// isHidden says that a message of a group is in flight.
func (d *delivery) isHidden(now wire.Time) bool { return d.visibleAt > now && !d.leaving }

// openCount is how many messages there are before the first one that is hidden.
func (g *group) openCount(now wire.Time) int {
	for i, d := range g.received {
		if d.leaving || d.visibleAt > now {
			return i
		}
	}
	return len(g.received) + int(g.due)
}

// head is the ordinal of the oldest message.
func (g *group) head() uint64 {
	if len(g.received) > 0 {
		return g.received[0].ordinal
	}
	return g.first.ordinal
}

func (g *group) ready() readyGroup { return readyGroup{g.stamp, g.head(), g.name} }

// regroup takes note of what was changed in a group: whether it is ready, and for how many messages.
func (m *Machine) regroup(q *queue, g *group) {
	f := q.fifo
	open := g.openCount(m.now)
	f.open += uint64(open - g.open)
	g.open = open
	var entry readyGroup
	if open > 0 && !g.serving {
		entry = g.ready()
	}
	m.enlist(q, g, entry)
	if len(g.received) == 0 && g.unreceived == 0 {
		g.number, g.ahead = 0, g.ahead[:0]
	}
	if !g.changed {
		g.changed = true
		f.changed = append(f.changed, g)
	}
}

// enlist puts a group into the set of ready groups by an entry, or takes it out if the entry is zero.
func (m *Machine) enlist(q *queue, g *group, entry readyGroup) {
	f := q.fifo
	if entry == g.entry {
		return
	}
	if g.entry != (readyGroup{}) {
		m.store.SingleDelete(g.entry.key(m.key[:0], q.id))
		f.ready.remove(g.entry)
		f.readyCount--
		refill(m, q, &f.ready, parseReady)
	}
	if entry != (readyGroup{}) {
		m.value = appendName(m.value[:0], entry.name)
		m.store.Set(entry.key(m.key[:0], q.id), m.value)
		f.ready.add(entry)
		f.readyCount++
		f.openFrom = min(f.openFrom, entry.ordinal)
	}
	g.entry = entry
}

// takeOff puts a delivery among those in flight.
func (m *Machine) takeOff(q *queue, d *delivery) {
	f, g := q.fifo, d.group
	q.inFlight.push(d)
	f.flying[d.ordinal] = d
	if g.hidden++; g.hidden == 1 {
		f.held.push(g)
	}
}

// land takes a delivery out of those in flight.
func (m *Machine) land(q *queue, d *delivery) {
	f, g := q.fifo, d.group
	q.inFlight.remove(d)
	delete(f.flying, d.ordinal)
	if g.hidden--; g.hidden == 0 {
		f.held.remove(g)
	}
}

// saveGroups writes the records of groups that were changed, and forgets groups that are not needed in memory.
func (m *Machine) saveGroups(q *queue) {
	f := q.fifo
	for i, g := range f.changed {
		m.saveGroup(q, g)
		f.changed[i] = nil
	}
	f.changed = f.changed[:0]
	if len(f.groups)-f.held.len() <= min(idleGroups, m.limits.MaxInFlight) {
		return
	}
	m.mark(markGroupsForgotten)
	for name, g := range f.groups { // order: each is forgotten by itself
		if g.hidden == 0 {
			delete(f.groups, name)
		}
	}
}

func (m *Machine) saveGroup(q *queue, g *group) {
	g.changed = false
	held := uint64(0)
	if g.hidden > 0 {
		held = g.number
	}
	if held != g.heldAs {
		if g.heldAs != 0 {
			m.store.SingleDelete(numberKey(m.key[:0], classHeld, q.id, g.heldAs))
		}
		if held != 0 {
			m.value = appendName(m.value[:0], g.name)
			m.store.Set(numberKey(m.key[:0], classHeld, q.id, held), m.value)
		}
		g.heldAs = held
	}
	key := nameKey(m.key[:0], classMessageGroup, q.id, q.fifo.era, g.name)
	if g.number != 0 {
		m.value = g.append(m.value[:0])
		m.store.Set(key, m.value)
		g.stored = true
		return
	}
	if g.stored {
		m.store.Delete(key)
	}
	delete(q.fifo.groups, g.name)
}
