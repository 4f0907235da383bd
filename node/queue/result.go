package queue

import (
	"encoding/binary"
	"fmt"

	"sqsd/wire"
)

// resultVersion starts an encoded result.
const resultVersion = 1

// kind is the second byte of an encoded result. The numbers are for ever.
type kind byte

const (
	kindError kind = iota + 1
	kindEmpty
	kindCreateQueue
	kindGetQueueURL
	kindListQueues
	kindGetQueueAttributes
	kindSendMessage
	kindSendMessageBatch
	kindReceiveMessage
	kindBatch
	kindListQueueTags
	kindListDeadLetterSourceQueues
	kindAccept
	kindStartMessageMoveTask
	kindCancelMessageMoveTask
	kindListMessageMoveTasks
)

// AppendResult appends the encoding of a result to dst. It panics on a response of a type that is not known.
func AppendResult(dst []byte, result Result) []byte {
	dst = append(dst, resultVersion)
	if result.Err != nil {
		return appendError(append(dst, byte(kindError)), result.Err)
	}
	switch v := result.Response.(type) {
	case wire.Empty:
		return append(dst, byte(kindEmpty))
	case *wire.CreateQueueResponse:
		return appendString(append(dst, byte(kindCreateQueue)), v.QueueURL)
	case *wire.GetQueueURLResponse:
		return appendString(append(dst, byte(kindGetQueueURL)), v.QueueURL)
	case *wire.ListQueuesResponse:
		return appendString(appendStrings(append(dst, byte(kindListQueues)), v.QueueURLs), v.NextToken)
	case *wire.GetQueueAttributesResponse:
		return appendPairs(append(dst, byte(kindGetQueueAttributes)), v.Attributes)
	case *wire.SendMessageResponse:
		return appendSentMessage(append(dst, byte(kindSendMessage)), v)
	case *wire.SendMessageBatchResponse:
		return appendSentBatch(append(dst, byte(kindSendMessageBatch)), v)
	case *wire.ReceiveMessageResponse:
		return appendMessages(append(dst, byte(kindReceiveMessage)), v.Messages)
	case *wire.BatchResponse:
		return appendBatch(append(dst, byte(kindBatch)), v)
	case *wire.ListQueueTagsResponse:
		return appendPairs(append(dst, byte(kindListQueueTags)), v.Tags)
	case *wire.ListDeadLetterSourceQueuesResponse:
		dst = appendStrings(append(dst, byte(kindListDeadLetterSourceQueues)), v.QueueURLs)
		return appendString(dst, v.NextToken)
	case *AcceptResponse:
		return appendOutcomes(binary.AppendUvarint(append(dst, byte(kindAccept)), v.First), v.Outcomes)
	case *wire.StartMessageMoveTaskResponse:
		return appendString(append(dst, byte(kindStartMessageMoveTask)), v.TaskHandle)
	case *wire.CancelMessageMoveTaskResponse:
		return binary.AppendVarint(append(dst, byte(kindCancelMessageMoveTask)), v.ApproximateNumberOfMessagesMoved)
	case *wire.ListMessageMoveTasksResponse:
		return appendTaskResults(append(dst, byte(kindListMessageMoveTasks)), v.Results)
	}
	panic(fmt.Sprintf("queue: no encoding for a %T", result.Response))
}

func appendSentMessage(dst []byte, v *wire.SendMessageResponse) []byte {
	dst = appendString(appendString(dst, v.MessageID), v.MD5OfMessageBody)
	dst = appendString(appendString(dst, v.MD5OfMessageAttributes), v.MD5OfMessageSystemAttributes)
	return appendString(dst, v.SequenceNumber)
}

func appendSentBatch(dst []byte, v *wire.SendMessageBatchResponse) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(v.Successful)))
	for i := range v.Successful {
		e := &v.Successful[i]
		dst = appendSentMessage(appendString(dst, e.ID), &e.SendMessageResponse)
	}
	return appendFailed(dst, v.Failed)
}

func appendFailed(dst []byte, failed []wire.BatchResultError) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(failed)))
	for i := range failed {
		e := &failed[i]
		dst = appendBool(appendString(dst, e.ID), e.SenderFault)
		dst = appendString(appendString(dst, e.Code), e.Message)
	}
	return dst
}

func appendMessages(dst []byte, messages []wire.Message) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(messages)))
	for i := range messages {
		v := &messages[i]
		dst = appendString(appendString(dst, v.MessageID), v.ReceiptHandle)
		dst = appendString(appendString(dst, v.MD5OfBody), v.Body)
		dst = appendString(appendPairs(dst, v.Attributes), v.MD5OfMessageAttributes)
		dst = appendAttributes(dst, v.MessageAttributes)
	}
	return dst
}

