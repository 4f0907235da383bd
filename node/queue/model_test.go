package queue

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sqsd/model"
	"sqsd/wire"
)

// TestMain makes rapid look longer than it does by itself. Flags on the command line win.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.checks": "300", "rapid.steps": "100"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestMachineFollowsTheSpecification drives a machine with random commands, small limits and restarts. Every answer
// and all counters must be what package model says. A second machine that nobody waits for, and that restarts at other
// times, must write the same bytes.
func TestMachineFollowsTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newPair(t, "a", "b", "ab").run(t)
	})
}

// TestFIFOFollowsTheSpecification is the same with FIFO queues.
func TestFIFOFollowsTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newPair(t, "a.fifo", "b.fifo").run(t)
	})
}

func (p *pair) run(t *rapid.T) {
	t.Repeat(map[string]func(*rapid.T){
		"":             p.checkCounters,
		"round":        p.round,
		"advance":      p.advance,
		"create":       p.create,
		"set":          p.set,
		"delete queue": p.deleteQueue,
		"purge":        p.purge,
		"send":         p.send,
		"send batch":   p.sendBatch,
		"send many":    p.sendMany,
		"receive":      p.receive,
		"receive more": p.receive,
		"delete":       p.delete,
		"delete batch": p.deleteBatch,
		"change":       p.change,
		"change batch": p.changeBatch,
		"release":      p.release,
		"list":         p.list,
	})
	p.round(t)
}

// pair is the machine under test, its silent twin, and the specification.
type pair struct {
	config  Config
	limits  Limits
	queues  []string // names
	stores  [2]*memoryStore
	both    [2]*Machine // the second one is the twin
	spec    *model.Spec
	clock   wire.Time
	entry   uint64
	begun   bool
	sent    int
	handles []string
}

const pairAccount, pairRegion = "1", "here"

func newPair(t *rapid.T, queues ...string) *pair {
	p := &pair{config: Config{Account: pairAccount, Region: pairRegion}, queues: queues}
	p.limits = Limits{
		DeletedQueueWindow: rapid.Int64Range(0, 1).Draw(t, "deleted") * 5000,
		PurgeWindow:        rapid.Int64Range(0, 1).Draw(t, "purge") * 5000,
		MaxInFlight:        rapid.SampledFrom([]int{1, 2, 3, 5, 8, 1000}).Draw(t, "in flight"),
		DueBatch:           rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "due"),
	}
	p.spec = model.NewSpec(model.Config{
		Account: p.config.Account, Region: p.config.Region, MaxInFlight: p.limits.MaxInFlight,
		DeletedQueueWindow: p.limits.DeletedQueueWindow, PurgeWindow: p.limits.PurgeWindow,
	})
	for i := range p.both {
		p.stores[i] = newMemoryStore()
		p.open(t, i)
	}
	return p
}

func (p *pair) open(t *rapid.T, i int) {
	m, err := Open(p.stores[i], p.config)
	if err != nil {
		t.Fatal(err)
	}
	p.both[i] = m
}

// round ends a round, compares the stores, and may restart either machine.
func (p *pair) round(t *rapid.T) {
	p.begin(t)
	for i, m := range p.both {
		m.Flush()
		if err := m.Check(); err != nil {
			t.Fatalf("machine %d: %v", i, err)
		}
		if rapid.Bool().Draw(t, "restart") {
			p.open(t, i)
		}
	}
	if p.stores[0].hash() != p.stores[1].hash() {
		t.Fatal("the stores differ")
	}
	p.begun = false
}

// begin starts an entry now and then, and always at the start of a round.
func (p *pair) begin(t *rapid.T) {
	if p.begun && rapid.Bool().Draw(t, "same entry") {
		return
	}
	p.begun = true
	p.entry++
	s := Stamp{Time: p.clock, Limits: p.limits}
	binary.BigEndian.PutUint64(s.Seed[:], p.entry)
	for _, m := range p.both {
		m.Begin(s)
	}
	p.step(t, &model.Tick{}, Result{})
}

// apply carries out a command in both machines and in the specification.
func (p *pair) apply(t *rapid.T, cmd wire.Request) Result {
	p.begin(t)
	return p.carryOut(t, cmd)
}

