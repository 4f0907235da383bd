package node

import (
	"sqsd/node/queue"
	"sqsd/wire"
)

// Some requests name queues that may live in other groups. What they must know of them is read before the request goes
// to its own group: it holds at one instant between the call and its answer, and may change right after, as on AWS.

// needsOthers says whether a request must be held against queues of other groups first.
func needsOthers(req wire.Request) bool {
	switch req := req.(type) {
	case *wire.CreateQueueRequest:
		return redrivePolicy(req.Attributes) != ""
	case *wire.SetQueueAttributesRequest:
		return redrivePolicy(req.Attributes) != ""
	case *wire.StartMessageMoveTaskRequest:
		return true
	}
	return false
}

func redrivePolicy(attributes wire.Pairs) string {
	policy, _ := attributes.Get(wire.AttrRedrivePolicy)
	return policy
}

// precheck asks for what the request must know of other queues, and routes the request if all is well.
func (r *Replica) precheck(q *request) {
	switch req := q.req.(type) {
	case *wire.CreateQueueRequest:
		r.checkRedrive(q, req.QueueName, redrivePolicy(req.Attributes))
	case *wire.SetQueueAttributesRequest:
		// That the queue exists counts before what its attributes are to be.
		r.askQueue(q, req.Name, func(_ wire.Pairs, err *wire.Error) {
			if err != nil {
				r.finish(q, Result{Err: err})
				return
			}
			r.checkRedrive(q, req.Name, redrivePolicy(req.Attributes))
		})
	case *wire.StartMessageMoveTaskRequest:
		r.checkMoveTask(q, req)
	}
}

// askQueue reads a queue's attributes and goes on with them or with why there are none.
func (r *Replica) askQueue(q *request, name string, then func(wire.Pairs, *wire.Error)) {
	read := &wire.GetQueueAttributesRequest{QueueRef: wire.QueueRef{Name: name}}
	r.ask(q, GroupOf(name, r.cfg.Groups), read, func(res Result) {
		if res.Err != nil {
			then(nil, res.Err)
			return
		}
		then(res.Response.(*wire.GetQueueAttributesResponse).Attributes, nil)
	})
}

// checkRedrive holds a redrive policy against the dead-letter queue that it names.
func (r *Replica) checkRedrive(q *request, source, text string) {
	policy, err := wire.ParseRedrivePolicy(text)
	if err != nil {
		r.finish(q, Result{Err: err})
		return
	}
	_, _, target, _ := wire.ParseARN(policy.TargetARN)
	r.askQueue(q, target, func(attributes wire.Pairs, err *wire.Error) {
		if err != nil && err.Code != wire.QueueDoesNotExist {
			r.finish(q, Result{Err: err})
			return
		}
		sourceARN := wire.QueueARN(r.cfg.Region, r.cfg.Account, source)
		if err := queue.CheckRedriveTarget(policy, sourceARN, attributes); err != nil {
			r.finish(q, Result{Err: err})
			return
		}
		r.route(q)
	})
}

// checkMoveTask makes sure that a task's source is somebody's dead-letter queue and that its destination can take the
// messages.
func (r *Replica) checkMoveTask(q *request, req *wire.StartMessageMoveTaskRequest) {
	r.askQueue(q, req.Source, func(_ wire.Pairs, err *wire.Error) {
		if err != nil {
			r.finish(q, Result{Err: missingARN(err, "SourceArn", req.SourceARN)})
			return
		}
		sources := &wire.ListDeadLetterSourceQueuesRequest{
			QueueRef: wire.QueueRef{Name: req.Source}, MaxResults: wire.Int(1),
		}
		r.askAll(q, sources, func(answers []wire.Response) {
			if names, _ := mergePage(answers, sources.MaxResults); len(names) == 0 {
				r.finish(q, Result{Err: wire.BadValue("SourceArn", req.SourceARN,
					"It is not the dead-letter queue of any queue.")})
				return
			}
			r.checkDestination(q, req)
		})
	})
}

func (r *Replica) checkDestination(q *request, req *wire.StartMessageMoveTaskRequest) {
	if req.Destination == "" {
		r.route(q)
		return
	}
	r.askQueue(q, req.Destination, func(_ wire.Pairs, err *wire.Error) {
		switch {
		case err != nil:
			err = missingARN(err, "DestinationArn", req.DestinationARN)
		case wire.IsFIFO(req.Source) != wire.IsFIFO(req.Destination):
			err = wire.BadValue("DestinationArn", req.DestinationARN, "It must be of the same type as the source queue.")
		}
		if err != nil {
			r.finish(q, Result{Err: err})
			return
		}
		r.route(q)
	})
}

// missingARN says which parameter names a queue that does not exist.
func missingARN(err *wire.Error, parameter, arn string) *wire.Error {
	if err.Code != wire.QueueDoesNotExist {
		return err
	}
	return wire.Errorf(wire.ResourceNotFound, "The queue %s that the parameter %s names does not exist.", arn, parameter)
}
