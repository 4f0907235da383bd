package queue

import (
	"encoding/binary"
	"fmt"
	"slices"

	"sqsd/wire"
)

// A group's first member is in its record. The others have keys, in send order, so that the record stays small.

func (e member) append(dst []byte) []byte {
	return binary.AppendUvarint(appendTime(appendRecord(dst), e.first), uint64(e.count))
}

func parseMember(key, value []byte) (member, error) {
	_, ordinal, ok := parsePair(key)
	if !ok {
		return member{}, fmt.Errorf("member key: %w", errShort)
	}
	r := openRecord(string(value))
	e := member{ordinal: ordinal, first: r.time(), count: r.uint32()}
	return e, closeRecord(&r, "member")
}

// addMember adds a message behind all others of its group.
func (m *Machine) addMember(q *queue, g *group, e member) {
	g.unreceived++
	if g.unreceived == 1 {
		g.first = e
		return
	}
	m.value = e.append(m.value[:0])
	m.store.Set(pairKey(m.key[:0], classMember, q.id, g.number, e.ordinal), m.value)
	if len(g.ahead) < aheadMembers && len(g.ahead) == int(g.unreceived)-2 {
		g.ahead = append(g.ahead, e)
	}
}

// dropFirst takes the first member away: it is received, or gone.
func (m *Machine) dropFirst(q *queue, g *group) {
	if g.first.ordinal < q.fifo.delayedFrom {
		g.due--
	} else {
		q.fifo.waiting--
	}
	last := g.first.ordinal
	g.unreceived--
	g.first = member{}
	if g.unreceived == 0 {
		return
	}
	if len(g.ahead) == 0 {
		m.lookAhead(q, g, last)
	}
	if m.err != nil {
		return
	}
	g.first = g.ahead[0]
	g.ahead = slices.Delete(g.ahead, 0, 1)
	m.store.SingleDelete(pairKey(m.key[:0], classMember, q.id, g.number, g.first.ordinal))
}

// lookAhead reads the members behind an ordinal.
func (m *Machine) lookAhead(q *queue, g *group, ordinal uint64) {
	var bad error
	lo, hi := pairKey(nil, classMember, q.id, g.number, ordinal+1), numberKey(nil, classMember, q.id, g.number+1)
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		e, err := parseMember(key, value)
		if err != nil {
			bad = err
			return false
		}
		g.ahead = append(g.ahead, e)
		return len(g.ahead) < aheadMembers && len(g.ahead) < int(g.unreceived)
	})
	m.check(err)
	m.check(bad)
	if len(g.ahead) == 0 {
		m.breach("group %q of queue %s has %d messages behind %d, but no member", g.name, q.name, g.unreceived, ordinal)
	}
}

// receiveFirst makes the first member one of the received messages.
func (m *Machine) receiveFirst(q *queue, g *group) {
	e := g.first
	m.dropFirst(q, g)
	g.received = append(g.received, &delivery{
		position: position{e.ordinal, trunk}, first: e.first, count: e.count, group: g,
	})
}

// removeReceived removes a received message for good.
func (m *Machine) removeReceived(q *queue, d *delivery) {
	g := d.group
	if q.fifo.flying[d.ordinal] == d {
		m.land(q, d)
	}
	m.forget(g, d)
	m.removePlace(q, d.ordinal)
	m.regroup(q, g)
}

// forget takes a delivery out of its group.
func (m *Machine) forget(g *group, d *delivery) {
	i := slices.Index(g.received, d)
	g.received = slices.Delete(g.received, i, i+1)
}

const maxReceived = wire.MaxReceiveMessages + maxMovesPerReceive // that a group's record may hold

func (g *group) append(dst []byte) []byte {
	dst = binary.AppendUvarint(binary.AppendUvarint(appendRecord(dst), g.number), g.stamp)
	dst = binary.AppendUvarint(dst, uint64(len(g.received)))
	for _, d := range g.received {
		dst = binary.AppendUvarint(dst, d.ordinal)
		dst = appendTime(appendTime(appendTime(dst, d.first), d.last), d.visibleAt)
		dst = binary.BigEndian.AppendUint64(binary.AppendUvarint(dst, uint64(d.count)), d.token)
		dst = appendBool(appendBool(binary.AppendUvarint(dst, d.attempt), d.stays), d.leaving)
	}
	dst = binary.AppendUvarint(binary.AppendUvarint(dst, g.unreceived), g.due)
	dst = appendTime(binary.AppendUvarint(dst, g.first.ordinal), g.first.first)
	return binary.AppendUvarint(dst, uint64(g.first.count))
}

func parseMessageGroup(name string, value []byte) (*group, error) {
	const least = 16 // bytes that a delivery takes
	r := openRecord(string(value))
	g := &group{name: name, number: r.uvarint(), stamp: r.uvarint()}
	n := r.count(least)
	if n > maxReceived {
		r.fail(errNumber)
		n = 0
	}
	for range n {
		d := &delivery{position: position{r.uvarint(), trunk}, first: r.time(), last: r.time(), visibleAt: r.time(), group: g}
		d.count, d.token = r.uint32(), r.uint64()
		d.attempt, d.stays, d.leaving = r.uvarint(), r.bool(), r.bool()
		g.received = append(g.received, d)
	}
	g.unreceived, g.due = r.uvarint(), r.uvarint()
	g.first = member{ordinal: r.uvarint(), first: r.time(), count: r.uint32()}
	return g, closeRecord(&r, "message group")
}
