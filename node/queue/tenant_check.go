package queue

import (
	"fmt"

	"sqsd/wire"
)

// tenants checks that every tenant has one front, that nothing else of it stands before that, and that messages in flight
// are counted. It adds the messages to those that are expected.
func (c *contentCheck) tenants(expected map[position]wire.Time) (crowd int, err error) {
	q := c.q
	fronts, err := elements(c, &q.fronts, classFront, parseFront)
	if err != nil {
		return 0, err
	}
	first := map[string]position{}
	for _, f := range fronts {
		if _, ok := first[f.tenant]; ok {
			return 0, fmt.Errorf("tenant %q has two fronts", f.tenant)
		}
		first[f.tenant] = f.position
		expected[f.position] = f.sent
		value, err := c.m.store.Get(tenantKey(nil, q.id, f.tenant))
		if err == nil {
			err = parseTenant(value)
		}
		if err != nil {
			return 0, fmt.Errorf("tenant %q: %w", f.tenant, err)
		}
	}
	crowd = len(fronts)
	c.m.each(queueKey(nil, classBehind, q.id), queueKey(nil, classBehind, q.id+1), func(key, value []byte) error {
		f, err := parseBehind(key, value)
		if at, ok := first[f.tenant]; err == nil && (!ok || f.position.compare(at) <= 0) {
			err = fmt.Errorf("message %v of tenant %q is not behind its front", f.position, f.tenant)
		}
		expected[f.position] = f.sent
		crowd++
		return err
	})
	if len(fronts) != q.frontCount || crowd != q.crowd {
		return 0, fmt.Errorf("%d fronts of %d messages, in the store %d of %d", q.frontCount, q.crowd, len(fronts), crowd)
	}
	c.keys += crowd // those behind, and the tenants
	return crowd, c.m.err
}

// flying checks the counts of messages in flight by tenant.
func (c *contentCheck) flying() error {
	want := newReceived()
	for _, d := range c.q.inFlight.items {
		want.fly(d, 1)
	}
	if fmt.Sprint(want.flying) != fmt.Sprint(c.q.flying) {
		return fmt.Errorf("messages in flight by tenant are %v, should be %v", c.q.flying, want.flying)
	}
	return nil
}
