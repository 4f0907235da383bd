package model

import (
	"slices"

	"sqsd/wire"
)

// checkPolicies checks that no redrive policy was accepted that names a queue which certainly did not exist, is of another
// type, or does not permit it.
func checkPolicies(s *survey) (vs []*Violation) {
	for _, q := range s.queues {
		for _, o := range q.changes {
			text, written := attributeIn(o.Request, wire.AttrRedrivePolicy)
			target := targetOf(text)
			if !o.succeeded() || !written || target == "" || target == q.name {
				continue
			}
			if why := s.noTarget(q, target, o); why != "" {
				vs = append(vs, violated(Linearizable, q.name, "", "%s accepted the redrive policy %s, but queue %s %s", o.Request.Action(),
					text, target, why).by(o.ID))
			}
		}
	}
	return vs
}

// checkTaskSources checks that a move task was only started where a queue may have had a redrive policy that names its source.
func checkTaskSources(s *survey) (vs []*Violation) {
	for i := range s.h.Operations {
		o := &s.h.Operations[i]
		r, ok := o.Request.(*wire.StartMessageMoveTaskRequest)
		if !ok || !o.succeeded() {
			continue
		}
		names := func(q *queueSurvey) bool { return q.mayHaveTarget(r.Source, o) }
		if !slices.ContainsFunc(s.queues, names) {
			vs = append(vs, violated(Linearizable, r.Source, "", "a move task was started, but it is the dead-letter queue of none").by(o.ID))
		}
	}
	return vs
}

// mayHaveTarget says that an operation may have found a redrive policy of the queue which names a target.
func (q *queueSurvey) mayHaveTarget(target string, o *Operation) bool {
	if policy, known := q.certain(wire.AttrRedrivePolicy, o); known && targetOf(policy) != target {
		return false
	}
	return slices.ContainsFunc(q.changes, func(w *Operation) bool {
		text, _ := attributeIn(w.Request, wire.AttrRedrivePolicy)
		return targetOf(text) == target && w.Call <= o.Return
	})
}

// noTarget says why a queue could not be the dead-letter queue of another one at any time of an operation; empty if it
// may have been.
func (s *survey) noTarget(q *queueSurvey, target string, o *Operation) string {
	t := s.byQueue[target]
	switch {
	case wire.IsFIFO(q.name) != wire.IsFIFO(target):
		return "is of another type"
	case t != nil && t.removedFor(o) != nil:
		return "had been deleted"
	case len(s.h.Commits) > 0 && (t == nil || !slices.ContainsFunc(t.creates, func(c *Operation) bool { return c.Call <= o.Return })):
		return "was never created" // a log begins with no queues
	case t == nil:
		return ""
	}
	text, known := t.certain(wire.AttrRedriveAllowPolicy, o)
	allow, err := wire.ParseRedriveAllowPolicy(text)
	if known && err == nil && !allow.Allows(wire.QueueARN(s.h.Config.Region, s.h.Config.Account, q.name)) {
		return "has the redrive allow policy " + text
	}
	return ""
}

// targetOf is the name of the queue that a redrive policy names; empty for none.
func targetOf(text string) string {
	policy, err := wire.ParseRedrivePolicy(text)
	if err != nil {
		return ""
	}
	_, _, name, _ := wire.ParseARN(policy.TargetARN)
	return name
}

// existsFor says that a queue certainly existed all the time of an operation.
func (q *queueSurvey) existsFor(o *Operation) bool {
	return slices.ContainsFunc(q.creates, func(c *Operation) bool {
		return c.Return < o.Call && !slices.ContainsFunc(q.removals, func(r *Operation) bool {
			return r.end() >= c.Call && r.Call <= o.Return
		})
	})
}

// certain is the value that an attribute of a queue certainly had all the time of an operation, empty for none; known is
// false if that is not clear.
func (q *queueSurvey) certain(attribute string, o *Operation) (value string, known bool) {
	for _, w := range q.changes {
		value, ok := attributeIn(w.Request, attribute)
		if !ok || !w.succeeded() || w.Return >= o.Call {
			continue
		}
		if !slices.ContainsFunc(q.changes, func(other *Operation) bool {
			return other != w && other.end() >= w.Call && other.Call <= o.Return && mayWrite(other.Request, attribute)
		}) {
			return value, true
		}
	}
	return "", false
}

// attributeIn is the value that a request gives to an attribute of a queue. A queue that CreateQueue finds has it already.
func attributeIn(req wire.Request, name string) (value string, ok bool) {
	switch r := req.(type) {
	case *wire.CreateQueueRequest:
		return r.Attributes.Get(name)
	case *wire.SetQueueAttributesRequest:
		return r.Attributes.Get(name)
	}
	return "", false
}

// mayWrite says that a request may change an attribute of a queue: a new queue has all of them anew.
func mayWrite(req wire.Request, attribute string) bool {
	_, sets := req.(*wire.SetQueueAttributesRequest)
	_, ok := attributeIn(req, attribute)
	return ok || !sets
}
