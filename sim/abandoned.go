package sim

import (
	"fmt"
	"slices"

	"sqsd/model"
	"sqsd/wire"
)

// attemptID marks a receive, so that its command in the log tells which operation it is. Queues that are not FIFO
// ignore it.
func attemptID(operation int) string { return fmt.Sprintf("operation-%d", operation) }

// abandoned checks what became of receives that their node had ended with ServiceUnavailable, because the client had
// gone or time was up, and that took messages all the same: those are released again. In a calm run nothing can keep the
// node from doing so.
func (w *World) abandoned() *model.Violation {
	if !w.plan.calm {
		return nil
	}
	left, asked := map[string]*operation{}, map[string]int{}
	for _, op := range w.clients.history {
		r, ok := op.Request.(*wire.ReceiveMessageRequest)
		if !ok {
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

// released says whether a release of a handle is among commands.
func released(log []model.Commit, handle string) bool {
	return slices.ContainsFunc(log, func(c model.Commit) bool {
		r, ok := c.Request.(*model.Release)
		return ok && slices.Contains(r.Handles, handle)
	})
}
