package sim

import (
	"time"

	"sqsd/model"
	"sqsd/wire"
)

// offTime checks that every call took effect at a replicated time that is near the true time between its call and its
// answer: no node whose clock is further off than the cluster allows gives the time. A read does not move time, so that it
// may take effect at an earlier one.
func (w *World) offTime() *model.Violation {
	for _, op := range w.clients.history {
		if op.At == nil {
			continue
		}
		at := time.Duration(op.At.Time-Epoch) * time.Millisecond
		called, answered := time.Duration(op.Call), time.Duration(op.Return)
		early := at < called-w.offset(called) && !op.At.Read
		if early || at > answered+w.offset(answered) {
			return &model.Violation{
				Promise: model.ReplicatedNow, Queue: queueOf(op.Request), Operations: []int{op.ID},
				Text: op.Request.Action() + " took effect at the replicated time " + at.String() + ", but was called at " +
					called.String() + " and answered at " + answered.String(),
			}
		}
	}
	return nil
}

// earliest is the least time that a node which leads can go by.
func (w *World) earliest(at int64) wire.Time {
	now := time.Duration(at)
	return Epoch + wire.Time((now-w.offset(now))/time.Millisecond)
}

// offset is how far the clock of a node that leads may be off at a time of the run. A node that must know that its clock is right
// measures those of the others, with an error of half the trip.
func (w *World) offset(at time.Duration) time.Duration {
	off := w.plan.clock.skew + w.faults.froze + scale(at, int64(w.plan.clock.drift)) + 5*time.Millisecond
	if w.faults.strayed {
		off += w.plan.clock.maxSkew * 3 / 2
	}
	return off
}
