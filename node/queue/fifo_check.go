package queue

import (
	"fmt"
	"slices"

	"sqsd/wire"
)

// runGroups holds the messages of a FIFO queue against the store: each is in its group, in order, and groups and counts
// are what the messages make of them.
func (c *contentCheck) runGroups() error {
	q, m, f := c.q, c.m, c.q.fifo
	places, err := elements(c, &f.line, classPlace, parsePlace)
	if err != nil {
		return err
	}
	delayed := slices.DeleteFunc(slices.Clone(places), func(p place) bool { return p.ordinal < f.delayedFrom })
	if !isBeginning(&f.delayed, delayed) {
		return fmt.Errorf("the head of the delayed places is not what is in the store")
	}
	expected := map[position]wire.Time{}
	members := map[string][]uint64{}
	for _, p := range places {
		expected[position{p.ordinal, trunk}] = p.sent
		members[p.group] = append(members[p.group], p.ordinal)
	}
	c.keys += 1 + len(expected)
	if err := c.records(classMessage, expected); err != nil {
		return err
	}
	sum := fifoCounts{messages: uint64(len(places))}
	var entries []readyGroup
	m.each(queueKey(nil, classMessageGroup, q.id), queueKey(nil, classMessageGroup, q.id+1), func(key, value []byte) error {
		g, err := parseMessageGroup(string(key[queueKeyLen+8:]), value)
		if err != nil {
			return err
		}
		c.keys++
		err = c.group(g, members[g.name], &sum)
		if g.openCount(m.now) > 0 {
			entries = append(entries, g.ready())
		}
		delete(members, g.name)
		return err
	})
	if m.err != nil {
		return m.err
	}
	if len(members) > 0 {
		return fmt.Errorf("%d groups have messages but no record", len(members))
	}
	return c.groupSets(entries, &sum)
}

// isBeginning says whether a head is the first part of a set.
func isBeginning[E element[E]](h *head[E], all []E) bool {
	n := h.len()
	same := func(a, b E) bool { return a.compare(b) == 0 }
	return n <= len(all) && slices.EqualFunc(h.items[h.start:], all[:n], same) && (n == len(all) || h.more && n >= 2)
}

// group holds one group's record against its messages, and adds to what the queue should count.
func (c *contentCheck) group(g *group, ordinals []uint64, sum *fifoCounts) error {
	q, m, f := c.q, c.m, c.q.fifo
	var own []uint64
	hidden := 0
	for _, d := range g.received {
		switch {
		case d.leaving:
			sum.away++
			continue
		case d.isHidden(m.now):
			hidden++
			if o := f.flying[d.ordinal]; o == nil || o.token != d.token || q.inFlight.items[o.index] != o {
				return fmt.Errorf("delivery %+v of group %q is in memory as %+v", d, g.name, o)
			}
		}
		own = append(own, d.ordinal)
	}
	if g.unreceived > 0 {
		own = append(own, g.first.ordinal)
	}
	lo, hi := numberKey(nil, classMember, q.id, g.number), numberKey(nil, classMember, q.id, g.number+1)
	m.each(lo, hi, func(key, value []byte) error {
		e, err := parseMember(key, value)
		own = append(own, e.ordinal)
		c.keys++
		return err
	})
	due := uint64(0)
	for _, o := range own[len(own)-int(g.unreceived):] {
		if o < f.delayedFrom {
			due++
		}
	}
	if !slices.Equal(own, ordinals) || due != g.due {
		return fmt.Errorf("group %q has messages %v, %d of them due; it should be %v, %d", g.name, own, g.due, ordinals, due)
	}
	sum.waiting += g.unreceived - g.due
	sum.open += uint64(g.openCount(m.now))
	if hidden > 0 {
		sum.heldCount++
		c.keys++
	}
	if known := f.groups[g.name]; hidden > 0 && (known == nil || known.hidden != hidden) {
		return fmt.Errorf("group %q has %d in flight, in memory it is %+v", g.name, hidden, known)
	} else if known != nil && string(known.append(nil)) != string(g.append(nil)) {
		return fmt.Errorf("group %q is %+v, in the store %+v", g.name, known, g)
	}
	return nil
}

// groupSets holds the ready groups, the memos and the counts against what they should be.
func (c *contentCheck) groupSets(entries []readyGroup, sum *fifoCounts) error {
	f := c.q.fifo
	ready, err := elements(c, &f.ready, classReady, parseReady)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, readyGroup.compare)
	if !slices.Equal(ready, entries) {
		return fmt.Errorf("ready groups %v, in the store %v", entries, ready)
	}
	for _, e := range entries {
		if e.ordinal < f.openFrom {
			return fmt.Errorf("group %+v is ready, but none is before message %d", e, f.openFrom)
		}
	}
	memos, err := elements(c, &f.memos, classMemo, parseMemo)
	if err != nil {
		return err
	}
	for _, e := range memos {
		number, err := c.remembered(e)
		if err != nil {
			return fmt.Errorf("memo %+v: %w", e, err)
		}
		if number != e.number {
			return fmt.Errorf("memo %+v is of what has memo %d", e, number)
		}
		if e.what == memoSend {
			sum.records[scopeOf(e.group)]++
		}
	}
	c.keys += len(memos)
	want := f.fifoCounts
	want.messages, want.waiting, want.open, want.away = sum.messages, sum.waiting, sum.open, sum.away
	want.readyCount, want.memoCount, want.heldCount = uint64(len(ready)), uint64(len(memos)), sum.heldCount
	want.records = sum.records
	if f.fifoCounts != want || c.q.inFlight.len() != len(f.flying) || f.held.len() != int(f.heldCount) {
		return fmt.Errorf("counts %+v with %d in flight and %d held, want %+v", f.fifoCounts, len(f.flying), f.held.len(), want)
	}
	return c.m.err
}

// remembered reads what a memo is of, which says what its memo is.
func (c *contentCheck) remembered(e memo) (number uint64, err error) {
	value, err := c.m.store.Get(c.m.memoKey(c.q, e))
	if err != nil {
		return 0, err
	}
	if e.what == memoAttempt {
		a, err := parseAttempt(value)
		return a.memo, err
	}
	s, err := parseAcceptedSend(value)
	return s.memo, err
}
