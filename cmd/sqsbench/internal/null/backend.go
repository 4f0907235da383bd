package null

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"sqsd/wire"
)

const defaultVisibility = 30 * time.Second

// Options configures a [Backend].
type Options struct {
	// Log, if not nil, makes sends, deletes and purges durable before they are answered.
	Log *Log
	// LogReceives makes deliveries and visibility changes durable too.
	LogReceives bool
}

// Backend is the in-memory [wire.Backend].
type Backend struct {
	options Options
	numbers atomic.Uint64 // of the last message or queue

	mu     sync.RWMutex
	queues map[string]*namedQueue
}

// namedQueue is a queue with its identity; number differs between incarnations.
type namedQueue struct {
	*queue
	name   string
	number uint64
}

// NewBackend makes a backend without queues.
func NewBackend(options Options) *Backend {
	return &Backend{options: options, queues: make(map[string]*namedQueue)}
}

// Do executes a request.
func (b *Backend) Do(ctx context.Context, req wire.Request) (wire.Response, *wire.Error) {
	switch req := req.(type) {
	case *wire.CreateQueueRequest:
		return b.createQueue(req)
	case *wire.GetQueueURLRequest:
		if b.find(req.QueueName) == nil {
			return nil, wire.NoSuchQueue()
		}
		return &wire.GetQueueURLResponse{QueueURL: req.QueueName}, nil
	case *wire.ListQueuesRequest:
		return b.listQueues(), nil
	}
	addressed, ok := req.(wire.QueueRequest)
	if !ok {
		return nil, unsupported(req)
	}
	q := b.find(addressed.Ref().Name)
	if q == nil {
		return nil, wire.NoSuchQueue()
	}
	switch req := req.(type) {
	case *wire.SendMessageRequest:
		return b.send(q, req)
	case *wire.SendMessageBatchRequest:
		return b.sendBatch(q, req)
	case *wire.ReceiveMessageRequest:
		return b.receive(ctx, q, req)
	case *wire.DeleteMessageRequest:
		return b.delete(q, req)
	case *wire.DeleteMessageBatchRequest:
		return b.deleteBatch(q, req)
	case *wire.ChangeMessageVisibilityRequest:
		return b.changeVisibility(q, req)
	case *wire.GetQueueAttributesRequest:
		return attributes(q), nil
	case *wire.PurgeQueueRequest:
		return b.purge(q)
	case *wire.DeleteQueueRequest:
		return b.deleteQueue(q)
	}
	return nil, unsupported(req)
}

func unsupported(req wire.Request) *wire.Error {
	return wire.Errorf(wire.UnsupportedOperation, "The null server does not do %s.", req.Action())
}

func (b *Backend) find(name string) *namedQueue {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.queues[name]
}

func (b *Backend) createQueue(req *wire.CreateQueueRequest) (wire.Response, *wire.Error) {
	visibility := defaultVisibility
	for _, a := range req.Attributes {
		switch a.Name {
		case "VisibilityTimeout":
			seconds, err := strconv.Atoi(a.Value)
			if err != nil {
				return nil, wire.BadAttribute(a.Name)
			}
			visibility = time.Duration(seconds) * time.Second
		case "FifoQueue":
			return nil, wire.Errorf(wire.UnsupportedOperation, "The null server has no FIFO queues.")
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queues[req.QueueName] == nil {
		b.queues[req.QueueName] = &namedQueue{newQueue(visibility), req.QueueName, b.numbers.Add(1)}
	}
	return &wire.CreateQueueResponse{QueueURL: req.QueueName}, nil
}

func (b *Backend) listQueues() wire.Response {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var names []string
	for name := range b.queues {
		names = append(names, name)
	}
	slices.Sort(names)
	return &wire.ListQueuesResponse{QueueURLs: names}
}

func attributes(q *namedQueue) wire.Response {
	visible, inFlight, delayed := q.count()
	return &wire.GetQueueAttributesResponse{Attributes: wire.Pairs{
		{Name: "ApproximateNumberOfMessages", Value: strconv.Itoa(visible)},
		{Name: "ApproximateNumberOfMessagesDelayed", Value: strconv.Itoa(delayed)},
		{Name: "ApproximateNumberOfMessagesNotVisible", Value: strconv.Itoa(inFlight)},
	}}
}

func (b *Backend) purge(q *namedQueue) (wire.Response, *wire.Error) {
	q.purge()
	return b.settled(wire.Empty{}, b.log(purged, q, 0, ""))
}

func (b *Backend) deleteQueue(q *namedQueue) (wire.Response, *wire.Error) {
	b.mu.Lock()
	if b.queues[q.name] == q {
		delete(b.queues, q.name)
	}
	b.mu.Unlock()
	return b.purge(q)
}

// log appends a change if there is a log; nil means that there is nothing to wait for.
func (b *Backend) log(c change, q *namedQueue, message uint64, body string) *commit {
	if b.options.Log == nil || c == hidden && !b.options.LogReceives {
		return nil
	}
	return b.options.Log.append(c, q.name, message, body)
}

// settled answers once the commit is durable.
func (b *Backend) settled(response wire.Response, c *commit) (wire.Response, *wire.Error) {
	if c != nil {
		if err := c.wait(); err != nil {
			return nil, wire.Errorf(wire.ServiceUnavailable, "The log failed: %v.", err)
		}
	}
	return response, nil
}
