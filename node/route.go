package node

import (
	"hash/fnv"

	"sqsd/node/queue"
	"sqsd/wire"
)

// gatherer is the group whose replicas collect the answers to requests about all queues.
const gatherer GroupID = 0

// Route returns the group of a request: the group of its queue's name, or for a request about all queues the group
// that gathers the answers.
func Route(req wire.Request, groups int) GroupID {
	name, ok := queueName(req)
	if !ok {
		return gatherer
	}
	return GroupOf(name, groups)
}

// GroupOf returns the group that a queue name lives in. The hash is part of the data format: it must never change.
func GroupOf(name string, groups int) GroupID {
	h := fnv.New64a()
	h.Write([]byte(name))
	return GroupID(h.Sum64() % uint64(groups))
}

// queueName returns the name of the one queue that a request is about.
func queueName(req wire.Request) (string, bool) {
	switch r := req.(type) {
	case wire.QueueRequest:
		return r.Ref().Name, true
	case *wire.CreateQueueRequest:
		return r.QueueName, true
	case *wire.GetQueueURLRequest:
		return r.QueueName, true
	case *queue.ReleaseCommand:
		return r.QueueName, true
	case *wire.StartMessageMoveTaskRequest:
		return r.Source, true
	case *wire.CancelMessageMoveTaskRequest:
		_, _, source, ok := wire.ParseARN(r.Task.SourceARN)
		return source, ok
	case *wire.ListMessageMoveTasksRequest:
		return r.Source, true
	}
	return "", false
}
