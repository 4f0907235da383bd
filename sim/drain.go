package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sqsd/model"
	"sqsd/wire"
)

// recovery is the time within which a healed cluster answers everything (G10): elections, which take a few timeouts
// of at most two seconds each when votes split, and the catching up of nodes that were down.
const recovery = 15 * time.Second

// emptying is the time within which all queues can be drained: the longest delay or timeout that clients set, and
// enough to receive what was stored.
const emptying = (longer + 60) * time.Second

// drain receives and deletes everything until all queues stay empty. From here on every call must be answered.
func (w *World) drain() {
	if !w.until(w.now+recovery, w.led) {
		w.violate(model.Live, "", "a group has no leader %v after everything healed", recovery)
	}
	w.recovered = w.now
	w.converge() // while there is something in the queues
	var drainers []*drainer
	for i, name := range w.plan.work.queues {
		d := &drainer{client: newClient(w, len(w.clients.all)+i), queue: name}
		drainers = append(drainers, d)
		d.stopMoves()
	}
	w.empty(drainers)
	// What was on its way between queues when its source was empty has arrived by now.
	w.until(w.now+recovery, nil)
	for _, d := range drainers {
		d.empty = false
		d.look()
	}
	w.empty(drainers)
	w.drained = w.now
}

// empty waits until all queues have been emptied.
func (w *World) empty(drainers []*drainer) {
	ok := w.until(w.now+emptying, func() bool {
		return !slices.ContainsFunc(drainers, func(d *drainer) bool { return !d.empty })
	})
	if ok {
		return
	}
	for _, d := range drainers {
		if !d.empty {
			w.violate(model.Live, d.queue, "the queue cannot be emptied within %v; its counters are %s", emptying, d.counters)
		}
	}
}

// led says whether every group has a leader that serves.
func (w *World) led() bool {
	for g := range w.plan.cluster.groups {
		found := false
		for _, p := range w.processes {
			found = found || w.leads(p, g)
		}
		if !found {
			return false
		}
	}
	return true
}

// leads says whether a node leads a group and serves.
func (w *World) leads(p *process, group int) bool {
	return p.alive && p.members[group].replica.Status().Leading
}

// drainer empties one queue.
type drainer struct {
	client   *client
	queue    string
	counters string
	empty    bool
}

func (d *drainer) ref() wire.QueueRef { return wire.QueueRef{QueueURL: d.queue, Name: d.queue} }

// smallPending is a bound on pending commands that a few batches reach.
const smallPending = 1 << 16

// excused says that a call need not be answered: leadership is being handed to the preferred node just then, or so few
// commands may be pending that those of other clients are too many.
func (w *World) excused(op *operation) bool {
	return w.observer.electedSince(op.Call) || op.left && w.plan.cluster.maxPending < smallPending
}

// call makes a request that must be answered. It is tried again if it is excused.
func (d *drainer) call(req wire.Request, then func(op *operation)) {
	var op *operation
	op = d.client.do(req, func() {
		if op.Unknown && d.client.world.excused(op) {
			d.client.world.after(300*time.Millisecond, func() { d.call(req, then) })
			return
		}
		if op.Unknown {
			d.client.world.violate(model.Live, d.queue, "operation %d gets no answer in a healthy cluster: %s", op.ID,
				describeRequest(req))
		}
		then(op)
	})
}

// stopMoves takes the redrive policy from the queue, so that messages do not go in circles, and goes on.
func (d *drainer) stopMoves() {
	none := wire.Pairs{{Name: wire.AttrRedrivePolicy}}
	d.call(&wire.SetQueueAttributesRequest{QueueRef: d.ref(), Attributes: none}, func(*operation) { d.look() })
}

// look reads the counters and goes on as they say.
func (d *drainer) look() {
	d.call(&wire.GetQueueAttributesRequest{QueueRef: d.ref(), AttributeNames: []string{"All"}}, func(op *operation) {
		if op.Err != nil && op.Err.Code == wire.QueueDoesNotExist {
			d.empty = true
			return
		}
		if op.Err != nil {
			d.client.world.violate(model.Linearizable, d.queue, "GetQueueAttributes of a queue is refused: %v", op.Err)
		}
		d.empty, d.counters = true, ""
		for _, p := range op.Response.(*wire.GetQueueAttributesResponse).Attributes {
			if strings.HasPrefix(p.Name, "ApproximateNumberOf") {
				d.counters += p.Name + "=" + p.Value + " "
				d.empty = d.empty && p.Value == "0"
			}
		}
		if !d.empty {
			d.receive()
		}
	})
}

// receive takes ten messages and deletes them, or waits a little if there are none.
func (d *drainer) receive() {
	w := d.client.world
	req := &wire.ReceiveMessageRequest{
		QueueRef: d.ref(), MaxNumberOfMessages: wire.Int(10), VisibilityTimeout: wire.Int(30), WaitTimeSeconds: wire.Int(0),
	}
	d.call(req, func(op *operation) {
		if op.Err != nil || len(op.Response.(*wire.ReceiveMessageResponse).Messages) == 0 {
			w.after(300*time.Millisecond, d.look)
			return
		}
		del := &wire.DeleteMessageBatchRequest{QueueRef: d.ref()}
		for i, m := range op.Response.(*wire.ReceiveMessageResponse).Messages {
			del.Entries = append(del.Entries, wire.DeleteMessageBatchEntry{ID: fmt.Sprintf("d%d", i), ReceiptHandle: m.ReceiptHandle})
		}
		d.call(del, func(*operation) { d.receive() })
	})
}
