package model

import (
	"fmt"
	"slices"
	"strings"

	"sqsd/wire"
)

// Config is what the specification is told about the servers.
type Config struct {
	// Account and Region appear in queue ARNs.
	Account, Region string
	// DeletedQueueWindow is how long a deleted queue's name stays refused, in ms; 0 allows it at once.
	DeletedQueueWindow int64
	// PurgeWindow is how long after a purge the next one is refused, in ms; 0 allows it at once.
	PurgeWindow int64
	// GroupOf is the group that a queue of a name lives in; nil if there is one group.
	GroupOf func(queue string) uint32
	// MaxInFlight is how many messages of a queue may be in flight; 0 is no limit.
	MaxInFlight int
	// GroupsInTurn says that a receive takes the message groups of a FIFO queue in turn: first those that were not served
	// for the longest time, of them the one with the oldest message. Otherwise the order is the server's choice.
	GroupsInTurn bool
}

// Spec is what a group's queues must look like after the commands of its log so far: the reference that answers are
// compared with. Message ids and receipt handles are the server's choice: they are taken from the answers, and must be
// new. Sequence numbers are too, and must go up. So is the order in which a receive takes the groups of a FIFO queue,
// if the configuration says so. Everything else is determined.
//
// Requests must have passed validation in wire. Nothing that happened is forgotten, so that a wrong answer can be
// explained.
type Spec struct {
	config      Config
	group       uint32
	groups      *Groups
	sent        map[uint32]*handover // messages on their way to other groups
	places      int                  // given to messages so far
	now         wire.Time
	queues      []*queueState        // those that exist, by name
	deleted     map[string]wire.Time // when a queue of that name was last deleted
	ids         map[string]*message  // every message ever, by id
	handles     map[string]*delivery // every delivery ever, by receipt handle
	unseen      int                  // messages so far whose id was not observed
	taskHandles map[string]bool      // those that were given
	numbered    int                  // queues so far
	moves       int                  // messages so far that receives moved to other queues
}

// NewSpec returns the specification of a single group without queues. Where there are several, see [Groups].
func NewSpec(config Config) *Spec {
	s := &Spec{
		config:      config,
		sent:        map[uint32]*handover{},
		deleted:     map[string]wire.Time{},
		ids:         map[string]*message{},
		handles:     map[string]*delivery{},
		taskHandles: map[string]bool{},
	}
	s.groups = &Groups{config, map[uint32]*Spec{0: s}}
	return s
}

// Now is the replicated time that the specification has reached.
func (s *Spec) Now() wire.Time { return s.now }

// Step carries out a request at a replicated time and compares the observed answer. The error is a [*Violation], after
// which the specification no longer follows the server. Requests may also be [*Tick], [*Release], [*Accept] and
// [*Settle]. Other commands with the action name of a tick count as one.
func (s *Spec) Step(at wire.Time, req wire.Request, resp wire.Response, err *wire.Error) error {
	if v := s.step(at, req, answer{response: resp, err: err, seen: true}); v != nil {
		return v
	}
	return nil
}

// Apply carries out a request whose answer was not observed. Ids of messages sent this way are learned when they are
// received; handles of deliveries made this way stay unknown.
func (s *Spec) Apply(at wire.Time, req wire.Request) error {
	if v := s.step(at, req, answer{}); v != nil {
		return v
	}
	return nil
}

func (s *Spec) step(at wire.Time, req wire.Request, a answer) *Violation {
	if at < s.now {
		return violated(ReplicatedNow, queueOf(req), "", "%s at time %d, after something at %d", req.Action(), at, s.now)
	}
	s.advance(at)
	v := s.do(req, a)
	for _, q := range s.queues {
		s.expire(q)
	}
	return v
}

func (s *Spec) do(req wire.Request, a answer) *Violation {
	switch r := req.(type) {
	case *Release:
		s.release(r)
		return nil
	case *Accept:
		return s.accept(r, a)
	case *Settle:
		return s.settle(r)
	case *wire.CreateQueueRequest:
		return s.createQueue(r, a)
	case *wire.GetQueueURLRequest:
		return s.getQueueURL(r, a)
	case *wire.ListQueuesRequest:
		return s.listQueues(r, a)
	case *wire.ListDeadLetterSourceQueuesRequest:
		return s.listSources(r, a)
	case *wire.StartMessageMoveTaskRequest:
		return s.startTask(r, a)
	case *wire.CancelMessageMoveTaskRequest:
		return s.cancelTask(r, a)
	case *wire.ListMessageMoveTasksRequest:
		return s.listTasks(r, a)
	}
	r, ok := req.(wire.QueueRequest)
	if !ok {
		if req.Action() == "Tick" {
			return nil
		}
		return violated(Linearizable, "", "", "the specification knows no action %s", req.Action())
	}
	q := s.queue(r.Ref().Name)
	if q == nil {
		return s.noQueue(r, a)
	}
	return s.doQueue(q, r, a)
}

