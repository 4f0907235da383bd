package queue

import (
	"strings"

	"sqsd/wire"
)

// Read answers a request that changes nothing, from the state as it is: GetQueueUrl, GetQueueAttributes,
// ListQueueTags, ListMessageMoveTasks, ListQueues and ListDeadLetterSourceQueues (the names of this group only), and
// ReceiveMessage as if no message could be taken. Other requests are refused.
func (m *Machine) Read(req wire.Request) Result {
	switch r := req.(type) {
	case *wire.ListQueuesRequest:
		return m.listQueues(r)
	case *wire.ListDeadLetterSourceQueuesRequest:
		return m.listSources(r)
	case *wire.GetQueueURLRequest:
		q, ok := m.names.Get(r.QueueName)
		if !ok {
			return refused(wire.NoSuchQueue())
		}
		return Result{Response: &wire.GetQueueURLResponse{QueueURL: q.name}}
	}
	if source, ok := taskSource(req); ok {
		return m.readTasks(source, req)
	}
	addressed, ok := req.(wire.QueueRequest)
	if !ok {
		return unsupported(req)
	}
	q, ok := m.names.Get(addressed.Ref().Name)
	if !ok {
		return refused(wire.NoSuchQueue())
	}
	switch r := req.(type) {
	case *wire.GetQueueAttributesRequest:
		return Result{Response: &wire.GetQueueAttributesResponse{Attributes: m.queueAttributes(q)}}
	case *wire.ListQueueTagsRequest:
		return Result{Response: &wire.ListQueueTagsResponse{Tags: q.tags}}
	case *wire.ReceiveMessageRequest:
		return m.receiveNothing(q, r)
	}
	return unsupported(req)
}

func unsupported(req wire.Request) Result {
	return refused(wire.Errorf(wire.UnsupportedOperation, "The operation %s is not supported.", req.Action()))
}

// listQueues lists up to MaxResults names behind After. There is a NextToken only if MaxResults is given.
func (m *Machine) listQueues(req *wire.ListQueuesRequest) Result {
	answer := &wire.ListQueuesResponse{}
	most := int(req.MaxResults.Or(wire.MaxListResults))
	m.names.Ascend(max(req.QueueNamePrefix, req.After), func(name string, _ *queue) bool {
		switch {
		case name == req.After && name != "":
			return true
		case !strings.HasPrefix(name, req.QueueNamePrefix):
			return name < req.QueueNamePrefix
		case len(answer.QueueURLs) == most:
			if req.MaxResults.Set {
				answer.NextToken = answer.QueueURLs[most-1]
			}
			return false
		}
		answer.QueueURLs = append(answer.QueueURLs, name)
		return true
	})
	return Result{Response: answer}
}

// Lookup finds the queue that has a name now.
func (m *Machine) Lookup(name string) (ID, bool) {
	q, ok := m.names.Get(name)
	if !ok {
		return 0, false
	}
	return q.id, true
}

// Visible is how many messages a receive could take now: 0 at the in-flight limit and for a queue that does not exist.
func (m *Machine) Visible(id ID) int {
	q := m.queues[id]
	if q == nil {
		return 0
	}
	return q.visible(m.limits.MaxInFlight)
}

// WaitSeconds is the queue's ReceiveMessageWaitTimeSeconds; 0 for a queue that does not exist.
func (m *Machine) WaitSeconds(id ID) int32 {
	q := m.queues[id]
	if q == nil {
		return 0
	}
	return q.wait
}

// NextVisible is the earliest time at which a message that cannot be received now may become visible.
func (m *Machine) NextVisible(id ID) (wire.Time, bool) {
	q := m.queues[id]
	if q == nil {
		return 0, false
	}
	at := q.nextVisible(m.limits.MaxInFlight)
	return at, at != never
}
