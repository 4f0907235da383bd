package queue

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sqsd/wire"
)

// TestAMovedMessageIsInOnePlace drives two groups whose queues are each other's dead-letter queues, with queues that come
// and go, move tasks, restarts, and hand-overs whose steps are lost, repeated and late. At any time each message that was
// sent and not deleted is in exactly one place: in one queue, or on its way to one (G7).
func TestAMovedMessageIsInOnePlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwoGroups(t)
		t.Repeat(map[string]func(*rapid.T){
			"":        w.checkPlaces,
			"send":    w.send,
			"receive": w.receive,
			"again":   w.receive,
			"delete":  w.deleteMessage,
			"gone":    w.deleteQueue,
			"create":  w.create,
			"task":    w.task,
			"advance": w.advance,
			"restart": w.restart,
			"pack":    w.pack,
			"accept":  w.accept,
			"settle":  w.settle,
		})
		w.finish(t)
	})
}

// twoGroups is two machines and the commands between them that are on their way, for ever.
type twoGroups struct {
	stores   [2]*memoryStore
	machines [2]*Machine
	names    []string // of the queues
	clock    wire.Time
	entry    uint64
	sent     int
	places   map[string]int // messages that must be somewhere, by body
	handles  []heldHandle
	accepts  []*AcceptCommand
	settles  []*SettleCommand
	settler  []uint32 // the groups of settles
}

type heldHandle struct{ queue, handle, body string }

// newTwoGroups makes groups with queues of either type.
func newTwoGroups(t *rapid.T) *twoGroups {
	w := &twoGroups{places: map[string]int{}, names: []string{"a", "b", "far-a", "far-b"}}
	if rapid.Bool().Draw(t, "FIFO") {
		w.names = []string{"a.fifo", "b.fifo", "far-a.fifo", "far-b.fifo"}
	}
	for i := range w.machines {
		w.stores[i] = newMemoryStore()
		w.open(t, uint32(i))
	}
	for range w.names {
		w.create(t)
	}
	return w
}

func (w *twoGroups) open(t *rapid.T, group uint32) {
	m, err := Open(w.stores[group], Config{Account: pairAccount, Region: pairRegion, Group: group, GroupOf: scriptGroup})
	if err != nil {
		t.Fatal(err)
	}
	w.machines[group] = m
}

// apply carries out a command in a group.
func (w *twoGroups) apply(t *rapid.T, group uint32, cmd wire.Request) Result {
	w.entry++
	limits := DefaultLimits()
	limits.DeletedQueueWindow = 0
	s := Stamp{Time: w.clock, Limits: limits}
	binary.BigEndian.PutUint64(s.Seed[:], w.entry)
	m := w.machines[group]
	m.Begin(s)
	result := m.Apply(cmd, true)
	m.Flush()
	if err := m.Check(); err != nil {
		t.Fatalf("%s: %v", cmd.Action(), err)
	}
	return result
}

func (w *twoGroups) ref(t *rapid.T) wire.QueueRef {
	return wire.QueueRef{Name: rapid.SampledFrom(w.names).Draw(t, "queue")}
}

func (w *twoGroups) create(t *rapid.T) {
	name := w.ref(t).Name
	policy := redriveTo(rapid.SampledFrom(w.names).Draw(t, "target"), rapid.IntRange(1, 2).Draw(t, "receives"))
	attributes := wire.Pairs{{Name: wire.AttrRedrivePolicy, Value: policy}}
	attributes = wire.MergeAttributes(wire.DefaultAttributes(wire.IsFIFO(name)), attributes)
	result := w.apply(t, scriptGroup(name), &wire.CreateQueueRequest{QueueName: name, Attributes: attributes})
	if result.Err != nil && rapid.Bool().Draw(t, "set") {
		ref := wire.QueueRef{Name: name}
		w.apply(t, scriptGroup(name), &wire.SetQueueAttributesRequest{QueueRef: ref, Attributes: attributes})
	}
}

