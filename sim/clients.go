package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/wire"
)

// Fault model: a client talks to any node over a lossy hop. A lost request or a node that is down never did anything,
// but the client cannot always tell; a lost answer, a crash of the node and the client's own timeout leave the outcome
// unknown. A client may give a call up at any time, and the node learns of it later or never.

// clients are all clients of a run and what they know together.
type clients struct {
	world     *World
	all       []*client
	numbers   int // of operations, given so far
	history   []*operation
	script    []Step                // what has been done
	answers   map[int]wire.Response // with handles, that have reached a client, by number of the operation
	inFlight  [][]*operation        // by node: handed to a replica of its current boot and not answered
	open      int                   // operations whose client waits
	everyones []knownDelivery
	toGroups  []wire.Outgoing // latest messages to FIFO queues
	tasks     []string        // references to the latest move tasks
	stopped   bool            // no new operations
}

// client does one operation at a time.
type client struct {
	world   *World
	id      int
	steps   []Step // of the script that are yet to be done
	random  random // decides what is not in a script
	weights []int
	think   time.Duration
	sent    int
	own     []knownDelivery
	// attempts are the receive attempt ids of its latest receives, by queue.
	attempts map[string]string
	watches  bool // reads counters and does nothing else
}

func newClients(w *World) *clients {
	c := &clients{world: w, answers: map[int]wire.Response{}, inFlight: make([][]*operation, w.plan.cluster.nodes+w.plan.cluster.spares)}
	for id := range w.plan.work.clients {
		c.all = append(c.all, newClient(w, id))
	}
	if w.plan.Script == nil {
		return c
	}
	for _, s := range w.plan.Script.Steps {
		c.all[s.Client].steps = append(c.all[s.Client].steps, s)
		c.numbers = max(c.numbers, s.Number+1)
	}
	return c
}

func newClient(w *World, id int) *client {
	c := &client{
		world: w, id: id, random: newRandom(w.plan.environment(), fmt.Sprintf("client %d", id)), attempts: map[string]string{},
	}
	c.weights = slices.Clone(w.plan.work.weights)
	c.think = w.plan.work.think
	if w.plan.Script != nil {
		return c
	}
	work := &w.plan.work
	c.watches = id < work.clients && id >= work.clients-work.watchers
	switch {
	case c.watches:
		c.think = watching
	case id%4 == 0: // a producer
		c.weights[actSend] *= 3
		c.weights[actSendBatch] *= 3
	case id%4 == 1: // a consumer
		c.weights[actReceive] *= 3
		c.weights[actPoll] *= 3
		c.weights[actDelete] *= 3
	}
	return c
}

// start lets all clients go; the first ones create the queues.
func (c *clients) start() {
	for _, client := range c.all {
		if c.world.plan.Script != nil {
			client.play()
			continue
		}
		client.wait(client.random.spread(client.think), func() {
			if names := c.world.plan.work.queues; client.id < len(names) {
				name := names[client.id]
				client.do(&wire.CreateQueueRequest{QueueName: name, Attributes: client.firstSettings(name)}, client.pause)
				return
			}
			client.next()
		})
	}
}

// wait goes on in d. What clients begin at one instant has a fixed order, so that it does not depend on whether they
// follow a script.
func (c *client) wait(d time.Duration, then func()) { c.world.first(c.world.now+d, 1+c.id, then) }

// next does the client's next operation.
func (c *client) next() {
	if c.world.clients.stopped {
		return
	}
	if lull := c.world.plan.lull; c.world.now >= lull.from && c.world.now < lull.until {
		c.wait(lull.until-c.world.now+c.random.spread(c.think), c.next)
		return
	}
	req := c.draw(c.decide())
	if req == nil {
		c.pause()
		return
	}
	var op *operation
	op = c.do(req, func() {
		if then := c.sequel(op); then != nil {
			c.do(then, c.pause)
			return
		}
		c.pause()
	})
}

// pause thinks and goes on.
func (c *client) pause() {
	think := c.random.spread(c.think)
	beat := c.world.plan.work.beat
	switch {
	case c.watches:
	case c.world.plan.lull.edge && (c.world.atDusk() || c.world.isWaking()):
		think /= 4
	case c.random.chance(c.world.plan.work.together):
		think = beat - c.world.now%beat
	case c.random.chance(30):
		think = 0
	}
	c.wait(think, c.next)
}

// play does the client's next step of the script that is possible, at its time or as soon as the client is free.
func (c *client) play() {
	if len(c.steps) == 0 {
		return
	}
	step := c.steps[0]
	c.steps = c.steps[1:]
	c.wait(max(0, step.At-c.world.now), func() {
		if !c.world.clients.stopped && c.perform(step, c.play) == nil {
			c.play()
		}
	})
}

