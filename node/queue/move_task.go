package queue

import "sqsd/wire"

// startMoveTask starts a task. That its source is a dead-letter queue, and that its destination exists, is not checked
// here: those queues may live in other groups.
func (m *Machine) startMoveTask(q *queue, req *wire.StartMessageMoveTaskRequest) Result {
	if q.activeTask() != nil {
		return refused(wire.BadValue("SourceArn", req.SourceARN, "There is already a task running. Only one active task is "+
			"allowed for a source queue arn at a given time."))
	}
	t := &task{
		id: m.newMessageID(), sourceARN: req.SourceARN, destination: req.DestinationARN,
		rate: req.MaxNumberOfMessagesPerSecond, started: m.now, end: position{q.next, q.branches},
		toMove: uint64(q.stored()),
	}
	_, interval := t.pace()
	t.status, t.step = taskRunning, m.now+interval
	m.addTask(q, t)
	return Result{Response: &wire.StartMessageMoveTaskResponse{TaskHandle: t.handle()}}
}

func (t *task) handle() string {
	return wire.TaskHandle{TaskID: t.id.String(), SourceARN: t.sourceARN}.Encode()
}

// cancelMoveTask ends a task as soon as nothing of it is on its way.
func (m *Machine) cancelMoveTask(q *queue, req *wire.CancelMessageMoveTaskRequest) Result {
	for _, t := range q.tasks {
		if t.id.String() != req.Task.TaskID {
			continue
		}
		if t.status != taskRunning {
			return refused(wire.Errorf(wire.UnsupportedOperation, "The task is not running; its status is %s.",
				taskStatusNames[t.status]))
		}
		if t.pending > 0 {
			m.mark(markCancelling)
			t.status = taskCancelling
		} else {
			m.endTask(q, t, taskCancelled)
		}
		m.saveTask(q, t)
		return Result{Response: &wire.CancelMessageMoveTaskResponse{ApproximateNumberOfMessagesMoved: int64(t.moved)}}
	}
	return refused(wire.Errorf(wire.ResourceNotFound, "The task of the handle does not exist."))
}

// readTasks lists the latest tasks of a source queue, newest first.
func (m *Machine) readTasks(source string, req wire.Request) Result {
	q, ok := m.names.Get(source)
	if !ok {
		return refused(noTaskSource())
	}
	list, ok := req.(*wire.ListMessageMoveTasksRequest)
	if !ok {
		return unsupported(req)
	}
	answer := &wire.ListMessageMoveTasksResponse{}
	most := int(list.MaxResults.Or(1))
	for i := len(q.tasks) - 1; i >= 0 && len(answer.Results) < most; i-- {
		answer.Results = append(answer.Results, q.tasks[i].result())
	}
	return Result{Response: answer}
}

func (t *task) result() wire.MoveTaskResult {
	result := wire.MoveTaskResult{
		Status: taskStatusNames[t.status], SourceARN: t.sourceARN, DestinationARN: t.destination,
		MaxNumberOfMessagesPerSecond: t.rate, ApproximateNumberOfMessagesMoved: int64(t.moved),
		ApproximateNumberOfMessagesToMove: int64(t.toMove), FailureReason: taskFailureNames[t.failure],
		StartedTimestamp: t.started,
	}
	if t.status == taskRunning {
		result.TaskHandle = t.handle()
	}
	return result
}

// taskSource is the name of the source queue of a request that has to do with move tasks; ok is false of another one.
func taskSource(req wire.Request) (name string, ok bool) {
	switch r := req.(type) {
	case *wire.StartMessageMoveTaskRequest:
		return r.Source, true
	case *wire.CancelMessageMoveTaskRequest:
		return r.Source, true
	case *wire.ListMessageMoveTasksRequest:
		return r.Source, true
	}
	return "", false
}

func noTaskSource() *wire.Error {
	return wire.Errorf(wire.ResourceNotFound, "The source queue of the task does not exist.")
}
