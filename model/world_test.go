package model

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"sqsd/wire"
)

// world generates histories: clients that call a server with random delays before and after each effect. Its clock is
// true time in ms; the server's replicated time is up to skew ahead of it and changes its lead now and then.
type world struct {
	random  *rand.Rand
	server  *server
	clients int
	calls   int
	faults  bool // some outcomes are unknown
	kind    kind
	// damage is tried before every effect in the last third of the calls, until it says that it has harmed a queue.
	// Then nothing is purged any more, so that the harm can be seen.
	damage  func(w *world) (queue string)
	damaged bool

	now     int64 // ms
	lead    int64
	index   uint64
	events  []event
	bodies  int
	handles []string // every handle that a client was given
	history History
}

// skew bounds how far replicated time is ahead of true time, in ms.
const skew = 300

// event is a moment in a client's call.
type event struct {
	at   int64
	kind eventKind
	op   *Operation
}

type eventKind int

const (
	called eventKind = iota
	effect
	returned
)

// kind is what queues a world has, and whether messages of standard queues have message group ids.
type kind struct{ fifo, redrive, tasks, tenants bool }

var kinds = []kind{{}, {fifo: true}, {redrive: true}, {fifo: true, redrive: true},
	{redrive: true, tasks: true}, {fifo: true, redrive: true, tasks: true}, {tenants: true},
	{redrive: true, tasks: true, tenants: true}}

// queues are the world's queues. With redrive, messages of the first one go to the second one when they were received
// twice.
func (k kind) queues() []string {
	if k.fifo {
		return []string{"figs.fifo", "kiwis.fifo"}
	}
	return []string{"apples", "pears"}
}

// attributes are those that a queue is created with.
func (k kind) attributes(queue string) wire.Pairs {
	all := pairs("VisibilityTimeout", "4")
	if k.redrive && queue == k.queues()[0] {
		all = append(pairs(redrive(k.queues()[1], "2")...), all...)
	}
	return all
}

// newWorld is a world of a seed, about to make a number of calls.
func newWorld(seed uint64, calls int, faults bool) *world {
	return newDamagedWorld(seed, calls, faults, kind{}, nil)
}

func newDamagedWorld(seed uint64, calls int, faults bool, k kind, damage func(*world) string) *world {
	config := testConfig
	config.DeletedQueueWindow, config.PurgeWindow = 500, 300
	if seed%3 > 0 {
		config.MaxInFlight = 1000
	}
	w := &world{random: rand.New(rand.NewPCG(seed, 1)), server: newServer(config), faults: faults, kind: k, damage: damage, now: 1000}
	w.clients = 1 + w.random.IntN(8)
	w.calls = calls
	w.history = History{Config: config, Tolerance: (2*skew + 5) * 1e6, Operations: make([]Operation, 0, 2*calls+4000)}
	for _, q := range slices.Backward(k.queues()) {
		w.run(&wire.CreateQueueRequest{QueueName: q, Attributes: k.attributes(q)})
	}
	for c := range min(w.clients, calls) {
		w.call(c)
	}
	for len(w.history.Operations) < calls && len(w.events) > 0 {
		w.turn()
	}
	return w
}

// generate runs a world to its end, drains it, and returns the history.
func (w *world) generate() *History {
	for len(w.events) > 0 {
		e := w.events[0]
		w.events = w.events[1:]
		if e.kind != called {
			w.happen(e)
		}
	}
	w.drain()
	return &w.history
}

func (w *world) turn() {
	e := w.events[0]
	w.events = w.events[1:]
	w.happen(e)
}

func (w *world) happen(e event) {
	w.now = max(w.now, e.at)
	switch e.kind {
	case called:
		w.call(e.op.Client)
	case effect:
		w.harm(e)
		w.take(e.op)
	case returned:
		w.finish(e.op)
		w.schedule(event{w.now + w.random.Int64N(20), called, e.op})
	}
}

func (w *world) harm(before event) {
	if w.damage == nil || w.damaged || len(w.history.Operations) < w.calls*2/3 {
		return
	}
	for _, e := range append([]event{before}, w.events...) {
		switch e.op.Request.(type) {
		case *wire.PurgeQueueRequest, *wire.DeleteQueueRequest:
			if e.kind == effect {
				return // it would cover the harm up
			}
		}
	}
	queue := w.damage(w)
	if queue == "" {
		return
	}
	w.damaged = true
	for _, q := range w.kind.queues() {
		if w.kind.redrive || q == queue {
			w.run(attributes(q).req)
			w.run(receive(q).req)
		}
	}
}

