package jepsen

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"sqsd/wire"
)

// maxReceives is the maxReceiveCount of all redrive policies.
const maxReceives = 2

// groupsOfProducer is how many groups a producer sends to: a delivery that is left to expire stops its group for long.
const groupsOfProducer = 16

// Load is what the clients do, until they are told to stop.
type Load struct {
	// Queues are the names of the queues; they are created first. In a FIFO queue each producer has groups of its own.
	Queues []string
	// DeadLetters says, by queue, where its messages go that were received maxReceives times. Consumers of such a queue
	// delete only about every other delivery. A dead-letter queue comes in Queues before those that use it.
	DeadLetters map[string]string
	// Producers and Consumers are numbers of clients. Clerks are those that tag queues and read tags and attributes.
	Producers, Consumers, Clerks int
	// Pause is how long a client rests between its calls.
	Pause time.Duration
	// Visibility is the timeout that receives ask for, in seconds. It is short, so that deliveries expire.
	Visibility int32
	// Timeout is the clients' timeout.
	Timeout time.Duration
}

// Running is a load under way.
type Running struct {
	load    Load
	cluster *Cluster
	history *History
	stop    context.CancelFunc
	done    sync.WaitGroup

	mu     sync.Mutex
	errors []error
}

// Begin creates the queues and starts the clients.
func (l Load) Begin(ctx context.Context, cluster *Cluster, history *History) (*Running, error) {
	setup := NewClient(0, cluster.Nodes, 0, history)
	defer setup.Close()
	for _, queue := range l.Queues {
		if err := setup.createQueue(ctx, queue, l.DeadLetters[queue]); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	r := &Running{load: l, cluster: cluster, history: history, stop: stop}
	for i := range l.Producers {
		r.start(1+i, func(c *Client) error { return r.produce(ctx, c) })
	}
	for i := range l.Consumers {
		r.start(1+l.Producers+i, func(c *Client) error { return r.consume(ctx, c) })
	}
	for i := range l.Clerks {
		r.start(1+l.Producers+l.Consumers+i, func(c *Client) error { return r.administer(ctx, c) })
	}
	return r, nil
}

// createQueue creates a queue, a FIFO queue if its name says so, and with a redrive policy if deadLetters is not empty.
func (c *Client) createQueue(ctx context.Context, name, deadLetters string) error {
	req := &wire.CreateQueueRequest{QueueName: name}
	if wire.IsFIFO(name) {
		req.Attributes = wire.Pairs{{Name: wire.AttrFIFOQueue, Value: "true"}}
	}
	if deadLetters != "" {
		target := wire.QueueARN("us-east-1", "000000000000", deadLetters)
		req.Attributes = append(req.Attributes, wire.Pair{Name: wire.AttrRedrivePolicy,
			Value: fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, target, maxReceives)})
	}
	_, err := c.Call(ctx, req)
	return err
}

// clients is how many clients a load has. It numbers them from 1 to that.
func (l Load) clients() int { return l.Producers + l.Consumers + l.Clerks }

// End stops the clients and returns what went wrong beyond unavailability.
func (r *Running) End() error {
	r.stop()
	r.done.Wait()
	return errors.Join(r.errors...)
}

func (r *Running) start(id int, work func(*Client) error) {
	r.done.Go(func() {
		c := NewClient(id, r.cluster.Nodes, id, r.history)
		c.Timeout = r.load.Timeout
		defer c.Close()
		if err := work(c); err != nil && !errors.Is(err, context.Canceled) {
			r.mu.Lock()
			r.errors = append(r.errors, fmt.Errorf("client %d: %w", id, err))
			r.mu.Unlock()
		}
	})
}

// queue is the queue that a client uses; all queues have producers and consumers.
func (r *Running) queue(c *Client) wire.QueueRef { return ref(r.load.Queues[c.id%len(r.load.Queues)]) }

// ref addresses a queue. A bare name is as good as a URL.
func ref(queue string) wire.QueueRef { return wire.QueueRef{QueueURL: queue, Name: queue} }