// queue is the queue of a name, nil if there is none.
func (s *Spec) queue(name string) *queueState {
	if i, ok := s.place(name); ok {
		return s.queues[i]
	}
	return nil
}

// place is where the queue of a name is, or would be, in queues.
func (s *Spec) place(name string) (int, bool) {
	return slices.BinarySearchFunc(s.queues, name, func(q *queueState, name string) int {
		return strings.Compare(q.name, name)
	})
}

func (s *Spec) doQueue(q *queueState, req wire.QueueRequest, a answer) *Violation {
	switch r := req.(type) {
	case *wire.DeleteQueueRequest:
		return s.deleteQueue(q, a)
	case *wire.GetQueueAttributesRequest:
		return s.getAttributes(q, a)
	case *wire.SetQueueAttributesRequest:
		return s.setAttributes(q, r, a)
	case *wire.PurgeQueueRequest:
		return s.purgeQueue(q, a)
	case *wire.SendMessageRequest:
		return s.sendMessage(q, r, a)
	case *wire.SendMessageBatchRequest:
		return s.sendBatch(q, r, a)
	case *wire.ReceiveMessageRequest:
		return s.receive(q, r, a)
	case *wire.DeleteMessageRequest:
		return s.deleteMessage(q, r, a)
	case *wire.DeleteMessageBatchRequest:
		return s.deleteBatch(q, r, a)
	case *wire.ChangeMessageVisibilityRequest:
		return s.changeVisibility(q, r, a)
	case *wire.ChangeMessageVisibilityBatchRequest:
		return s.changeBatch(q, r, a)
	case *wire.TagQueueRequest:
		return s.tagQueue(q, r, a)
	case *wire.UntagQueueRequest:
		return s.untagQueue(q, r, a)
	case *wire.ListQueueTagsRequest:
		return s.listTags(q, a)
	case *wire.AddPermissionRequest:
		return s.addPermission(q, r, a)
	case *wire.RemovePermissionRequest:
		return s.removePermission(q, r, a)
	}
	return violated(Linearizable, q.name, "", "the specification knows no action %s", req.Action())
}

// end takes a message out of its queue.
func (s *Spec) end(m *message, f fate) {
	i := slices.Index(m.queue.messages, m)
	m.queue.messages = slices.Delete(m.queue.messages, i, i+1)
	m.queue.grow(m, -1)
	m.fate, m.fateAt = f, s.now
	s.changed(m.queue)
}

// grow takes note of a message that comes or goes.
func (q *queueState) grow(m *message, by int) {
	if q.fifo != nil {
		q.fifo.sizes[m.content.MessageGroupID] += by
	}
	if by > 0 {
		q.oldest = min(q.oldest, m.sentAt)
	}
}

// append puts a message at the end of its queue.
func (s *Spec) append(m *message) {
	s.places++
	m.place = s.places
	m.queue.beginGroup(m)
	m.queue.messages = append(m.queue.messages, m)
	m.queue.grow(m, 1)
	s.ids[m.id] = m
	m.queue.fair = m.queue.fair || m.queue.fifo == nil && m.tenant() != ""
	s.changed(m.queue)
}

// noQueue is the answer to a request for a queue that does not exist.
func (s *Spec) noQueue(req wire.QueueRequest, a answer) *Violation {
	name := req.Ref().Name
	if at, ok := s.deleted[name]; ok {
		why := fmt.Sprintf("the queue was deleted at %d", at)
		return a.refused(wire.QueueDoesNotExist, Incarnations, name, req.Action(), why)
	}
	return a.refused(wire.QueueDoesNotExist, Linearizable, name, req.Action(), "no such queue was created")
}

// refused checks that an answer is an error of a kind.
func (a answer) refused(code wire.Code, p Promise, queue, action, why string) *Violation {
	if !a.seen || a.err != nil && a.err.Code == code {
		return nil
	}
	return violated(p, queue, "", "%s answered %s, want %s: %s", action, describeAnswer(a), code.Query(), why)
}

// accepted checks that an answer is a success with a result of type T.
func accepted[T any](a answer, p Promise, queue, action string) (T, *Violation) {
	result, ok := a.response.(T)
	if a.err != nil || !ok {
		return result, violated(p, queue, "", "%s answered %s, want success", action, describeAnswer(a))
	}
	return result, nil
}

// done checks that an answer is a success without a result.
func (a answer) done(p Promise, queue, message, action string) *Violation {
	if !a.seen || a.err == nil {
		return nil
	}
	return violated(p, queue, message, "%s answered %s, want success", action, describeAnswer(a))
}

func describeAnswer(a answer) string {
	if a.err != nil {
		return a.err.Error()
	}
	return describeResponse(a.response)
}
