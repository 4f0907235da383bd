package sim

import (
	"fmt"
	"strconv"
	"strings"

	"sqsd/wire"
)

// References stand for handles in the requests of a script: "#17/2" is the receipt handle of the second message in the
// answer to step 17, and "#17/task" the handle of the task that step 17 started. No handle has this form. Whether a
// reference means anything depends on the run: the answer may be another one, or none may come.

func messageReference(step, message int) string { return fmt.Sprintf("#%d/%d", step, message) }

func taskReference(step int) string { return fmt.Sprintf("#%d/task", step) }

// isReference says that a text has the form of a reference, and to which step.
func isReference(text string) (step int, ok bool) {
	number, what, ok := strings.Cut(strings.TrimPrefix(text, "#"), "/")
	if !ok || !strings.HasPrefix(text, "#") {
		return 0, false
	}
	step, err := strconv.Atoi(number)
	if _, bad := strconv.Atoi(what); err != nil || bad != nil && what != "task" {
		return 0, false
	}
	return step, true
}

// handles maps the texts in the place of handles in a request, and leaves out entries of a batch for which there is
// nothing. It returns false if the request as a whole is void then. The request itself is not changed.
func handles(req wire.Request, of func(text string) (handle string, ok bool)) (wire.Request, bool) {
	ok := true
	switch r := req.(type) {
	case *wire.DeleteMessageRequest:
		mapped := *r
		mapped.ReceiptHandle, ok = of(r.ReceiptHandle)
		return &mapped, ok
	case *wire.ChangeMessageVisibilityRequest:
		mapped := *r
		mapped.ReceiptHandle, ok = of(r.ReceiptHandle)
		return &mapped, ok
	case *wire.DeleteMessageBatchRequest:
		mapped := *r
		mapped.Entries = nil
		for _, e := range r.Entries {
			if e.ReceiptHandle, ok = of(e.ReceiptHandle); ok {
				mapped.Entries = append(mapped.Entries, e)
			}
		}
		return &mapped, len(mapped.Entries) > 0
	case *wire.ChangeMessageVisibilityBatchRequest:
		mapped := *r
		mapped.Entries = nil
		for _, e := range r.Entries {
			if e.ReceiptHandle, ok = of(e.ReceiptHandle); ok {
				mapped.Entries = append(mapped.Entries, e)
			}
		}
		return &mapped, len(mapped.Entries) > 0
	case *wire.CancelMessageMoveTaskRequest:
		mapped := *r
		if mapped.TaskHandle, ok = of(r.TaskHandle); ok {
			completeTask(&mapped)
		}
		return &mapped, ok
	}
	return req, true
}

// completeTask fills in what the front end reads from a task's handle.
func completeTask(r *wire.CancelMessageMoveTaskRequest) {
	if task, ok := wire.ParseTaskHandle(r.TaskHandle); ok {
		r.Task = task
		_, _, r.Source, _ = wire.ParseARN(task.SourceARN)
	}
}

// handle is what a reference stands for, as far as clients know. Any other text stands for itself.
func (c *clients) handle(text string) (string, bool) {
	step, ok := isReference(text)
	if !ok {
		return text, true
	}
	_, what, _ := strings.Cut(text, "/")
	switch answer := c.answers[step].(type) {
	case *wire.ReceiveMessageResponse:
		if i, err := strconv.Atoi(what); err == nil && i >= 1 && i <= len(answer.Messages) {
			return answer.Messages[i-1].ReceiptHandle, true
		}
	case *wire.StartMessageMoveTaskResponse:
		return answer.TaskHandle, what == "task"
	}
	return "", false
}

// resolve returns a step whose request refers only to what is known, and the request with real handles. It returns false
// if nothing of the request is left: the step is passed over then.
func (c *clients) resolve(s Step) (known Step, req wire.Request, ok bool) {
	s.Request, ok = handles(s.Request, func(text string) (string, bool) {
		_, ok := c.handle(text)
		return text, ok
	})
	if !ok {
		return s, nil, false
	}
	req, _ = handles(s.Request, c.handle)
	if r, ok := req.(*wire.ReceiveMessageRequest); ok && r.ReceiveRequestAttemptID == "" && (s.Number%2 == 0 || !wire.IsFIFO(r.Name)) {
		marked := *r
		marked.ReceiveRequestAttemptID = attemptID(s.Number)
		req = &marked
	}
	return s, req, true
}
