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
	history   []*operation
	inFlight  [][]*operation // by node: handed to a replica of its current boot and not answered
	everyones []knownDelivery
	toGroups  []wire.Outgoing // latest messages to FIFO queues
	tasks     []string        // handles of the latest move tasks
	stopped   bool            // no new operations
}

// client does one operation at a time.
type client struct {
	world   *World
	id      int
	random  random
	weights []int
	think   time.Duration
	sent    int
	own     []knownDelivery
	// attempts are the receive attempt ids of its latest receives, by queue.
	attempts map[string]string
}

// operation is a client's call on its way. The node that got it does not share memory with the client.
type operation struct {
	model.Operation
	client  *client
	node    *process
	boot    uint64
	group   node.GroupID
	call    *node.Call
	dropped bool          // certainly never happened
	ended   bool          // the client has an answer or has given up
	settled bool          // answered by the node, or gone with it
	left    bool          // answered by the node with ServiceUnavailable: nobody has what the call may yet take
	refused time.Duration // when that was, if the client still waited; 0 else
	then    func()
}

func newClients(w *World) *clients {
	c := &clients{world: w, inFlight: make([][]*operation, w.plan.cluster.nodes)}
	for id := range w.plan.work.clients {
		c.all = append(c.all, newClient(w, id))
	}
	return c
}

func newClient(w *World, id int) *client {
	c := &client{world: w, id: id, random: newRandom(w.plan.Seed, fmt.Sprintf("client %d", id)), attempts: map[string]string{}}
	c.weights = slices.Clone(w.plan.work.weights)
	c.think = w.plan.work.think
	switch id % 4 {
	case 0: // a producer
		c.weights[actSend] *= 3
		c.weights[actSendBatch] *= 3
	case 1: // a consumer
		c.weights[actReceive] *= 3
		c.weights[actPoll] *= 3
		c.weights[actDelete] *= 3
	}
	return c
}

// start lets all clients go; the first ones create the queues.
func (c *clients) start() {
	for _, client := range c.all {
		c.world.after(client.random.spread(client.think), func() {
			if names := c.world.plan.work.queues; client.id < len(names) {
				name := names[client.id]
				client.do(&wire.CreateQueueRequest{QueueName: name, Attributes: client.firstSettings(name)}, client.pause)
				return
			}
			client.next()
		})
	}
}

// next does the client's next operation.
func (c *client) next() {
	if c.world.clients.stopped {
		return
	}
	if lull := c.world.plan.lull; c.world.now >= lull.from && c.world.now < lull.until {
		c.world.after(lull.until-c.world.now+c.random.spread(c.think), c.next)
		return
	}
	req := c.draw(action(c.random.pick(c.weights)))
	if req == nil {
		c.pause()
		return
	}
	c.do(req, c.pause)
}

// pause thinks and goes on.
func (c *client) pause() {
	think := c.random.spread(c.think)
	beat := c.world.plan.work.beat
	switch {
	case c.random.chance(c.world.plan.work.together):
		think = beat - c.world.now%beat
	case c.random.chance(30):
		think = 0
	}
	c.world.after(think, c.next)
}

// do sends a request to a random node and calls then when the client has an answer or has given up.
func (c *client) do(req wire.Request, then func()) *operation {
	w := c.world
	p := w.processes[c.random.IntN(len(w.processes))]
	op := &operation{
		Operation: model.Operation{
			Client: c.id, ID: len(w.clients.history), Call: int64(w.now), Return: model.Never, Request: req, Unknown: true,
		},
		client: c, node: p, group: node.Route(req, w.plan.cluster.groups), then: then,
	}
	if r, ok := req.(*wire.ReceiveMessageRequest); ok {
		r.ReceiveRequestAttemptID = cmp.Or(r.ReceiveRequestAttemptID, attemptID(op.ID))
		c.attempts[r.Name] = r.ReceiveRequestAttemptID
	}
	w.clients.history = append(w.clients.history, op)
	w.trace.hash(kindCall, uint64(p.id), uint64(op.ID))
	if w.trace.writing() {
		w.trace.printf(0, "client %d calls n%d, operation %d: %s", c.id, p.id, op.ID, describeRequest(req))
	}
	w.record(Event{Kind: EventCall, Node: p.id, Operation: op.ID})
	w.after(c.patience(req), op.giveUp)
	if !c.lost() {
		w.after(c.hop(), op.arrive)
	}
	return op
}

// hop is the way between client and node.
func (c *client) hop() time.Duration {
	return 50*time.Microsecond + c.random.spread(c.world.plan.work.hop)
}

// lost says whether the network swallows what the client sends or should get.
func (c *client) lost() bool { return !c.world.healed && c.random.perMille(c.world.plan.work.loss) }