func (w *world) schedule(e event) {
	i, _ := slices.BinarySearchFunc(w.events, e, func(a, b event) int { return cmp.Compare(a.at, b.at+1) })
	w.events = slices.Insert(w.events, i, e)
}

// call starts a call of a client.
func (w *world) call(client int) {
	o := w.add(client, w.request())
	if w.faults && w.random.IntN(20) == 0 {
		o.Unknown, o.Return = true, Never
		if w.random.IntN(2) == 0 {
			w.schedule(event{w.now + w.random.Int64N(3000), effect, o})
		}
		w.schedule(event{w.now + 500, called, o})
		return
	}
	w.schedule(event{w.now + w.random.Int64N(30), effect, o})
}

func (w *world) add(client int, req wire.Request) *Operation {
	h := &w.history
	if len(h.Operations) == cap(h.Operations) {
		panic("the history would move")
	}
	h.Operations = append(h.Operations, Operation{Client: client, ID: len(h.Operations), Call: w.now * 1e6, Request: req})
	return &h.Operations[len(h.Operations)-1]
}

// take lets a call take effect and writes it down.
func (w *world) take(o *Operation) {
	resp, err := w.apply(o.Request, o)
	if o.Unknown {
		return
	}
	o.Response, o.Err = resp, err
	if _, listing := o.Request.(*wire.ListQueuesRequest); listing {
		o.At = nil
	}
	w.schedule(event{w.now + w.random.Int64N(30), returned, o})
}

// apply is one command or read of the server; o is nil for commands of the server itself.
func (w *world) apply(req wire.Request, o *Operation) (wire.Response, *wire.Error) {
	if w.random.IntN(50) == 0 {
		w.lead = w.random.Int64N(skew)
	}
	at := max(wire.Time(w.now+w.lead), w.server.spec.now)
	if o != nil && isRead(req, nil) {
		w.apply(&Tick{}, nil) // a read does not move time
		at = w.server.spec.now
	}
	moves := w.server.spec.moves
	resp, err := w.server.do(at, req)
	place := Witness{Group: 0, Index: w.index, Time: at}
	if o != nil && isRead(req, resp) && w.server.spec.moves == moves {
		place.Read = true
	} else {
		w.index++
		place.Index, place.Proposer, place.Boot, place.Seq = w.index, 1, 1, w.index
		w.history.Commits = append(w.history.Commits, Commit{At: place, Request: req, Response: resp, Err: err})
	}
	if o != nil && !o.Unknown {
		o.At = &place
	}
	return resp, err
}

func (w *world) finish(o *Operation) {
	o.Return = w.now * 1e6
	if got, ok := o.Response.(*wire.ReceiveMessageResponse); ok {
		for _, m := range got.Messages {
			w.handles = append(w.handles, m.ReceiptHandle)
		}
	}
}

// run is a call with nothing beside it.
func (w *world) run(req wire.Request) wire.Response {
	o := w.add(0, req)
	w.now++
	o.Response, o.Err = w.apply(req, o)
	w.now++
	w.finish(o)
	w.now++
	return o.Response
}