func (r *Running) produce(ctx context.Context, c *Client) error {
	for i := 0; ; i++ {
		message := wire.Outgoing{MessageBody: fmt.Sprintf("message %d of client %d", i, c.id)}
		if wire.IsFIFO(r.queue(c).Name) {
			message.MessageGroupID = fmt.Sprintf("client-%d-%d", c.id, i%groupsOfProducer)
			message.MessageDeduplicationID = fmt.Sprintf("client-%d-%d", c.id, i)
		}
		if _, err := c.Call(ctx, &wire.SendMessageRequest{QueueRef: r.queue(c), Outgoing: message}); err != nil {
			return err
		}
		if err := r.rest(ctx); err != nil {
			return err
		}
	}
}

// consume receives and mostly deletes. Of twenty deliveries, or of four if the queue has a dead-letter queue, one is
// left to expire and deleted much later, under a handle that is stale by then; one is given back at once; one is kept
// for longer before it is deleted.
func (r *Running) consume(ctx context.Context, c *Client) error {
	random := rand.New(rand.NewPCG(uint64(c.id), 0))
	choices := 20
	if r.load.DeadLetters[r.queue(c).Name] != "" {
		choices = 4
	}
	var kept []string // handles that will be stale
	for {
		received, err := c.Call(ctx, receive(r.queue(c).Name, 1+random.Int32N(10), r.load.Visibility))
		if err != nil {
			return err
		}
		for _, m := range received.(*wire.ReceiveMessageResponse).Messages {
			choice := random.IntN(choices)
			switch choice {
			case 0:
				kept = append(kept, m.ReceiptHandle)
				continue
			case 1:
				err = r.change(ctx, c, m.ReceiptHandle, 0)
			case 2:
				err = r.change(ctx, c, m.ReceiptHandle, 2*r.load.Visibility)
			}
			if choice != 1 && err == nil {
				err = r.delete(ctx, c, m.ReceiptHandle)
			}
			if err != nil {
				return err
			}
		}
		if len(kept) > 10 {
			if err := r.delete(ctx, c, kept[0]); err != nil {
				return err
			}
			kept = kept[1:]
		}
		if err := r.rest(ctx); err != nil {
			return err
		}
	}
}

// administer tags its queue, reads the tags and the attributes, and takes the tag away again.
func (r *Running) administer(ctx context.Context, c *Client) error {
	queue, key := r.queue(c), fmt.Sprintf("client-%d", c.id)
	for i := 0; ; i++ {
		for _, req := range []wire.Request{
			&wire.TagQueueRequest{QueueRef: queue, Tags: wire.Pairs{{Name: key, Value: fmt.Sprint(i)}}},
			&wire.ListQueueTagsRequest{QueueRef: queue},
			&wire.GetQueueAttributesRequest{QueueRef: queue, AttributeNames: wire.Names{"All"}},
			&wire.UntagQueueRequest{QueueRef: queue, TagKeys: wire.Names{key}},
		} {
			if _, err := c.Call(ctx, req); err != nil {
				return err
			}
			if err := r.rest(ctx); err != nil {
				return err
			}
		}
	}
}

// delete deletes a message. A FIFO queue refuses that if the delivery has expired.
func (r *Running) delete(ctx context.Context, c *Client, handle string) error {
	_, err := c.Call(ctx, &wire.DeleteMessageRequest{QueueRef: r.queue(c), ReceiptHandle: handle})
	if errors.Is(err, ErrRefused) && wire.IsFIFO(r.queue(c).Name) {
		return nil
	}
	return err
}

// change changes a delivery's timeout. It is refused if the delivery has expired and somebody else has the message by
// now, or nobody any more.
func (r *Running) change(ctx context.Context, c *Client, handle string, seconds int32) error {
	_, err := c.Call(ctx, &wire.ChangeMessageVisibilityRequest{QueueRef: r.queue(c), ReceiptHandle: handle,
		VisibilityTimeout: wire.Int(seconds)})
	if errors.Is(err, ErrRefused) {
		return nil
	}
	return err
}

func (r *Running) rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(r.load.Pause):
		return nil
	}
}
