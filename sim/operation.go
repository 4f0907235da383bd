package sim

import (
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/wire"
)

// operation is a client's call on its way. The node that got it does not share memory with the client.
type operation struct {
	model.Operation
	step    Step
	hops    hops
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

// hops are how long what belongs to one operation travels between client and node.
type hops struct{ request, answer, hangUp time.Duration }

// drawHops draws from a stream of the operation's own: others may come or go without changing it.
func (w *World) drawHops(operation int) hops {
	r := newNumberedRandom(w.plan.environment(), "hops", operation)
	hop := func() time.Duration { return 50*time.Microsecond + r.spread(w.plan.work.hop) }
	return hops{request: hop(), answer: hop(), hangUp: hop()}
}

// loses says whether what travels a way now is lost.
func (op *operation) loses(way Loss) bool { return !op.node.healed && op.step.Loses&way != 0 }

// arrive hands the call to the node.
func (op *operation) arrive() {
	p, w := op.node, op.client.world
	if !p.alive {
		// Refused: the client knows that nothing happened, and the history is without the operation.
		op.dropped = true
		w.after(op.hops.answer, op.end)
		return
	}
	w.faults.called(op)
	op.boot = p.boot
	op.call = &node.Call{Request: op.Request, Done: op.done}
	w.clients.inFlight[p.id-1] = append(w.clients.inFlight[p.id-1], op)
	boot := p.boot
	p.event(int(op.group), func() {
		if p.boot == boot {
			p.members[op.group].replica.Submit(op.call)
		}
	})
	if op.ended && !op.loses(LoseHangUp) {
		w.after(op.hops.hangUp, op.cancel)
	}
}

// done is called by the replica.
func (op *operation) done(result node.Result) {
	w := op.client.world
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
	if op.loses(LoseAnswer) {
		return
	}
	w.after(op.hops.answer, func() { op.answer(result) })
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
	w := op.client.world
	w.trace.printf(0, "client %d gives up operation %d", op.Client, op.ID)
	if op.call != nil && !op.settled && !op.loses(LoseHangUp) {
		w.after(op.hops.hangUp, op.cancel)
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
	op.client.world.clients.open--
	op.client.world.record(Event{Kind: EventEnd, Node: op.node.id, Operation: op.ID})
	if op.then != nil {
		op.then()
	}
}
