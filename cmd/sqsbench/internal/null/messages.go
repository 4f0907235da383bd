package null

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"sqsd/wire"
)

func (b *Backend) send(q *namedQueue, req *wire.SendMessageRequest) (wire.Response, *wire.Error) {
	m, response := b.newMessage(&req.Outgoing)
	answer, err := b.settled(&response, b.log(sent, q, m.number, m.body.Body))
	if err == nil {
		q.add(m, delayOf(&req.Outgoing))
	}
	return answer, err
}

func (b *Backend) sendBatch(q *namedQueue, req *wire.SendMessageBatchRequest) (wire.Response, *wire.Error) {
	response := &wire.SendMessageBatchResponse{}
	messages := make([]*message, len(req.Entries))
	var last *commit
	for i := range req.Entries {
		e := &req.Entries[i]
		if e.Err != nil {
			response.Failed = append(response.Failed, refused(e.ID, e.Err))
			continue
		}
		m, result := b.newMessage(&e.Outgoing)
		messages[i] = m
		last = b.log(sent, q, m.number, m.body.Body)
		response.Successful = append(response.Successful, wire.SendMessageBatchResult{ID: e.ID, SendMessageResponse: result})
	}
	answer, err := b.settled(response, last)
	if err != nil {
		return nil, err
	}
	for i, m := range messages {
		if m != nil {
			q.add(m, delayOf(&req.Entries[i].Outgoing))
		}
	}
	return answer, nil
}

func (b *Backend) newMessage(o *wire.Outgoing) (*message, wire.SendMessageResponse) {
	m := &message{number: b.numbers.Add(1), sent: clock(), sender: o.SenderID, hiddenAt: notHidden}
	m.body = wire.Message{
		MessageID: newID(), MD5OfBody: wire.BodyMD5(o.MessageBody), Body: o.MessageBody, MessageAttributes: o.MessageAttributes,
	}
	return m, wire.SendMessageResponse{
		MessageID:                    m.body.MessageID,
		MD5OfMessageBody:             m.body.MD5OfBody,
		MD5OfMessageAttributes:       wire.AttributesMD5(o.MessageAttributes),
		MD5OfMessageSystemAttributes: wire.AttributesMD5(o.MessageSystemAttributes),
	}
}