// patience is how long the client waits for an answer.
func (c *client) patience(req wire.Request) time.Duration {
	if !c.world.healed && c.random.perMille(c.world.plan.work.impatient) {
		return c.random.duration(time.Millisecond, 1500*time.Millisecond)
	}
	return c.world.plan.patience(req)
}

// arrive hands the call to the node.
func (op *operation) arrive() {
	p, w := op.node, op.client.world
	if !p.alive {
		// Refused: the client knows that nothing happened, and the history is without the operation.
		op.dropped = true
		w.after(op.client.hop(), op.end)
		return
	}
	op.boot = p.boot
	op.call = &node.Call{Request: op.Request, Done: op.done}
	w.clients.inFlight[p.id-1] = append(w.clients.inFlight[p.id-1], op)
	boot := p.boot
	p.event(int(op.group), func() {
		if p.boot == boot {
			p.members[op.group].replica.Submit(op.call)
		}
	})
	if op.ended && !op.client.lost() {
		w.after(op.client.hop(), op.cancel)
	}
}

// done is called by the replica.
func (op *operation) done(result node.Result) {
	c, w := op.client, op.client.world
	if op.settled {
		w.violate(model.Linearizable, queueOf(op.Request), "operation %d is answered twice", op.ID)
	}
	op.settle()
	op.left = result.Err != nil && result.Err.Code == wire.ServiceUnavailable
	if op.left && !op.ended {
		op.refused = w.now
	}
	w.record(Event{Kind: EventAnswer, Node: op.node.id, Operation: op.ID, Text: refusal(result.Err)})
	w.trace.hash(kindAnswer, uint64(op.node.id), digestAnswer(result.Response, result.Err)^uint64(op.ID))
	if w.trace.writing() {
		w.trace.printf(uint64(op.node.id), "answers operation %d at %d/%d.%d: %s", op.ID, result.At.Group,
			result.At.Index, result.At.Sub, describe(op.Request, result.Response, result.Err))
	}
	if c.lost() {
		return
	}
	w.after(c.hop(), func() { op.answer(result) })
}

// settle takes the call off its node's list.
func (op *operation) settle() {
	op.settled = true
	calls := op.client.world.clients.inFlight[op.node.id-1]
	if i := slices.Index(calls, op); i >= 0 {
		op.client.world.clients.inFlight[op.node.id-1] = slices.Delete(calls, i, i+1)
	}
}

// answer reaches the client.
func (op *operation) answer(result node.Result) {
	if op.ended {
		return
	}
	w := op.client.world
	if result.Err == nil || result.Err.Code != wire.ServiceUnavailable {
		op.Unknown = false
		op.Return = int64(w.now)
		op.Response, op.Err = result.Response, result.Err
		if result.At != (node.Position{}) {
			at := witnessOf(result.At)
			op.At = &at
		}
		op.client.learn(op)
		w.markAnswer(op)
	}
	op.end()
}

// giveUp is the client's timeout: it hangs up, and its node may notice.
func (op *operation) giveUp() {
	if op.ended {
		return
	}
	c, w := op.client, op.client.world
	w.trace.printf(0, "client %d gives up operation %d", c.id, op.ID)
	if op.call != nil && !op.settled && !c.lost() {
		w.after(c.hop(), op.cancel)
	}
	op.end()
}

// cancel tells the node that the client has gone.
func (op *operation) cancel() {
	p := op.node
	if op.settled || !p.alive || p.boot != op.boot {
		return
	}
	p.event(int(op.group), func() {
		if p.boot == op.boot && !op.settled {
			p.members[op.group].replica.Cancel(op.call)
		}
	})
}

// end lets the client go on.
func (op *operation) end() {
	if op.ended {
		return
	}
	op.ended = true
	op.client.world.record(Event{Kind: EventEnd, Node: op.node.id, Operation: op.ID})
	if op.then != nil {
		op.then()
	}
}

// crashed breaks the connections to a node that went down.
func (c *clients) crashed(p *process) {
	calls := c.inFlight[p.id-1]
	c.inFlight[p.id-1] = nil
	for _, op := range calls {
		op.settled = true
		c.world.after(op.client.hop(), op.end)
	}
}

// learn remembers what an answer says.
func (c *client) learn(op *operation) {
	c.learnTasks(op.Response)
	switch r := op.Request.(type) {
	case *wire.ReceiveMessageRequest:
		if op.Err != nil {
			return
		}
		for _, m := range op.Response.(*wire.ReceiveMessageResponse).Messages {
			d := knownDelivery{queue: r.Name, handle: m.ReceiptHandle, at: c.world.now}
			c.own = remember(c.own, d, 20)
			c.world.clients.everyones = remember(c.world.clients.everyones, d, 60)
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