func (p *pair) carryOut(t *rapid.T, cmd wire.Request) Result {
	decoded, err := DecodeCommand(AppendCommand(nil, cmd))
	if err != nil {
		t.Fatal(err)
	}
	result := p.both[0].Apply(decoded, true)
	p.both[1].Apply(decoded, false)
	p.step(t, cmd, result)
	back, err := DecodeResult(AppendResult(nil, result))
	if err != nil || fmt.Sprint(back.Response, back.Err) != fmt.Sprint(result.Response, result.Err) {
		t.Fatalf("result %v, %v becomes %v, %v; %v", result.Response, result.Err, back.Response, back.Err, err)
	}
	return result
}

func (p *pair) read(t *rapid.T, req wire.Request) { p.step(t, req, p.both[0].Read(req)) }

func (p *pair) step(t *rapid.T, req wire.Request, result Result) {
	for _, m := range p.both {
		if m.Err() != nil {
			t.Fatal(m.Err())
		}
	}
	if r, ok := req.(*ReleaseCommand); ok {
		req = &model.Release{QueueName: r.QueueName, Handles: r.Handles}
	}
	if err := p.spec.Step(p.both[0].Now(), req, result.Response, result.Err); err != nil {
		t.Fatalf("%s: %v", req.Action(), err)
	}
}

// checkCounters compares the attributes of all queues, and what the smaller reads say.
func (p *pair) checkCounters(t *rapid.T) {
	m := p.both[0]
	for _, name := range p.queues {
		p.read(t, &wire.GetQueueAttributesRequest{QueueRef: wire.QueueRef{Name: name}})
		p.read(t, &wire.GetQueueURLRequest{QueueName: name})
		id, found := m.Lookup(name)
		counts, exists := p.spec.Counts(name)
		if found != exists {
			t.Fatalf("Lookup(%s) = %t", name, found)
		}
		most := max(0, min(counts.Visible, p.limits.MaxInFlight-counts.InFlight))
		if m.Visible(id) > most || m.Visible(id) < most && !wire.IsFIFO(name) {
			t.Fatalf("Visible(%s) = %d, want %d", name, m.Visible(id), most)
		}
	}
}

// advance lets time pass: a little, or to just about the next thing that happens.
func (p *pair) advance(t *rapid.T) {
	p.clock += wire.Time(rapid.IntRange(0, 3000).Draw(t, "ms"))
	if due, ok := p.both[0].NextDue(); ok && rapid.Bool().Draw(t, "to due") {
		p.clock = max(p.clock, due+wire.Time(rapid.IntRange(-1, 1).Draw(t, "beside")))
	}
	if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
		p.clock += 50_000
	}
}

func (p *pair) queueRef(t *rapid.T) wire.QueueRef {
	return wire.QueueRef{Name: rapid.SampledFrom(p.queues).Draw(t, "queue")}
}

func someAttributes(t *rapid.T, fifo bool) (pairs wire.Pairs) {
	values := map[string][]string{
		wire.AttrDelaySeconds:           {"0", "1", "2"},
		wire.AttrVisibilityTimeout:      {"0", "1", "5"},
		wire.AttrMessageRetentionPeriod: {"60", "61", "100", "1209600"},
		wire.AttrReceiveMessageWaitTime: {"0", "20"},
		wire.AttrMaximumMessageSize:     {"1024", "1048576"},
		wire.AttrRedrivePolicy: {redriveTo("a", 1), redriveTo("b", 1), redriveTo("b", 2), redriveTo("none", 1),
			redriveTo("none.fifo", 1)},
	}
	for _, name := range []string{wire.AttrDelaySeconds, wire.AttrMaximumMessageSize, wire.AttrMessageRetentionPeriod,
		wire.AttrReceiveMessageWaitTime, wire.AttrRedrivePolicy, wire.AttrVisibilityTimeout} {
		if rapid.Bool().Draw(t, name) {
			pairs = pairs.With(name, rapid.SampledFrom(values[name]).Draw(t, "value"))
		}
	}
	if fifo {
		pairs = someFIFOAttributes(t, pairs)
	}
	return pairs
}

func redriveTo(target string, receives int) string {
	return wire.RedrivePolicy{
		TargetARN: wire.QueueARN(pairRegion, pairAccount, target), MaxReceiveCount: receives,
	}.String()
}

