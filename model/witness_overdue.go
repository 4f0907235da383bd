package model

import (
	"slices"

	"sqsd/wire"
)

// timeOfCall is the least time that it can have been for a leader when an operation was called; 0 if nothing is known of it.
func (h *History) timeOfCall(o *Operation) wire.Time {
	if h.Earliest == nil {
		return 0
	}
	return h.Earliest(o.Call)
}

// overdue checks that the counters which a read saw show what was due when it was called. A read has its place behind a
// command that may be long past, and time goes on without commands.
func (s *Spec) overdue(o *Operation, called wire.Time) *Violation {
	resp, ok := o.Response.(*wire.GetQueueAttributesResponse)
	if !ok || called <= s.now {
		return nil
	}
	moving := func(q *queueState) bool { t := q.active(); return t != nil && t.due() <= called }
	if slices.ContainsFunc(s.queues, moving) {
		return nil // what a task would have moved by then is not known here
	}
	want, ok := s.countsAt(queueOf(o.Request), called)
	if !ok {
		return nil
	}
	for _, c := range []struct {
		name string
		want int
	}{
		{wire.AttrMessages, want.Visible}, {wire.AttrMessagesNotVisible, want.InFlight}, {wire.AttrMessagesDelayed, want.Delayed},
	} {
		if got, ok := counter(resp.Attributes, c.name); ok && got != c.want {
			return violated(ReplicatedNow, queueOf(o.Request), "", "%s is %d as at %d, but the call was made at %d or later, and it was %d then",
				c.name, got, s.now, called, c.want).by(o.ID)
		}
	}
	return nil
}