// newID makes a random UUID.
func newID() string {
	var b [16]byte
	for i := range 2 {
		for j, v := 0, rand.Uint64(); j < 8; j, v = j+1, v>>8 {
			b[8*i+j] = byte(v)
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte
	hex.Encode(text[0:], b[:4])
	hex.Encode(text[9:], b[4:6])
	hex.Encode(text[14:], b[6:8])
	hex.Encode(text[19:], b[8:10])
	hex.Encode(text[24:], b[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

func delayOf(o *wire.Outgoing) time.Duration {
	return time.Duration(o.DelaySeconds.Or(0)) * time.Second
}

func (b *Backend) receive(ctx context.Context, q *namedQueue, req *wire.ReceiveMessageRequest) (wire.Response, *wire.Error) {
	limit := int(req.MaxNumberOfMessages.Or(1))
	var visibility *time.Duration
	if req.VisibilityTimeout.Set {
		d := time.Duration(req.VisibilityTimeout.Value) * time.Second
		visibility = &d
	}
	got, retry := q.take(limit, visibility)
	if wait := time.Duration(req.WaitTimeSeconds.Or(0)) * time.Second; got == nil && wait > 0 {
		timeout := time.NewTimer(wait)
		defer timeout.Stop()
		for got == nil {
			select {
			case <-retry:
				got, retry = q.take(limit, visibility)
				continue
			case <-timeout.C:
			case <-ctx.Done():
			}
			break
		}
	}
	if got == nil {
		q.forget(retry)
	}
	return b.deliver(q, got, req)
}

func (b *Backend) deliver(q *namedQueue, got []taken, req *wire.ReceiveMessageRequest) (wire.Response, *wire.Error) {
	response := &wire.ReceiveMessageResponse{}
	var last *commit
	for _, t := range got {
		m := t.body
		m.ReceiptHandle = handle{q.number, t.number, t.receive}.String()
		if len(req.AttributeNames) > 0 || len(req.MessageSystemAttributeNames) > 0 {
			m.Attributes = t.attributes()
		}
		response.Messages = append(response.Messages, m)
		last = b.log(hidden, q, t.number, "")
	}
	return b.settled(response, last)
}

func (t *taken) attributes() wire.Pairs {
	return wire.Pairs{
		{Name: "ApproximateFirstReceiveTimestamp", Value: strconv.FormatInt(int64(t.first), 10)},
		{Name: "ApproximateReceiveCount", Value: strconv.Itoa(t.receive)},
		{Name: "SenderId", Value: t.sender},
		{Name: "SentTimestamp", Value: strconv.FormatInt(int64(t.sent), 10)},
	}
}

func (b *Backend) delete(q *namedQueue, req *wire.DeleteMessageRequest) (wire.Response, *wire.Error) {
	h, err := parseHandle(q, req.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	return b.settled(wire.Empty{}, b.remove(q, h))
}

// remove deletes a message; there is nothing to log if a stale handle deletes nothing.
func (b *Backend) remove(q *namedQueue, h handle) *commit {
	if !q.remove(h) {
		return nil
	}
	return b.log(deleted, q, h.message, "")
}

func (b *Backend) deleteBatch(q *namedQueue, req *wire.DeleteMessageBatchRequest) (wire.Response, *wire.Error) {
	response := &wire.BatchResponse{}
	var last *commit
	for i := range req.Entries {
		e := &req.Entries[i]
		h, err := parseHandle(q, e.ReceiptHandle)
		if e.Err != nil {
			err = e.Err
		}
		if err != nil {
			response.Failed = append(response.Failed, refused(e.ID, err))
			continue
		}
		if c := b.remove(q, h); c != nil {
			last = c
		}
		response.Successful = append(response.Successful, wire.BatchResultEntry{ID: e.ID})
	}
	return b.settled(response, last)
}

func (b *Backend) changeVisibility(q *namedQueue, req *wire.ChangeMessageVisibilityRequest) (wire.Response, *wire.Error) {
	h, err := parseHandle(q, req.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	if !q.change(h, time.Duration(req.VisibilityTimeout.Value)*time.Second) {
		return nil, wire.Errorf(wire.InvalidParameterValue, "The message is not there under this handle.")
	}
	return b.settled(wire.Empty{}, b.log(hidden, q, h.message, ""))
}

func refused(id string, err *wire.Error) wire.BatchResultError {
	return wire.BatchResultError{ID: id, SenderFault: err.Code.SenderFault(), Code: err.Code.Query(), Message: err.Text}
}

// handle names a delivery: of which queue incarnation, which message, and how many times it had been received then.
type handle struct {
	queue   uint64
	message uint64
	receive int
}

func (h handle) String() string {
	b := strconv.AppendUint(nil, h.queue, 10)
	b = strconv.AppendUint(append(b, '.'), h.message, 10)
	b = strconv.AppendInt(append(b, '.'), int64(h.receive), 10)
	return string(b)
}

func parseHandle(q *namedQueue, text string) (handle, *wire.Error) {
	first, rest, _ := strings.Cut(text, ".")
	second, third, _ := strings.Cut(rest, ".")
	number, err1 := strconv.ParseUint(first, 10, 64)
	message, err2 := strconv.ParseUint(second, 10, 64)
	receive, err3 := strconv.Atoi(third)
	if err1 != nil || err2 != nil || err3 != nil || number != q.number {
		return handle{}, wire.Errorf(wire.ReceiptHandleIsInvalid, "The input receipt handle is invalid.")
	}
	return handle{number, message, receive}, nil
}
