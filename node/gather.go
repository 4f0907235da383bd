package node

import (
	"slices"

	"sqsd/wire"
)

// gather answers a listing from the parts of all groups.
func (r *Replica) gather(q *request) {
	switch req := q.req.(type) {
	case *wire.ListQueuesRequest:
		part := *req
		part.MaxResults = wire.Int(pageLimit(req.MaxResults))
		r.askAll(q, &part, func(answers []wire.Response) {
			names, next := mergePage(answers, req.MaxResults)
			r.finish(q, Result{Response: &wire.ListQueuesResponse{QueueURLs: names, NextToken: next}})
		})
	case *wire.ListDeadLetterSourceQueuesRequest:
		part := *req
		part.MaxResults = wire.Int(pageLimit(req.MaxResults))
		exists := &wire.GetQueueURLRequest{QueueName: req.Name}
		r.ask(q, GroupOf(req.Name, r.cfg.Groups), exists, func(res Result) {
			if res.Err != nil {
				r.finish(q, res)
				return
			}
			r.askAll(q, &part, func(answers []wire.Response) {
				names, next := mergePage(answers, req.MaxResults)
				r.finish(q, Result{Response: &wire.ListDeadLetterSourceQueuesResponse{QueueURLs: names, NextToken: next}})
			})
		})
	}
}

// gathered says whether a request is about the queues of all groups.
func gathered(req wire.Request) bool {
	switch req.(type) {
	case *wire.ListQueuesRequest, *wire.ListDeadLetterSourceQueuesRequest:
		return true
	}
	return false
}

// pageLimit is how many names a page holds at most.
func pageLimit(asked wire.OptInt) int32 { return asked.Or(wire.MaxListResults) }

// mergePage merges the groups' pages. A listing without MaxResults never has a next page (API reference, ListQueues).
func mergePage(answers []wire.Response, asked wire.OptInt) (names []string, next string) {
	more := false
	for _, a := range answers {
		switch a := a.(type) {
		case *wire.ListQueuesResponse:
			names, more = append(names, a.QueueURLs...), more || a.NextToken != ""
		case *wire.ListDeadLetterSourceQueuesResponse:
			names, more = append(names, a.QueueURLs...), more || a.NextToken != ""
		}
	}
	slices.Sort(names)
	if limit := int(pageLimit(asked)); len(names) > limit {
		names, more = names[:limit], true
	}
	if more && asked.Set && len(names) > 0 {
		next = names[len(names)-1]
	}
	return names, next
}
