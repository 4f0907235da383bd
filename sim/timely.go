package sim

import (
	"time"

	"sqsd/model"
)

// offTime checks that every call took effect at a replicated time that is near the true time between its call and its
// answer: no node whose clock is further off than the cluster allows gives the time. A read does not move time, so that it
// may take effect at an earlier one.
func (w *World) offTime() *model.Violation {
	bound := w.offset()
	for _, op := range w.clients.history {
		if op.At == nil {
			continue
		}
		at := time.Duration(op.At.Time-Epoch) * time.Millisecond
		early := at < time.Duration(op.Call)-bound && !op.At.Read
		if early || at > time.Duration(op.Return)+bound {
			return &model.Violation{
				Promise: model.ReplicatedNow, Queue: queueOf(op.Request), Operations: []int{op.ID},
				Text: op.Request.Action() + " took effect at the replicated time " + at.String() + ", but was called at " +
					time.Duration(op.Call).String() + " and answered at " + time.Duration(op.Return).String(),
			}
		}
	}
	return nil
}

// offset is how far the clock of a node that leads may be off in the run. A node that must know that its clock is right
// measures those of the others, with an error of half the trip.
func (w *World) offset() time.Duration {
	off := w.plan.clock.skew + w.faults.froze + scale(w.now, int64(w.plan.clock.drift)) + 5*time.Millisecond
	if w.faults.strayed {
		off += w.plan.clock.maxSkew * 3 / 2
	}
	return off
}
