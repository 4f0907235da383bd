package jepsen

import (
	"context"
	"fmt"
	"time"

	"sqsd/wire"
)

const (
	// One call in hangUpEvery is made twice: first by a client that hangs up after hangUpAfter, when the send is likely
	// to have happened and not to have been answered.
	hangUpEvery = 10
	hangUpAfter = time.Millisecond
	// lockTime is the longest visibility timeout, in seconds.
	lockTime = wire.MaxVisibilityTimeout
)

// Sequence is the messages that a client sends to one group of a FIFO queue, each call after the answer to the one
// before. A send of unknown outcome is sent again, to another node, with the same deduplication id.
type Sequence struct {
	// Sent are the messages as their sends were answered.
	Sent []Sent

	client       *Client
	queue, group string
	calls        int
	lock         string // receipt handle
}

// Sent is a message with what its send was answered.
type Sent struct{ Body, MessageID, Number string }

// NewSequence begins with nothing sent. Sequences of one queue and group have the same bodies and deduplication ids.
func NewSequence(c *Client, queue, group string) *Sequence {
	return &Sequence{client: c, queue: queue, group: group}
}

// Lock sends the first message and receives it, so that nobody receives from the group until Unlock. The queue must be
// empty.
func (q *Sequence) Lock(ctx context.Context) error {
	if err := q.Send(ctx); err != nil {
		return err
	}
	response, err := q.client.Call(ctx, receive(q.queue, 1, lockTime))
	if err != nil {
		return err
	}
	got := response.(*wire.ReceiveMessageResponse).Messages
	if len(got) != 1 || got[0].MessageID != q.Sent[0].MessageID {
		return fmt.Errorf("received %+v, want the only message, %+v", got, q.Sent[0])
	}
	q.lock = got[0].ReceiptHandle
	return nil
}

// Unlock gives the first message back.
func (q *Sequence) Unlock(ctx context.Context) error {
	_, err := q.client.Call(ctx, &wire.ChangeMessageVisibilityRequest{QueueRef: ref(q.queue), ReceiptHandle: q.lock,
		VisibilityTimeout: wire.Int(0)})
	return err
}

// Send sends the next message.
func (q *Sequence) Send(ctx context.Context) error {
	message := q.next(0)
	response, err := q.call(ctx, &wire.SendMessageRequest{QueueRef: ref(q.queue), Outgoing: message})
	if err != nil {
		return err
	}
	q.sent(&message, response.(*wire.SendMessageResponse))
	return nil
}

// SendBatch sends the next n messages with one call.
func (q *Sequence) SendBatch(ctx context.Context, n int) error {
	req := &wire.SendMessageBatchRequest{QueueRef: ref(q.queue)}
	for i := range n {
		req.Entries = append(req.Entries, wire.SendMessageBatchEntry{ID: fmt.Sprint(i), Outgoing: q.next(i)})
	}
	response, err := q.call(ctx, req)
	if err != nil {
		return err
	}
	answers := response.(*wire.SendMessageBatchResponse).Successful
	if len(answers) != n {
		return fmt.Errorf("%d of %d entries were sent", len(answers), n)
	}
	for i := range answers {
		if answers[i].ID != req.Entries[i].ID {
			return fmt.Errorf("answer %d of a batch is of entry %s", i, answers[i].ID)
		}
		q.sent(&req.Entries[i].Outgoing, &answers[i].SendMessageResponse)
	}
	return nil
}

// next is the message that comes after so many more.
func (q *Sequence) next(more int) wire.Outgoing {
	name := fmt.Sprintf("%s-%d", q.group, len(q.Sent)+more)
	return wire.Outgoing{MessageBody: name, MessageGroupID: q.group, MessageDeduplicationID: name}
}

func (q *Sequence) call(ctx context.Context, req wire.Request) (wire.Response, error) {
	if q.calls++; q.calls%hangUpEvery == 0 {
		patience := q.client.Timeout
		q.client.Timeout = hangUpAfter
		q.client.Attempt(ctx, req)
		q.client.Timeout = patience
	}
	return q.client.Call(ctx, req)
}

func (q *Sequence) sent(message *wire.Outgoing, answer *wire.SendMessageResponse) {
	q.Sent = append(q.Sent, Sent{message.MessageBody, answer.MessageID, answer.SequenceNumber})
}

// Received is the messages of the group that a client received, in order.
func (q *Sequence) Received(attempts []*Attempt, client int) (all []Sent) {
	for _, a := range attempts {
		response, ok := a.Response.(*wire.ReceiveMessageResponse)
		if !ok || a.Client != client || a.Request.(*wire.ReceiveMessageRequest).Name != q.queue {
			continue
		}
		for i := range response.Messages {
			m := &response.Messages[i]
			if group, _ := m.Attributes.Get("MessageGroupId"); group == q.group {
				number, _ := m.Attributes.Get("SequenceNumber")
				all = append(all, Sent{m.Body, m.MessageID, number})
			}
		}
	}
	return all
}

// Faults says what is wrong with the sequence numbers that the sends were answered with, and with what was received: it
// must be what was sent, each once, in that order.
func (q *Sequence) Faults(received []Sent) (faults []error) {
	say := func(format string, args ...any) {
		if len(faults) < maxComplaints {
			faults = append(faults, fmt.Errorf("group %s: "+format, append([]any{q.group}, args...)...))
		}
	}
	place := make(map[string]int, len(q.Sent))
	for i, m := range q.Sent {
		place[m.Body] = i
		if len(m.Number) != 20 {
			say("sequence number %q of %s does not have 20 digits", m.Number, m.Body)
		}
		if i > 0 && m.Number <= q.Sent[i-1].Number {
			say("inversion: %+v was sent after %+v", m, q.Sent[i-1])
		}
	}
	last, times := -1, make([]int, len(q.Sent))
	for _, m := range received {
		i, known := place[m.Body]
		switch {
		case !known:
			say("%+v was received and never sent", m)
			continue
		case m != q.Sent[i]:
			say("%+v was received, but sent as %+v", m, q.Sent[i])
		case i < last:
			say("inversion: %s was received after %s", m.Body, q.Sent[last].Body)
		}
		last = i
		times[i]++
	}
	for i, n := range times {
		if n != 1 {
			say("%s was received %d times", q.Sent[i].Body, n)
		}
	}
	return faults
}
