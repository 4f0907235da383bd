package model

import (
	"slices"
	"strings"

	"sqsd/wire"
)

// checkListings checks what listings say of queues that certainly existed, or certainly did not, all the time from call to
// answer. A listing is gathered from all groups, so that it need not be what was there at one instant.
func checkListings(s *survey) (vs []*Violation) {
	for i := range s.h.Operations {
		o := &s.h.Operations[i]
		var v *Violation
		switch r := o.Response.(type) {
		case *wire.ListQueuesResponse:
			req := o.Request.(*wire.ListQueuesRequest)
			l := listing{o, r.QueueURLs, r.NextToken, req.MaxResults, req.After}
			v = l.judge(s, func(q *queueSurvey) (is, isNot bool) {
				if !strings.HasPrefix(q.name, req.QueueNamePrefix) {
					return false, true
				}
				return q.existsFor(o), q.removedFor(o) != nil
			})
		case *wire.ListDeadLetterSourceQueuesResponse:
			req := o.Request.(*wire.ListDeadLetterSourceQueuesRequest)
			l := listing{o, r.QueueURLs, r.NextToken, req.MaxResults, req.After}
			v = l.judge(s, func(q *queueSurvey) (is, isNot bool) {
				policy, known := q.certain(wire.AttrRedrivePolicy, o)
				isSource := targetOf(policy) == req.Name
				return known && isSource, known && !isSource || q.removedFor(o) != nil
			})
		}
		if v != nil {
			vs = append(vs, v.by(o.ID))
		}
	}
	return vs
}

// listing is the answer to a request for names.
type listing struct {
	o     *Operation
	names []string
	next  string
	most  wire.OptInt
	after string
}

// judge holds the listing against what is certain of the queues that the history knows: whether one belongs to it.
func (l *listing) judge(s *survey, belongs func(*queueSurvey) (is, isNot bool)) *Violation {
	action := l.o.Request.Action()
	for i, name := range l.names {
		if i > 0 && name <= l.names[i-1] || name <= l.after {
			return violated(Linearizable, name, "", "%s lists the queue out of order: %v behind %q", action, l.names, l.after)
		}
	}
	most := int(l.most.Or(wire.MaxListResults))
	if len(l.names) > most || l.next != "" && (!l.most.Set || len(l.names) == 0) {
		return violated(Linearizable, "", "", "%s answers %d names and the token %q, but is to have %d at most", action, len(l.names),
			l.next, most)
	}
	for _, q := range s.queues {
		is, isNot := belongs(q)
		switch listed := slices.Contains(l.names, q.name); {
		case listed && isNot:
			return violated(Linearizable, q.name, "", "%s lists the queue, which does not belong there: %v", action, l.names)
		case !listed && is && q.name > l.after && l.covers(q.name, most):
			return violated(Linearizable, q.name, "", "%s leaves out the queue, which was there all the time: %v, token %q", action,
				l.names, l.next)
		}
	}
	return nil
}

// covers says whether the listing would have the name: it goes on to the end, or to a name behind it.
func (l *listing) covers(name string, most int) bool {
	cut := l.next != "" || !l.most.Set && len(l.names) == most
	return !cut || name < l.names[len(l.names)-1]
}
