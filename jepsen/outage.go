package jepsen

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sqsd/wire"
)

// Outage is the longest time around a fault in which no send to a queue succeeded.
type Outage struct {
	Queue string
	Gap   time.Duration
}

// WorstOutage is the longest time without a successful send to one of the queues, among the times that began before to
// and ended after from.
func WorstOutage(attempts []*Attempt, queues []string, from, to int64) Outage {
	var worst Outage
	for _, queue := range queues {
		ends := []int64{0}
		for _, a := range attempts {
			if send, ok := a.Request.(*wire.SendMessageRequest); ok && a.Outcome == Succeeded && send.Name == queue {
				ends = append(ends, a.Return)
			}
		}
		slices.Sort(ends)
		for i, end := range ends[1:] {
			if start := ends[i]; start < to && end > from && time.Duration(end-start) > worst.Gap {
				worst = Outage{queue, time.Duration(end - start)}
			}
		}
	}
	return worst
}

// Census says how many attempts of each kind there were and how they ended.
func Census(attempts []*Attempt) string {
	type kind struct {
		action  string
		outcome Outcome
	}
	count := make(map[kind]int)
	for _, a := range attempts {
		count[kind{a.Request.Action(), a.Outcome}]++
	}
	kinds := slices.SortedFunc(maps.Keys(count), func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(a.outcome, b.outcome))
	})
	var b strings.Builder
	for _, k := range kinds {
		fmt.Fprintf(&b, "%8d %s %s\n", count[k], k.action, k.outcome)
	}
	return b.String()
}