// request draws a request.
func (w *world) request() wire.Request {
	queue := wire.QueueRef{Name: w.kind.queues()[w.random.IntN(2)]}
	switch n := w.random.IntN(100); {
	case n < 25:
		return &wire.SendMessageRequest{QueueRef: queue, Outgoing: w.outgoing()}
	case n < 30:
		return &wire.SendMessageBatchRequest{QueueRef: queue, Entries: []wire.SendMessageBatchEntry{
			{ID: "a", Outgoing: w.outgoing()}, {ID: "b", Outgoing: w.outgoing()}}}
	case n < 60:
		req := &wire.ReceiveMessageRequest{QueueRef: queue, MaxNumberOfMessages: wire.Int(1 + w.random.Int32N(3))}
		if w.random.IntN(2) == 0 {
			req.VisibilityTimeout = wire.Int(w.random.Int32N(3))
		}
		if w.kind.fifo && w.random.IntN(4) == 0 {
			req.ReceiveRequestAttemptID = fmt.Sprint("t", w.bodies/8)
		}
		return req
	case n < 80 && len(w.handles) > 0:
		return &wire.DeleteMessageRequest{QueueRef: queue, ReceiptHandle: w.handle()}
	case n < 90 && len(w.handles) > 0:
		return &wire.ChangeMessageVisibilityRequest{QueueRef: queue, ReceiptHandle: w.handle(),
			VisibilityTimeout: wire.Int(w.random.Int32N(4))}
	case n <= 91 && w.damaged:
		return &wire.ListQueuesRequest{}
	case n == 90:
		return &wire.PurgeQueueRequest{QueueRef: queue}
	case n == 91 && w.random.IntN(4) == 0:
		return &wire.DeleteQueueRequest{QueueRef: queue}
	case n >= 93 && n < 95 && w.kind.tasks:
		return w.task()
	case n < 95:
		attributes := w.kind.attributes(queue.Name)
		if w.server.spec.queue(w.kind.queues()[1]) == nil {
			attributes = attributes.Without(wire.AttrRedrivePolicy)
		}
		return &wire.CreateQueueRequest{QueueName: queue.Name, Attributes: attributes}
	case n == 95:
		return &wire.GetQueueURLRequest{QueueName: queue.Name}
	case n == 96:
		return &wire.ListQueuesRequest{}
	case n == 97:
		return &wire.SetQueueAttributesRequest{QueueRef: queue, Attributes: pairs("VisibilityTimeout", fmt.Sprint(3+w.random.IntN(3)))}
	}
	return &wire.GetQueueAttributesRequest{QueueRef: queue}
}

// task draws a request about tasks that bring dead letters back.
func (w *world) task() wire.Request {
	queues := w.kind.queues()
	arn := w.server.spec.arn(queues[1])
	switch w.random.IntN(4) {
	case 0:
		return &wire.ListMessageMoveTasksRequest{SourceARN: arn, Source: queues[1], MaxResults: wire.Int(2)}
	case 1:
		if q := w.server.spec.queue(queues[1]); q != nil && len(q.tasks) > 0 {
			handle := q.tasks[len(q.tasks)-1].handle
			task, _ := wire.ParseTaskHandle(handle)
			return &wire.CancelMessageMoveTaskRequest{TaskHandle: handle, Task: task, Source: queues[1]}
		}
	}
	req := &wire.StartMessageMoveTaskRequest{SourceARN: arn, Source: queues[1],
		MaxNumberOfMessagesPerSecond: wire.Int(1 + w.random.Int32N(20))}
	if w.random.IntN(2) == 0 {
		req.DestinationARN, req.Destination = w.server.spec.arn(queues[0]), queues[0]
	}
	return req
}

func (w *world) outgoing() wire.Outgoing {
	w.bodies++
	o := wire.Outgoing{MessageBody: fmt.Sprintf("body %d", w.bodies)}
	if w.kind.fifo {
		n := w.bodies
		if w.random.IntN(5) == 0 {
			n = max(1, n-w.random.IntN(6)) // sent before, perhaps to the same queue
		}
		return wire.Outgoing{MessageBody: fmt.Sprintf("body %d", n), MessageGroupID: fmt.Sprint("g", n%3),
			MessageDeduplicationID: fmt.Sprint("d", n)}
	}
	if w.random.IntN(5) == 0 {
		o.DelaySeconds = wire.Int(w.random.Int32N(3))
	}
	if w.kind.tenants {
		o.MessageGroupID = [...]string{"", "A", "A", "B"}[w.random.IntN(4)]
	}
	return o
}

// handle draws one of the latest handles.
func (w *world) handle() string {
	return w.handles[len(w.handles)-1-w.random.IntN(min(len(w.handles), 6))]
}

// drain receives and deletes until a round in which everything must have been visible brings nothing.
func (w *world) drain() {
	for empty := 0; empty < 2; {
		empty++
		w.now += 20_000
		w.apply(&Tick{}, nil)
		for _, q := range w.kind.queues() {
			for {
				got, ok := w.run(&wire.ReceiveMessageRequest{QueueRef: ref(q), MaxNumberOfMessages: wire.Int(3)}).(*wire.ReceiveMessageResponse)
				if !ok || len(got.Messages) == 0 {
					break
				}
				empty = 0
				for _, m := range got.Messages {
					w.run(&wire.DeleteMessageRequest{QueueRef: ref(q), ReceiptHandle: m.ReceiptHandle})
				}
			}
		}
	}
	w.history.DrainedAt = w.now * 1e6
}
