package sim

import (
	"fmt"

	"github.com/cespare/xxhash/v2"
	"github.com/go-json-experiment/json"

	"sqsd/model"
	"sqsd/node/queue"
	"sqsd/wire"
)

// digestAnswer hashes what an answer says.
func digestAnswer(resp wire.Response, err *wire.Error) uint64 {
	var d xxhash.Digest
	d.Reset()
	if err != nil {
		d.Write([]byte{byte(err.Code)})
	}
	switch r := resp.(type) {
	case *wire.SendMessageResponse:
		d.WriteString(r.MessageID)
	case *wire.SendMessageBatchResponse:
		for i := range r.Successful {
			d.WriteString(r.Successful[i].MessageID)
		}
	case *wire.ReceiveMessageResponse:
		for i := range r.Messages {
			d.WriteString(r.Messages[i].ReceiptHandle)
		}
	case *wire.GetQueueAttributesResponse:
		for _, p := range r.Attributes {
			d.WriteString(p.Name)
			d.WriteString(p.Value)
		}
	case *wire.ListQueuesResponse:
		for _, name := range r.QueueURLs {
			d.WriteString(name)
		}
	case *wire.BatchResponse:
		d.Write([]byte{byte(len(r.Successful)), byte(len(r.Failed))})
	}
	return d.Sum64()
}

// describe is a call with its answer in one line.
func describe(req wire.Request, resp wire.Response, err *wire.Error) string {
	switch {
	case err != nil:
		return describeRequest(req) + " -> " + err.Error()
	case resp == nil:
		return describeRequest(req)
	}
	return describeRequest(req) + " -> " + text(resp)
}

// describeRequest is a request in one line.
func describeRequest(req wire.Request) string { return req.Action() + " " + text(req) }

func text(v any) string {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return string(b)
}

// queueOf is the queue that a command concerns, or empty.
func queueOf(req wire.Request) string {
	switch r := req.(type) {
	case wire.QueueRequest:
		return r.Ref().Name
	case *wire.CreateQueueRequest:
		return r.QueueName
	case *wire.GetQueueURLRequest:
		return r.QueueName
	case *queue.ReleaseCommand:
		return r.QueueName
	case *model.Release:
		return r.QueueName
	}
	return ""
}
