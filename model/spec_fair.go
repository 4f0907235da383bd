package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

// A tenant is noisy in a standard queue while it has at least noisyInFlight messages in flight, and more than one of
// noisyShare that are (fair queues).
const (
	noisyInFlight = 30
	noisyShare    = 10
)

// tenantOf is whose message it is for the choice of a receive: what its message group id names, if it was visible in its
// standard queue from the beginning and no redrive policy moved it there.
func (s *Spec) tenantOf(m *message) string {
	if m.queue.fifo != nil || m.visibleAt > s.now || m.source != "" {
		return ""
	}
	return m.content.MessageGroupID
}

// fair lists the visible messages of a standard queue in the order in which a receive takes them: in send order, but the
// messages of noisy tenants that were never received come after all others, and of those the tenant's that has the fewest
// messages in flight.
func (q *queueState) fair(now wire.Time) []*message {
	total, flying := 0, map[string]int{}
	for _, m := range q.messages {
		if m.current == nil || now >= m.hiddenUntil() {
			continue
		}
		total++
		flying[m.tenant]++
	}
	rank := func(m *message) int {
		n := flying[m.tenant]
		if m.tenant == "" || m.current != nil || m.returned || n < noisyInFlight || n*noisyShare <= total {
			return 0
		}
		return n
	}
	all := q.available(now)
	slices.SortStableFunc(all, func(a, b *message) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}
