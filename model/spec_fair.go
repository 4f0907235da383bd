package model

import (
	"cmp"
	"maps"
	"slices"
)

// A receive is fair to the tenants of a standard queue: it takes each message from the tenant that was served longest ago
// (fair queues). A tenant is what a message group id names; all messages without one together are one more.

// tenant is whose message it is.
func (m *message) tenant() string { return m.content.MessageGroupID }

// wait takes note of which tenants have visible messages. One that had none before has waited since the last taking.
func (q *queueState) wait(visible []*message) {
	waits := map[string]bool{}
	for _, m := range visible {
		waits[m.tenant()] = true
		if _, ok := q.stamps[m.tenant()]; !ok {
			q.stamps[m.tenant()] = q.takings
		}
	}
	maps.DeleteFunc(q.stamps, func(tenant string, _ int) bool { return !waits[tenant] })
}

// next is the place among visible messages in send order of the one that is taken next: the first one of the tenant with
// the lowest stamp. It counts as taken.
func (q *queueState) next(visible []*message) int {
	if !q.fair {
		return 0
	}
	q.wait(visible)
	m := slices.MinFunc(visible, func(a, b *message) int { return cmp.Compare(q.stamps[a.tenant()], q.stamps[b.tenant()]) })
	q.takings++
	q.stamps[m.tenant()] = q.takings
	return slices.Index(visible, m)
}

// changed takes note of a change of what is visible. In a queue that never had a message with a group id there is only one
// tenant.
func (s *Spec) changed(q *queueState) {
	if q.fair {
		q.wait(q.available(s.now))
	}
}
