package sim

import (
	"fmt"
	"time"

	"sqsd/model"
)

// calmElections is how many leaders a group of a calm run has: the first, the preferred one, and one for luck.
const calmElections = 3

// restless checks that a calm run has few leaders, if its clocks stay within the bound in which a node may lead.
func (w *World) restless() *model.Violation {
	n, groups, clock := len(w.observer.elections), w.plan.cluster.groups, &w.plan.clock
	apart := 2 * (clock.skew + scale(w.now, int64(clock.drift)))
	if !w.plan.calm || apart >= clock.maxSkew || n <= calmElections*groups {
		return nil
	}
	return &model.Violation{
		Promise: model.Live, Text: fmt.Sprintf("%d leaders were elected in %d groups although nothing was wrong", n, groups),
	}
}

// turnedAway checks that no call is answered ServiceUnavailable in a calm run without need: only around a change of leader
// may that be.
func (w *World) turnedAway() *model.Violation {
	if !w.plan.calm {
		return nil
	}
	spans := w.disturbed()
	for _, op := range w.clients.history {
		if op.refused == 0 || overlaps(spans, time.Duration(op.Call), op.refused) {
			continue
		}
		return &model.Violation{
			Promise: model.Live, Queue: queueOf(op.Request), Operations: []int{op.ID},
			Text: "answered ServiceUnavailable although nothing was wrong: " + describeRequest(op.Request),
		}
	}
	return nil
}

// overlaps says whether a period has something in common with one of the spans.
func overlaps(spans []model.Span, from, to time.Duration) bool {
	for _, s := range spans {
		if int64(from) <= s.To && s.From <= int64(to) {
			return true
		}
	}
	return false
}
