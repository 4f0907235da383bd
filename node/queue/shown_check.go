package queue

import "fmt"

// shown checks that the visible messages of tenants are the same in send order and by tenant, that those which were received
// have a delivery that is not in memory, and that the tenants are those which have some.
func (c *contentCheck) shown() ([]shownMessage, error) {
	q, m := c.q, c.m
	shown, err := elements(c, &q.shown, classShown, parseShown)
	if err != nil {
		return nil, err
	}
	want := map[position]shownMessage{}
	oldest := map[string]position{}
	for _, s := range shown {
		want[s.position] = s
		if _, ok := oldest[s.tenant]; !ok {
			oldest[s.tenant] = s.position
		}
	}
	found := 0
	m.each(queueKey(nil, classByTenant, q.id), queueKey(nil, classByTenant, q.id+1), func(key, value []byte) error {
		own, name, err := parseTenantMessage(key, value)
		if s := (shownMessage{own.position, own.sent, name}); err == nil && want[own.position] != s {
			err = fmt.Errorf("message %+v of a tenant is shown as %+v", s, want[own.position])
		}
		if err == nil && own.received {
			err = c.shownDelivery(want[own.position])
		}
		found++
		return err
	})
	c.keys += found
	if m.err == nil && (found != len(shown) || found != int(q.shownCount)) {
		return nil, fmt.Errorf("%d messages shown, in the store %d, by tenant %d", q.shownCount, len(shown), found)
	}
	if m.err == nil {
		err = c.turns(oldest)
	}
	return shown, err
}

// shownDelivery checks the delivery of a shown message.
func (c *contentCheck) shownDelivery(s shownMessage) error {
	d := c.m.readDelivery(c.q, s.position)
	if d == nil || d.sent != s.sent || d.tenant != s.tenant || d.isTimed(c.m.now) || c.q.deliveries[s.position] != nil {
		return fmt.Errorf("shown message %+v has the delivery %+v, in memory %+v", s, d, c.q.deliveries[s.position])
	}
	if d.moved {
		c.ages = append(c.ages, age{d.sent, d.position})
	}
	c.keys++
	return nil
}

// turns checks that the tenants with visible messages, whose oldest ones are given, are in the order of turns.
func (c *contentCheck) turns(oldest map[string]position) error {
	q := c.q
	ready, err := elements(c, &q.ready, classTurn, parseTurn)
	if err != nil {
		return err
	}
	tenants := len(oldest)
	for _, t := range ready {
		known, ok := c.m.tenant(q, t.name)
		if !ok || known != t || oldest[t.name] != t.position || t.stamp > q.takings {
			return fmt.Errorf("tenant %+v is in turn after %d takings, known as %+v, with %v", t, q.takings, known, oldest[t.name])
		}
		delete(oldest, t.name) // so that it has no other turn
	}
	c.keys += len(ready)
	if len(ready) != tenants || len(ready) != int(q.readyCount) || q.stamp > q.takings {
		return fmt.Errorf("%+v, in the store %d turns of %d tenants", q.tenantCounts, len(ready), tenants)
	}
	return c.m.err
}