func appendBatch(dst []byte, v *wire.BatchResponse) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(v.Successful)))
	for i := range v.Successful {
		dst = appendString(dst, v.Successful[i].ID)
	}
	return appendFailed(dst, v.Failed)
}

// DecodeResult reads what AppendResult wrote.
func DecodeResult(data []byte) (Result, error) {
	r := reader{rest: string(data)}
	r.version(resultVersion)
	k := kind(r.byte())
	var result Result
	if k == kindError {
		result.Err = r.wireError()
	} else {
		result.Response = r.response(k)
	}
	if r.err == nil && result == (Result{}) {
		return Result{}, fmt.Errorf("result %d: not known", k)
	}
	if err := r.end(); err != nil {
		return Result{}, fmt.Errorf("result %d: %w", k, err)
	}
	return result, nil
}

// response reads a response; nil if its kind is not known.
func (r *reader) response(k kind) wire.Response {
	switch k {
	case kindEmpty:
		return wire.Empty{}
	case kindCreateQueue:
		return &wire.CreateQueueResponse{QueueURL: r.string()}
	case kindGetQueueURL:
		return &wire.GetQueueURLResponse{QueueURL: r.string()}
	case kindListQueues:
		return &wire.ListQueuesResponse{QueueURLs: r.strings(), NextToken: r.string()}
	case kindGetQueueAttributes:
		return &wire.GetQueueAttributesResponse{Attributes: r.pairs()}
	case kindSendMessage:
		v := r.sent()
		return &v
	case kindSendMessageBatch:
		return &wire.SendMessageBatchResponse{Successful: r.sentBatch(), Failed: r.failed()}
	case kindReceiveMessage:
		return &wire.ReceiveMessageResponse{Messages: r.messages()}
	case kindBatch:
		return &wire.BatchResponse{Successful: r.batchResults(), Failed: r.failed()}
	case kindListQueueTags:
		return &wire.ListQueueTagsResponse{Tags: r.pairs()}
	case kindListDeadLetterSourceQueues:
		return &wire.ListDeadLetterSourceQueuesResponse{QueueURLs: r.strings(), NextToken: r.string()}
	case kindAccept:
		return &AcceptResponse{First: r.uvarint(), Outcomes: r.outcomes()}
	case kindStartMessageMoveTask:
		return &wire.StartMessageMoveTaskResponse{TaskHandle: r.string()}
	case kindCancelMessageMoveTask:
		return &wire.CancelMessageMoveTaskResponse{ApproximateNumberOfMessagesMoved: r.varint()}
	case kindListMessageMoveTasks:
		return &wire.ListMessageMoveTasksResponse{Results: r.taskResults()}
	}
	return nil
}

func (r *reader) sent() wire.SendMessageResponse {
	return wire.SendMessageResponse{
		MessageID: r.string(), MD5OfMessageBody: r.string(), MD5OfMessageAttributes: r.string(),
		MD5OfMessageSystemAttributes: r.string(), SequenceNumber: r.string(),
	}
}

func (r *reader) sentBatch() []wire.SendMessageBatchResult {
	n := r.batch()
	if n == 0 {
		return nil
	}
	list := make([]wire.SendMessageBatchResult, n)
	for i := range list {
		list[i] = wire.SendMessageBatchResult{ID: r.string(), SendMessageResponse: r.sent()}
	}
	return list
}

func (r *reader) failed() []wire.BatchResultError {
	n := r.batch()
	if n == 0 {
		return nil
	}
	list := make([]wire.BatchResultError, n)
	for i := range list {
		list[i] = wire.BatchResultError{ID: r.string(), SenderFault: r.bool(), Code: r.string(), Message: r.string()}
	}
	return list
}

func (r *reader) messages() []wire.Message {
	const least = 7 // bytes that a message takes
	n := r.count(least)
	if n > wire.MaxReceiveMessages {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	list := make([]wire.Message, n)
	for i := range list {
		list[i] = wire.Message{
			MessageID: r.string(), ReceiptHandle: r.string(), MD5OfBody: r.string(), Body: r.string(),
			Attributes: r.pairs(), MD5OfMessageAttributes: r.string(), MessageAttributes: r.attributes(),
		}
	}
	return list
}

func (r *reader) batchResults() []wire.BatchResultEntry {
	const least = 1 // byte that an entry takes
	n := r.count(least)
	if n > wire.MaxBatchEntries {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	list := make([]wire.BatchResultEntry, n)
	for i := range list {
		list[i].ID = r.string()
	}
	return list
}