func (p *pair) create(t *rapid.T) {
	name := p.queueRef(t).Name
	attributes := someAttributes(t, wire.IsFIFO(name))
	if wire.IsFIFO(name) {
		attributes = attributes.With(wire.AttrFIFOQueue, "true")
		if wire.CheckAttributes(attributes) != nil {
			return // validation refuses it
		}
	}
	p.apply(t, &wire.CreateQueueRequest{QueueName: name, Attributes: attributes})
}

func (p *pair) set(t *rapid.T) {
	ref := p.queueRef(t)
	p.apply(t, &wire.SetQueueAttributesRequest{QueueRef: ref, Attributes: someAttributes(t, wire.IsFIFO(ref.Name))})
}

func (p *pair) deleteQueue(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") == 0 {
		p.apply(t, &wire.DeleteQueueRequest{QueueRef: p.queueRef(t)})
	}
}

func (p *pair) purge(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") == 0 {
		p.apply(t, &wire.PurgeQueueRequest{QueueRef: p.queueRef(t)})
	}
}

func (p *pair) outgoing(t *rapid.T, queue string) wire.Outgoing {
	p.sent++
	o := wire.Outgoing{MessageBody: "body " + strconv.Itoa(p.sent)}
	if rapid.Bool().Draw(t, "own delay") {
		o.DelaySeconds = wire.Int(rapid.SampledFrom([]int32{0, 0, 1, 3, 59, 60, 900}).Draw(t, "delay"))
	}
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		o.MessageBody += strings.Repeat("x", 1024)
	case 1:
		o.MessageGroupID, o.SenderID = rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group"), "me"
		o.MessageAttributes = wire.MessageAttributes{
			{Name: "A", DataType: "Binary", BinaryValue: []byte{1, 2}}, {Name: "B", DataType: "String", StringValue: "v"},
		}
		o.MessageSystemAttributes = wire.MessageAttributes{{Name: "AWSTraceHeader", DataType: "String", StringValue: "Root=1"}}
	}
	if wire.IsFIFO(queue) {
		p.intoGroup(t, &o)
	}
	return o
}

func (p *pair) send(t *rapid.T) {
	ref := p.queueRef(t)
	p.apply(t, &wire.SendMessageRequest{QueueRef: ref, Outgoing: p.outgoing(t, ref.Name)})
}

func (p *pair) sendBatch(t *rapid.T) {
	req := &wire.SendMessageBatchRequest{QueueRef: p.queueRef(t)}
	for i := range rapid.IntRange(1, 10).Draw(t, "entries") {
		req.Entries = append(req.Entries, wire.SendMessageBatchEntry{ID: strconv.Itoa(i), Outgoing: p.outgoing(t, req.Name)})
		if rapid.IntRange(0, 5).Draw(t, "bad") == 0 {
			req.Entries[i].Err = wire.Missing("MessageBody")
		}
	}
	p.apply(t, req)
}

// sendMany sends more than fits into a head, at one time or at many, with a delay or without.
func (p *pair) sendMany(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
		return
	}
	ref := p.queueRef(t)
	step := wire.Time(rapid.IntRange(0, 1).Draw(t, "step"))
	delays := rapid.SampledFrom([][]int32{{0}, {900, 1, 61}, {3, 0}}).Draw(t, "delays")
	groups := manyGroups(t)
	for i := range headSize + headSize/2 {
		p.clock += step
		p.entry++
		for _, m := range p.both {
			s := Stamp{Time: p.clock, Limits: p.limits}
			binary.BigEndian.PutUint64(s.Seed[:], p.entry)
			m.Begin(s)
		}
		p.begun = true
		p.sent++
		req := &wire.SendMessageRequest{QueueRef: ref}
		req.MessageBody = "body " + strconv.Itoa(p.sent)
		if wire.IsFIFO(ref.Name) {
			req.MessageGroupID, req.MessageDeduplicationID = groups[i%len(groups)], req.MessageBody
		} else {
			req.DelaySeconds = wire.Int(delays[i%len(delays)])
		}
		result := p.both[0].Apply(req, true)
		p.both[1].Apply(req, false)
		p.step(t, req, result)
	}
}

