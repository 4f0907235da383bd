package model

import (
	"slices"

	"sqsd/wire"
)

// noTaskSource is the answer to a request about the tasks of a queue that does not exist.
func noTaskSource(a answer, queue, action string) *Violation {
	return a.refused(wire.ResourceNotFound, Linearizable, queue, action, "the source of the task does not exist")
}

// startTask starts a task, if none is active. That the source is a dead-letter queue, and that the destination exists, was
// found out before.
func (s *Spec) startTask(req *wire.StartMessageMoveTaskRequest, a answer) *Violation {
	q := s.queue(req.Source)
	if q == nil {
		return noTaskSource(a, req.Source, req.Action())
	}
	if q.active() != nil {
		return a.refused(wire.InvalidParameterValue, Linearizable, q.name, req.Action(), "a task is active")
	}
	t := &moveTask{request: req, started: s.now, last: s.places, toMove: s.count(q).Visible, status: wire.MoveTaskRunning}
	t.later(s.now)
	q.tasks = append(q.tasks, t)
	q.tasks = q.tasks[max(0, len(q.tasks)-maxTasks):]
	if !a.seen {
		return nil
	}
	result, v := accepted[*wire.StartMessageMoveTaskResponse](a, Linearizable, q.name, req.Action())
	if v != nil {
		return v
	}
	t.handle = result.TaskHandle
	task, ok := wire.ParseTaskHandle(t.handle)
	if !ok || task.SourceARN != req.SourceARN || s.taskHandles[t.handle] {
		return violated(Linearizable, q.name, "", "the task's handle %q is not a new one of a task from %s", t.handle, req.SourceARN)
	}
	s.taskHandles[t.handle] = true
	return nil
}

// cancelTask ends a running task. It is over when nothing of it is on its way.
func (s *Spec) cancelTask(req *wire.CancelMessageMoveTaskRequest, a answer) *Violation {
	q := s.queue(req.Source)
	if q == nil {
		return noTaskSource(a, req.Source, req.Action())
	}
	i := slices.IndexFunc(q.tasks, func(t *moveTask) bool {
		task, ok := wire.ParseTaskHandle(t.handle)
		return ok && task == req.Task
	})
	if i < 0 {
		return a.refused(wire.ResourceNotFound, Linearizable, q.name, req.Action(), "there is no such task")
	}
	t := q.tasks[i]
	if t.status != wire.MoveTaskRunning {
		return a.refused(wire.UnsupportedOperation, Linearizable, q.name, req.Action(), "the task is "+t.status)
	}
	t.status = wire.MoveTaskCancelled
	if t.pending > 0 {
		t.status = wire.MoveTaskCancelling
	}
	if !a.seen {
		return nil
	}
	result, v := accepted[*wire.CancelMessageMoveTaskResponse](a, Linearizable, q.name, req.Action())
	if v == nil && result.ApproximateNumberOfMessagesMoved != int64(t.moved) {
		v = violated(OnePlace, q.name, "", "the cancelled task has moved %d messages, want %d", result.ApproximateNumberOfMessagesMoved,
			t.moved)
	}
	return v
}

// listTasks compares the latest tasks of a queue, the newest one first.
func (s *Spec) listTasks(req *wire.ListMessageMoveTasksRequest, a answer) *Violation {
	q := s.queue(req.Source)
	if q == nil {
		return noTaskSource(a, req.Source, req.Action())
	}
	if !a.seen {
		return nil
	}
	result, v := accepted[*wire.ListMessageMoveTasksResponse](a, Linearizable, q.name, req.Action())
	if v != nil {
		return v
	}
	var want []wire.MoveTaskResult
	for _, t := range slices.Backward(q.tasks) {
		if len(want) < int(req.MaxResults.Or(1)) {
			want = append(want, t.result())
		}
	}
	if len(want) != len(result.Results) {
		return violated(Linearizable, q.name, "", "%d tasks are listed, want %d", len(result.Results), len(want))
	}
	for i, got := range result.Results {
		if want[i].Status == wire.MoveTaskRunning && want[i].TaskHandle == "" {
			want[i].TaskHandle = got.TaskHandle // the answer to its start was not observed
		}
		if got != want[i] {
			return violated(OnePlace, q.name, "", "task %d is %+v, want %+v", i, got, want[i])
		}
	}
	return nil
}

// result is what is told of a task.
func (t *moveTask) result() wire.MoveTaskResult {
	r := wire.MoveTaskResult{
		Status: t.status, SourceARN: t.request.SourceARN, DestinationARN: t.request.DestinationARN,
		MaxNumberOfMessagesPerSecond:      t.request.MaxNumberOfMessagesPerSecond,
		ApproximateNumberOfMessagesMoved:  int64(t.moved),
		ApproximateNumberOfMessagesToMove: int64(t.toMove),
		FailureReason:                     t.failure, StartedTimestamp: t.started,
	}
	if t.status == wire.MoveTaskRunning {
		r.TaskHandle = t.handle
	}
	return r
}
