package model

import "sqsd/wire"

// checkFits checks that every answer is one to its request. What it finds keeps other checks from reading the history.
func checkFits(h *History) (vs []*Violation) {
	for i := range h.Operations {
		if o := &h.Operations[i]; o.Response != nil && !fits(o.Request, o.Response) {
			vs = append(vs, violated(OneEffect, queueOf(o.Request), "", "%s was given the answer to another call: %s",
				describeRequest(o.Request), describeResponse(o.Response)).by(o.ID))
		}
	}
	return vs
}

// fits says whether a response is of the kind that a request asks for.
func fits(req wire.Request, resp wire.Response) (ok bool) {
	switch req.(type) {
	case *wire.CreateQueueRequest:
		_, ok = resp.(*wire.CreateQueueResponse)
	case *wire.GetQueueURLRequest:
		_, ok = resp.(*wire.GetQueueURLResponse)
	case *wire.ListQueuesRequest:
		_, ok = resp.(*wire.ListQueuesResponse)
	case *wire.GetQueueAttributesRequest:
		_, ok = resp.(*wire.GetQueueAttributesResponse)
	case *wire.SendMessageRequest:
		_, ok = resp.(*wire.SendMessageResponse)
	case *wire.SendMessageBatchRequest:
		_, ok = resp.(*wire.SendMessageBatchResponse)
	case *wire.ReceiveMessageRequest:
		_, ok = resp.(*wire.ReceiveMessageResponse)
	case *wire.DeleteMessageBatchRequest, *wire.ChangeMessageVisibilityBatchRequest:
		_, ok = resp.(*wire.BatchResponse)
	case *wire.ListQueueTagsRequest:
		_, ok = resp.(*wire.ListQueueTagsResponse)
	case *wire.ListDeadLetterSourceQueuesRequest:
		_, ok = resp.(*wire.ListDeadLetterSourceQueuesResponse)
	case *wire.StartMessageMoveTaskRequest:
		_, ok = resp.(*wire.StartMessageMoveTaskResponse)
	case *wire.CancelMessageMoveTaskRequest:
		_, ok = resp.(*wire.CancelMessageMoveTaskResponse)
	case *wire.ListMessageMoveTasksRequest:
		_, ok = resp.(*wire.ListMessageMoveTasksResponse)
	default:
		ok = isEmpty(resp)
	}
	return ok
}