func (w *twoGroups) send(t *rapid.T) {
	req := &wire.SendMessageRequest{QueueRef: w.ref(t)}
	w.sent++
	req.MessageBody = strconv.Itoa(w.sent)
	if wire.IsFIFO(req.Name) {
		req.MessageDeduplicationID = req.MessageBody
		req.MessageGroupID = rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group")
	} else {
		req.DelaySeconds = wire.Int(rapid.SampledFrom([]int32{0, 0, 0, 1}).Draw(t, "delay"))
		req.MessageGroupID = rapid.SampledFrom([]string{"", "", "g", "h"}).Draw(t, "group")
	}
	if w.apply(t, scriptGroup(req.Name), req).Err == nil {
		w.places[req.MessageBody] = 1
	}
}

func (w *twoGroups) receive(t *rapid.T) {
	req := &wire.ReceiveMessageRequest{QueueRef: w.ref(t), MaxNumberOfMessages: wire.Int(10)}
	req.VisibilityTimeout = wire.Int(rapid.SampledFrom([]int32{0, 0, 1}).Draw(t, "timeout"))
	got, _ := w.apply(t, scriptGroup(req.Name), req).Response.(*wire.ReceiveMessageResponse)
	if got == nil {
		return
	}
	for i := range got.Messages {
		w.handles = append(w.handles, heldHandle{req.Name, got.Messages[i].ReceiptHandle, got.Messages[i].Body})
	}
}

// deleteMessage deletes by any handle there ever was; whether it did is seen by the counters.
func (w *twoGroups) deleteMessage(t *rapid.T) {
	if len(w.handles) == 0 {
		t.Skip("no handle")
	}
	h := rapid.SampledFrom(w.handles).Draw(t, "handle")
	before := w.stored(h.queue)
	w.apply(t, scriptGroup(h.queue), &wire.DeleteMessageRequest{
		QueueRef: wire.QueueRef{Name: h.queue}, ReceiptHandle: h.handle,
	})
	if w.stored(h.queue) < before {
		delete(w.places, h.body)
	}
}

// stored is how many messages a queue counts.
func (w *twoGroups) stored(name string) int {
	q, ok := w.machines[scriptGroup(name)].names.Get(name)
	if !ok {
		return 0
	}
	return q.stored() + q.delayed() + q.inFlight.len()
}

func (w *twoGroups) deleteQueue(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "really") > 0 {
		return
	}
	ref := w.ref(t)
	for _, body := range w.bodies(t, ref.Name) {
		delete(w.places, body)
	}
	w.apply(t, scriptGroup(ref.Name), &wire.DeleteQueueRequest{QueueRef: ref})
}

func (w *twoGroups) task(t *rapid.T) {
	source, to := w.ref(t).Name, w.ref(t).Name
	req := &wire.StartMessageMoveTaskRequest{SourceARN: wire.QueueARN(pairRegion, pairAccount, source), Source: source}
	if rapid.Bool().Draw(t, "to") && to != source {
		req.DestinationARN, req.Destination = wire.QueueARN(pairRegion, pairAccount, to), to
	}
	w.apply(t, scriptGroup(source), req)
}

func (w *twoGroups) advance(t *rapid.T) {
	w.clock += wire.Time(rapid.IntRange(0, 700).Draw(t, "ms"))
	w.apply(t, 0, &TickCommand{})
	w.apply(t, 1, &TickCommand{})
}

func (w *twoGroups) restart(t *rapid.T) { w.open(t, uint32(rapid.IntRange(0, 1).Draw(t, "group"))) }

func (w *twoGroups) pack(t *rapid.T) {
	group := uint32(rapid.IntRange(0, 1).Draw(t, "group"))
	most := rapid.SampledFrom([]int{1, 1 << 20}).Draw(t, "bytes")
	if cmd := w.machines[group].Handover(1-group, most); cmd != nil {
		w.accepts = append(w.accepts, cmd)
	}
}

// accept carries out any command that was ever made, and keeps the answer.
func (w *twoGroups) accept(t *rapid.T) {
	if len(w.accepts) == 0 {
		t.Skip("nothing is on its way")
	}
	cmd := w.accepts[len(w.accepts)-1]
	if rapid.Bool().Draw(t, "old") {
		cmd = rapid.SampledFrom(w.accepts).Draw(t, "command")
	}
	answer := w.apply(t, cmd.To, cmd).Response.(*AcceptResponse)
	w.settles = append(w.settles, &SettleCommand{To: cmd.To, First: answer.First, Outcomes: answer.Outcomes})
	w.settler = append(w.settler, cmd.From)
}