// do decides how a request that the client has drawn fares and sends it.
func (c *client) do(req wire.Request, then func()) *operation {
	w := c.world
	p := c.turnTo()
	s := Step{Number: w.clients.numbers, Client: c.id, Node: p.id, Request: req}
	w.clients.numbers++
	if !p.healed {
		if c.random.perMille(w.plan.work.impatient) {
			s.Patience = c.random.duration(time.Millisecond, 1500*time.Millisecond)
		}
		for _, way := range []Loss{LoseRequest, LoseAnswer, LoseHangUp} {
			if c.random.perMille(w.plan.work.loss) {
				s.Loses |= way
			}
		}
	}
	return c.perform(s, then)
}

// turnTo draws a node to call: mostly one of the core while that is alone, and none that has ended for good once everything
// has healed. One that may be outdated gets more calls than others.
func (c *client) turnTo() *process {
	w := c.world
	if w.coreAlone && c.random.chance(80) {
		return w.processes[oneOf(c.random, w.plan.core...)-1]
	}
	if p := w.faults.outdated(); p != nil && c.random.chance(30) {
		return p
	}
	if some := w.standing(); w.faults.stopped && len(some) > 0 {
		return oneOf(c.random, some...)
	}
	return oneOf(c.random, w.cluster()...)
}

// perform sends the request of a step and calls then when the client has an answer or has given up. It returns nil if
// the request refers to nothing that is known.
func (c *client) perform(s Step, then func()) *operation {
	w := c.world
	s, req, ok := w.clients.resolve(s)
	if !ok {
		return nil
	}
	s.At = w.now
	if !w.clients.stopped {
		w.clients.script = append(w.clients.script, s)
	}
	op := &operation{
		Operation: model.Operation{
			Client: c.id, ID: s.Number, Call: int64(w.now), Return: model.Never, Request: req, Unknown: true,
		},
		step: s, hops: w.drawHops(s.Number), client: c, node: w.processes[s.Node-1],
		group: node.Route(req, w.plan.cluster.groups), then: then,
	}
	if r, ok := req.(*wire.ReceiveMessageRequest); ok {
		c.attempts[r.Name] = r.ReceiveRequestAttemptID
	}
	w.clients.history = append(w.clients.history, op)
	w.clients.open++
	w.trace.hash(kindCall, uint64(s.Node), uint64(op.ID))
	if w.trace.writing() {
		w.trace.printf(0, "client %d calls n%d, operation %d: %s", c.id, s.Node, op.ID, describeRequest(req))
	}
	w.record(Event{Kind: EventCall, Node: s.Node, Operation: op.ID})
	w.after(cmp.Or(s.Patience, w.plan.patience(req)), op.giveUp)
	if !op.loses(LoseRequest) {
		w.after(op.hops.request, op.arrive)
	}
	return op
}

// crashed breaks the connections to a node that went down.
func (c *clients) crashed(p *process) {
	calls := c.inFlight[p.id-1]
	c.inFlight[p.id-1] = nil
	for _, op := range calls {
		op.settled = true
		c.world.after(op.hops.answer, op.end)
	}
}

// learn remembers what an answer says.
func (c *client) learn(op *operation) {
	all := c.world.clients
	switch r := op.step.Request.(type) {
	case *wire.ReceiveMessageRequest:
		if op.Err != nil {
			return
		}
		all.answers[op.ID] = op.Response
		for i := range op.Response.(*wire.ReceiveMessageResponse).Messages {
			d := knownDelivery{queue: r.Name, handle: messageReference(op.ID, i+1), at: c.world.now}
			c.own = remember(c.own, d, 20)
			all.everyones = remember(all.everyones, d, 60)
		}
	case *wire.StartMessageMoveTaskRequest:
		if op.Err == nil {
			all.answers[op.ID] = op.Response
			all.tasks = remember(all.tasks, taskReference(op.ID), 10)
		}
	case *wire.DeleteMessageRequest:
		// Most clients do not delete twice.
		if c.random.chance(80) {
			c.own = slices.DeleteFunc(c.own, func(d knownDelivery) bool { return d.handle == r.ReceiptHandle })
		}
	}
}

// remember appends to a list of bounded length.
func remember[T any](list []T, d T, most int) []T {
	if len(list) == most {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, d)
}

// operations is the history for package model.
func (c *clients) operations() []model.Operation {
	var ops []model.Operation
	for _, op := range c.history {
		if !op.dropped {
			ops = append(ops, op.Operation)
		}
	}
	return ops
}
