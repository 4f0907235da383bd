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

// WrongStatuses describes the attempts that ended in a way that a client must never see, at most ten of them: anything
// but 200, 503 and a connection without an answer. A change of visibility may be refused with 400 and 404: its handle
// may be stale.
func WrongStatuses(attempts []*Attempt) []string {
	var wrong []string
	for _, a := range attempts {
		_, change := a.Request.(*wire.ChangeMessageVisibilityRequest)
		stale := change && a.Outcome == Refused && (a.Err.Code == wire.InvalidParameterValue || a.Err.Code == wire.ReceiptHandleIsInvalid)
		if (a.Outcome == Refused && !stale || a.Outcome == Malformed) && len(wrong) < 10 {
			wrong = append(wrong, fmt.Sprintf("client %d, node %d, operation %d: %s %s: status %d, %v %v",
				a.Client, a.Node, a.ID, a.Request.Action(), a.Outcome, a.Status, a.Err, a.Problem))
		}
	}
	return wrong
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