func (p *pair) receive(t *rapid.T) {
	req := &wire.ReceiveMessageRequest{QueueRef: p.queueRef(t)}
	if rapid.Bool().Draw(t, "several") {
		req.MaxNumberOfMessages = wire.Int(rapid.Int32Range(1, 10).Draw(t, "max"))
	}
	if rapid.Bool().Draw(t, "own timeout") {
		req.VisibilityTimeout = wire.Int(rapid.SampledFrom([]int32{0, 1, 2, 60, 43200}).Draw(t, "timeout"))
	}
	if rapid.Bool().Draw(t, "own wait") {
		req.WaitTimeSeconds = wire.Int(rapid.Int32Range(0, 1).Draw(t, "wait"))
	}
	if wire.IsFIFO(req.Name) {
		req.ReceiveRequestAttemptID = rapid.SampledFrom([]string{"", "", "", "x", "y"}).Draw(t, "attempt")
	}
	p.begin(t)
	prospect, exact := p.prospect(req)
	result := p.carryOut(t, req)
	if got, ok := result.Response.(*wire.ReceiveMessageResponse); ok {
		if n := len(got.Messages); exact && n != prospect {
			t.Fatalf("received %d where %d could be", n, prospect)
		}
		for i := range got.Messages {
			p.handles = append(p.handles, got.Messages[i].ReceiptHandle)
		}
	}
}

// handle is one of the last handles, one of any age, or nonsense.
func (p *pair) handle(t *rapid.T) string {
	n := len(p.handles)
	if n == 0 || rapid.IntRange(0, 19).Draw(t, "bad") == 0 {
		return "nonsense"
	}
	if rapid.Bool().Draw(t, "recent") {
		return p.handles[rapid.IntRange(max(0, n-5), n-1).Draw(t, "handle")]
	}
	return p.handles[rapid.IntRange(0, n-1).Draw(t, "handle")]
}

func timeout(t *rapid.T) wire.OptInt {
	return wire.Int(rapid.SampledFrom([]int32{0, 1, 3, 100, 43190, 43200}).Draw(t, "timeout"))
}

func (p *pair) delete(t *rapid.T) {
	p.apply(t, &wire.DeleteMessageRequest{QueueRef: p.queueRef(t), ReceiptHandle: p.handle(t)})
}

func (p *pair) deleteBatch(t *rapid.T) {
	req := &wire.DeleteMessageBatchRequest{QueueRef: p.queueRef(t)}
	for i := range rapid.IntRange(1, 10).Draw(t, "entries") {
		req.Entries = append(req.Entries, wire.DeleteMessageBatchEntry{ID: strconv.Itoa(i), ReceiptHandle: p.handle(t)})
	}
	p.apply(t, req)
}

func (p *pair) change(t *rapid.T) {
	p.apply(t, &wire.ChangeMessageVisibilityRequest{
		QueueRef: p.queueRef(t), ReceiptHandle: p.handle(t), VisibilityTimeout: timeout(t),
	})
}

func (p *pair) changeBatch(t *rapid.T) {
	req := &wire.ChangeMessageVisibilityBatchRequest{QueueRef: p.queueRef(t)}
	for i := range rapid.IntRange(1, 10).Draw(t, "entries") {
		req.Entries = append(req.Entries, wire.ChangeMessageVisibilityBatchEntry{
			ID: strconv.Itoa(i), ReceiptHandle: p.handle(t), VisibilityTimeout: timeout(t),
		})
	}
	p.apply(t, req)
}

func (p *pair) release(t *rapid.T) {
	p.apply(t, &ReleaseCommand{QueueName: p.queueRef(t).Name, Handles: []string{p.handle(t), p.handle(t)}})
}

func (p *pair) list(t *rapid.T) {
	req := &wire.ListQueuesRequest{
		QueueNamePrefix: rapid.SampledFrom([]string{"", "a", "b", "abc"}).Draw(t, "prefix"),
		After:           rapid.SampledFrom([]string{"", "a", "aa", "b"}).Draw(t, "after"),
	}
	if rapid.Bool().Draw(t, "paged") {
		req.MaxResults = wire.Int(rapid.Int32Range(1, 3).Draw(t, "max"))
	}
	p.read(t, req)
}
