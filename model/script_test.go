package model

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"sqsd/wire"
)

// testConfig has AWS's windows and a small in-flight limit.
var testConfig = Config{Account: "1", Region: "here", DeletedQueueWindow: 60_000, PurgeWindow: 60_000, MaxInFlight: 5}

// scenario is a story told to the specification: every step but the last must be right, the last one breaks a promise,
// or none.
type scenario struct {
	name   string
	steps  []step
	broken Promise
}

// step is one request with the answer that was observed.
type step struct {
	group  uint32
	at     wire.Time
	req    wire.Request
	answer func(b *books, at wire.Time) (wire.Response, *wire.Error)
	unseen bool
}

// at sets the time of steps, in ms.
func at(t wire.Time, steps ...step) []step {
	for i := range steps {
		steps[i].at = t
	}
	return steps
}

func story(parts ...[]step) (all []step) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func runScenarios(t *testing.T, scenarios []scenario) {
	t.Helper()
	runGroupScenarios(t, testConfig, scenarios)
}

func runGroupScenarios(t *testing.T, config Config, scenarios []scenario) {
	t.Helper()
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			groups, b := newGroups(config), newBooks()
			for i, st := range sc.steps {
				err := st.run(groups.Spec(st.group), b)
				var want Promise
				if i == len(sc.steps)-1 {
					want = sc.broken
				}
				if got := promiseOf(err); got != want {
					t.Fatalf("step %d, %s: got %v, want promise %q broken", i, describeRequest(st.req), err, want)
				}
			}
		})
	}
}

func (st *step) run(s *Spec, b *books) error {
	if st.unseen {
		return s.Apply(st.at, st.req)
	}
	resp, err := st.answer(b, st.at)
	return s.Step(st.at, st.req, resp, err)
}

func promiseOf(err error) Promise {
	var v *Violation
	if errors.As(err, &v) {
		return v.Promise
	}
	return ""
}

// books is what a test remembers of messages, to write down whole deliveries in few words.
type books struct {
	messages map[string]*booked
	numbers  int64 // sequence numbers so far
}

type booked struct {
	out      wire.Outgoing
	dedupID  string
	sequence string
	sentAt   wire.Time
	firstAt  wire.Time
	receives int
}

func newBooks() *books { return &books{messages: map[string]*booked{}} }

// to gives a request its answer.
func (st step) to(answer func(b *books, at wire.Time) (wire.Response, *wire.Error)) step {
	st.answer = answer
	return st
}

func (st step) ok() step {
	return st.to(func(*books, wire.Time) (wire.Response, *wire.Error) { return wire.Empty{}, nil })
}

func (st step) refused(code wire.Code) step {
	return st.to(func(*books, wire.Time) (wire.Response, *wire.Error) { return nil, wire.Errorf(code, "refused") })
}

func (st step) result(resp wire.Response) step {
	return st.to(func(*books, wire.Time) (wire.Response, *wire.Error) { return resp, nil })
}

// unobserved drops the answer.
func (st step) unobserved() step {
	st.unseen = true
	return st
}

// sent answers a send with a message id.
func (st step) sent(id string) step {
	return st.to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
		req := st.req.(*wire.SendMessageRequest)
		b.enter(req.Name, &req.Outgoing, id, at)
		return b.acknowledge(&req.Outgoing, id), nil
	})
}

// enter writes a message down; one in a FIFO queue gets the next sequence number.
func (b *books) enter(queue string, o *wire.Outgoing, id string, at wire.Time) {
	m := &booked{out: *o, sentAt: at}
	if wire.IsFIFO(queue) {
		b.numbers++
		m.sequence = strconv.FormatUint(1e19+uint64(b.numbers), 10)
		m.dedupID, _ = wire.DeduplicationID(o, true)
	}
	b.messages[id] = m
}

// acknowledge is the answer to a send that stands for a message, be it a duplicate of an earlier one or not.
func (b *books) acknowledge(o *wire.Outgoing, id string) *wire.SendMessageResponse {
	return &wire.SendMessageResponse{
		MessageID: id, MD5OfMessageBody: wire.BodyMD5(o.MessageBody),
		MD5OfMessageAttributes:       wire.AttributesMD5(o.MessageAttributes),
		MD5OfMessageSystemAttributes: wire.AttributesMD5(o.MessageSystemAttributes),
		SequenceNumber:               b.messages[id].sequence,
	}
}

// got answers a receive with deliveries, each written as the handle: message id, #, any text.
func (st step) got(handles ...string) step {
	return st.to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
		resp := &wire.ReceiveMessageResponse{}
		for _, handle := range handles {
			resp.Messages = append(resp.Messages, b.deliver(handle, at))
		}
		return resp, nil
	})
}