// settle carries out any answer that ever came.
func (w *twoGroups) settle(t *rapid.T) {
	if len(w.settles) == 0 {
		t.Skip("no answer")
	}
	i := len(w.settles) - 1
	if rapid.Bool().Draw(t, "old") {
		i = rapid.IntRange(0, i).Draw(t, "answer")
	}
	w.forgetLost(w.settler[i], w.settles[i])
	w.apply(t, w.settler[i], w.settles[i])
}

// forgetLost forgets the messages that were refused and whose queue is gone: they go with it.
func (w *twoGroups) forgetLost(group uint32, cmd *SettleCommand) {
	for i, outcome := range cmd.Outcomes {
		value, err := w.stores[group].Get(outgoingKey(nil, cmd.To, cmd.First+uint64(i)))
		if err != nil || outcome == Accepted {
			continue // settled before, or arrived
		}
		if o, _ := parseOutgoing(value); w.machines[group].queues[o.origin] == nil {
			delete(w.places, o.record.body)
		}
	}
}

// bodies reads the messages of a queue from the store.
func (w *twoGroups) bodies(t *rapid.T, name string) (bodies []string) {
	group := scriptGroup(name)
	id, ok := w.machines[group].Lookup(name)
	if !ok {
		return nil
	}
	for _, class := range []byte{classMessage, classDelayed} {
		err := w.stores[group].Scan(queueKey(nil, class, id), queueKey(nil, class, id+1), func(_, value []byte) bool {
			record, err := parseMessage(value)
			if err != nil {
				t.Fatal(err)
			}
			bodies = append(bodies, record.body)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return bodies
}

// underway reads the messages in a group's outbox that the other group has not accepted.
func (w *twoGroups) underway(t *rapid.T, group uint32) (bodies []string) {
	to := 1 - group
	var inbox inbox
	if value, err := w.stores[to].Get(inboxKey(nil, group)); err == nil {
		inbox, _ = parseInbox(inboxKey(nil, group), value)
	}
	for _, b := range w.machines[group].post.boxes {
		for n := b.first; n < b.next; n++ {
			if n < inbox.next() && inbox.outcomes[n-inbox.first] == Accepted {
				continue
			}
			value, err := w.stores[group].Get(outgoingKey(nil, to, n))
			if err != nil {
				t.Fatal(err)
			}
			o, _ := parseOutgoing(value)
			bodies = append(bodies, o.record.body)
		}
	}
	return bodies
}

func (w *twoGroups) checkPlaces(t *rapid.T) {
	found := map[string]int{}
	count := func(bodies []string) {
		for _, body := range bodies {
			found[body]++
		}
	}
	for _, name := range w.names {
		bodies := w.bodies(t, name)
		if len(bodies) != w.stored(name) {
			t.Fatalf("queue %s counts %d messages, and has %v", name, w.stored(name), bodies)
		}
		count(bodies)
	}
	count(w.underway(t, 0))
	count(w.underway(t, 1))
	if fmt.Sprint(found) != fmt.Sprint(w.places) {
		t.Fatalf("messages are in so many places: %v, should be %v", found, w.places)
	}
}

// finish lets everything arrive: then nothing is on its way, and all is still there.
func (w *twoGroups) finish(t *rapid.T) {
	for range 1000 {
		w.clock += 100
		moves := 0
		for group := range uint32(2) {
			w.apply(t, group, &TickCommand{})
			if cmd := w.machines[group].Handover(1-group, 1<<20); cmd != nil {
				moves++
				answer := w.apply(t, cmd.To, cmd).Response.(*AcceptResponse)
				settle := &SettleCommand{To: cmd.To, First: answer.First, Outcomes: answer.Outcomes}
				w.forgetLost(group, settle)
				w.apply(t, group, settle)
			}
			if _, busy := w.machines[group].NextUrgent(); busy {
				moves++
			}
		}
		w.checkPlaces(t)
		if moves == 0 {
			return
		}
	}
	t.Fatal("something is still on its way")
}
