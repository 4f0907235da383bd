package sim

import (
	"fmt"
	"slices"

	"sqsd/model"
	"sqsd/wire"
)

// attemptID marks a receive, so that its command in the log tells which operation it is. Queues that are not FIFO
// ignore it. Half of the receives from FIFO queues have none, or no message would ever be released there.
func attemptID(operation int) string { return fmt.Sprintf("operation-%d", operation) }

// abandoned checks what became of receives that their node had ended with ServiceUnavailable, because the client had
// gone or time was up, and that took messages all the same: those are released again, unless the receive can be repeated. In
// a calm run nothing can keep the node from doing so.
func (w *World) abandoned() *model.Violation {
	if !w.plan.calm {
		return nil
	}
	left, asked := map[string]*operation{}, map[string]int{}
	for _, op := range w.clients.history {
		r, ok := op.Request.(*wire.ReceiveMessageRequest)
		if !ok || wire.IsFIFO(r.Name) {
			continue
		}
		asked[r.ReceiveRequestAttemptID]++
		if op.left {
			left[r.ReceiveRequestAttemptID] = op
		}
	}
	for id, n := range asked { // order: each id is judged alone
		if n > 1 { // the messages are another call's
			delete(left, id)
		}
	}
	for _, log := range w.observer.groups {
		for i := range log {
			req, ok := log[i].Request.(*wire.ReceiveMessageRequest)
			if !ok || left[req.ReceiveRequestAttemptID] == nil || log[i].Response == nil {
				continue
			}
			for _, m := range log[i].Response.(*wire.ReceiveMessageResponse).Messages {
				if !released(log[i+1:], m.ReceiptHandle) {
					return &model.Violation{
						Promise: model.Prompt, Queue: req.Name, Message: m.MessageID,
						Text: fmt.Sprintf("given to a receive whose client had gone, at %d.%d of group %d, and not released",
							log[i].At.Index, log[i].At.Sub, log[i].At.Group),
						Operations: []int{left[req.ReceiveRequestAttemptID].ID},
					}
				}
			}
		}
	}
	return nil
}

// takenBack checks that no delivery was released that a client has.
func (w *World) takenBack() *model.Violation {
	type receipt struct {
		op      *operation
		message string
	}
	has := map[string]receipt{}
	for _, op := range w.clients.history {
		if r, ok := op.Response.(*wire.ReceiveMessageResponse); ok {
			for _, m := range r.Messages {
				has[m.ReceiptHandle] = receipt{op, m.MessageID}
			}
		}
	}
	for _, log := range w.observer.groups {
		for _, c := range log {
			r, ok := c.Request.(*model.Release)
			if !ok {
				continue
			}
			for _, handle := range r.Handles {
				if got, ok := has[handle]; ok {
					return &model.Violation{
						Promise: model.OneHolder, Queue: r.QueueName, Message: got.message,
						Text: fmt.Sprintf("released at %d.%d of group %d, but operation %d has it", c.At.Index, c.At.Sub, c.At.Group,
							got.op.ID),
						Operations: []int{got.op.ID},
					}
				}
			}
		}
	}
	return nil
}

// released says whether a release of a handle is among commands.
func released(log []model.Commit, handle string) bool {
	return slices.ContainsFunc(log, func(c model.Commit) bool {
		r, ok := c.Request.(*model.Release)
		return ok && slices.Contains(r.Handles, handle)
	})
}