func (b *books) deliver(handle string, at wire.Time) wire.Message {
	id, _, _ := strings.Cut(handle, "#")
	m := b.messages[id]
	if m == nil {
		m = &booked{out: wire.Outgoing{MessageBody: "made up"}}
		b.messages[id] = m
	}
	m.receives++
	if m.receives == 1 {
		m.firstAt = at
	}
	attributes := wire.Pairs{
		{Name: "ApproximateFirstReceiveTimestamp", Value: strconv.FormatInt(int64(m.firstAt), 10)},
		{Name: "ApproximateReceiveCount", Value: strconv.Itoa(m.receives)},
		{Name: "SentTimestamp", Value: strconv.FormatInt(int64(m.sentAt), 10)},
	}
	if m.out.SenderID != "" {
		attributes = attributes.With("SenderId", m.out.SenderID)
	}
	if m.out.MessageGroupID != "" {
		attributes = attributes.With("MessageGroupId", m.out.MessageGroupID)
	}
	if m.sequence != "" {
		attributes = attributes.With("SequenceNumber", m.sequence).With("MessageDeduplicationId", m.dedupID)
	}
	for _, a := range m.out.MessageSystemAttributes {
		attributes = attributes.With(a.Name, a.StringValue)
	}
	return wire.Message{
		MessageID: id, ReceiptHandle: handle, Body: m.out.MessageBody, MD5OfBody: wire.BodyMD5(m.out.MessageBody),
		Attributes: attributes, MessageAttributes: m.out.MessageAttributes,
		MD5OfMessageAttributes: wire.AttributesMD5(m.out.MessageAttributes),
	}
}

// gotWith is got of one delivery in which something is changed.
func (st step) gotWith(handle string, change func(*wire.Message)) step {
	return st.to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
		m := b.deliver(handle, at)
		change(&m)
		return &wire.ReceiveMessageResponse{Messages: []wire.Message{m}}, nil
	})
}

func ref(queue string) wire.QueueRef { return wire.QueueRef{Name: queue} }

func pairs(namesAndValues ...string) (p wire.Pairs) {
	for i := 0; i < len(namesAndValues); i += 2 {
		p = p.With(namesAndValues[i], namesAndValues[i+1])
	}
	return p
}

// created is a create that is answered with the queue.
func created(queue string, attributes ...string) step {
	return create(queue, attributes...).result(&wire.CreateQueueResponse{QueueURL: queue})
}

func create(queue string, attributes ...string) step {
	return step{req: &wire.CreateQueueRequest{QueueName: queue, Attributes: pairs(attributes...)}}
}

func remove(queue string) step { return step{req: &wire.DeleteQueueRequest{QueueRef: ref(queue)}} }

func purge(queue string) step { return step{req: &wire.PurgeQueueRequest{QueueRef: ref(queue)}} }

func getURL(queue string) step { return step{req: &wire.GetQueueURLRequest{QueueName: queue}} }

func set(queue string, attributes ...string) step {
	return step{req: &wire.SetQueueAttributesRequest{QueueRef: ref(queue), Attributes: pairs(attributes...)}}
}

func send(queue, body string) step {
	return step{req: &wire.SendMessageRequest{QueueRef: ref(queue), Outgoing: wire.Outgoing{MessageBody: body}}}
}

func sendFor(tenant, queue, body string) step {
	return step{req: &wire.SendMessageRequest{QueueRef: ref(queue), Outgoing: wire.Outgoing{MessageBody: body, MessageGroupID: tenant}}}
}

func sendDelayed(queue, body string, seconds int32) step {
	return step{req: &wire.SendMessageRequest{QueueRef: ref(queue),
		Outgoing: wire.Outgoing{MessageBody: body, DelaySeconds: wire.Int(seconds)}}}
}

// receive asks for up to ten messages without waiting.
func receive(queue string) step { return receiveMax(queue, 10) }

func receiveMax(queue string, most int32) step {
	return step{req: &wire.ReceiveMessageRequest{QueueRef: ref(queue), MaxNumberOfMessages: wire.Int(most)}}
}

func receiveFor(queue string, timeout int32) step {
	return step{req: &wire.ReceiveMessageRequest{QueueRef: ref(queue), VisibilityTimeout: wire.Int(timeout),
		MaxNumberOfMessages: wire.Int(10)}}
}

func poll(queue string, wait int32) step {
	return step{req: &wire.ReceiveMessageRequest{QueueRef: ref(queue), WaitTimeSeconds: wire.Int(wait)}}
}

func del(queue, handle string) step {
	return step{req: &wire.DeleteMessageRequest{QueueRef: ref(queue), ReceiptHandle: handle}}
}

func change(queue, handle string, timeout int32) step {
	return step{req: &wire.ChangeMessageVisibilityRequest{QueueRef: ref(queue), ReceiptHandle: handle,
		VisibilityTimeout: wire.Int(timeout)}}
}

func release(queue string, handles ...string) step {
	return step{req: &Release{QueueName: queue, Handles: handles}}.ok()
}

func tick() step { return step{req: &Tick{}}.ok() }

func attributes(queue string) step {
	return step{req: &wire.GetQueueAttributesRequest{QueueRef: ref(queue)}}
}

func list(req wire.ListQueuesRequest, token string, names ...string) step {
	return step{req: &req}.result(&wire.ListQueuesResponse{QueueURLs: names, NextToken: token})
}
