package queue

import (
	"encoding/binary"

	"sqsd/wire"
)

// Commands and results that have to do with move tasks.

func appendStartTask(dst []byte, c *wire.StartMessageMoveTaskRequest) []byte {
	dst = appendString(appendString(append(dst, byte(actionStartMessageMoveTask)), c.SourceARN), c.Source)
	return appendOptInt(appendString(appendString(dst, c.DestinationARN), c.Destination), c.MaxNumberOfMessagesPerSecond)
}

func (r *reader) startTask() *wire.StartMessageMoveTaskRequest {
	return &wire.StartMessageMoveTaskRequest{
		SourceARN: r.string(), Source: r.string(), DestinationARN: r.string(), Destination: r.string(),
		MaxNumberOfMessagesPerSecond: r.optInt(),
	}
}

// appendCancelTask leaves the handle's text out: it is made of what is in it.
func appendCancelTask(dst []byte, c *wire.CancelMessageMoveTaskRequest) []byte {
	dst = appendString(append(dst, byte(actionCancelMessageMoveTask)), c.Source)
	return appendString(appendString(dst, c.Task.TaskID), c.Task.SourceARN)
}

func (r *reader) cancelTask() *wire.CancelMessageMoveTaskRequest {
	c := &wire.CancelMessageMoveTaskRequest{Source: r.string()}
	c.Task = wire.TaskHandle{TaskID: r.string(), SourceARN: r.string()}
	c.TaskHandle = c.Task.Encode()
	return c
}

func appendListTasks(dst []byte, c *wire.ListMessageMoveTasksRequest) []byte {
	dst = appendString(append(dst, byte(actionListMessageMoveTasks)), c.SourceARN)
	return appendOptInt(appendString(dst, c.Source), c.MaxResults)
}

func (r *reader) listTasks() *wire.ListMessageMoveTasksRequest {
	return &wire.ListMessageMoveTasksRequest{SourceARN: r.string(), Source: r.string(), MaxResults: r.optInt()}
}

func appendTaskResults(dst []byte, results []wire.MoveTaskResult) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(results)))
	for i := range results {
		v := &results[i]
		dst = appendString(appendString(appendString(dst, v.TaskHandle), v.Status), v.SourceARN)
		dst = appendOptInt(appendString(dst, v.DestinationARN), v.MaxNumberOfMessagesPerSecond)
		dst = binary.AppendVarint(dst, v.ApproximateNumberOfMessagesMoved)
		dst = binary.AppendVarint(dst, v.ApproximateNumberOfMessagesToMove)
		dst = appendTime(appendString(dst, v.FailureReason), v.StartedTimestamp)
	}
	return dst
}

func (r *reader) taskResults() []wire.MoveTaskResult {
	const least = 9 // bytes that a result takes
	n := r.count(least)
	if n > wire.MaxMoveTaskResults {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	list := make([]wire.MoveTaskResult, n)
	for i := range list {
		list[i] = wire.MoveTaskResult{
			TaskHandle: r.string(), Status: r.string(), SourceARN: r.string(), DestinationARN: r.string(),
			MaxNumberOfMessagesPerSecond: r.optInt(), ApproximateNumberOfMessagesMoved: r.varint(),
			ApproximateNumberOfMessagesToMove: r.varint(), FailureReason: r.string(), StartedTimestamp: r.time(),
		}
	}
	return list
}
