package queue

import (
	"encoding/binary"

	"sqsd/wire"
)

// commandVersion starts an encoded command.
const commandVersion = 1

// action is the second byte of an encoded command. The numbers are for ever.
type action byte

const (
	actionCreateQueue action = iota + 1
	actionDeleteQueue
	actionGetQueueURL
	actionListQueues
	actionGetQueueAttributes
	actionSetQueueAttributes
	actionPurgeQueue
	actionSendMessage
	actionSendMessageBatch
	actionReceiveMessage
	actionDeleteMessage
	actionDeleteMessageBatch
	actionChangeMessageVisibility
	actionChangeMessageVisibilityBatch
	actionTick
	actionRelease
	actionTagQueue
	actionUntagQueue
	actionListQueueTags
	actionAddPermission
	actionRemovePermission
	actionListDeadLetterSourceQueues
	actionAccept
	actionSettle
	actionStartMessageMoveTask
	actionCancelMessageMoveTask
	actionListMessageMoveTasks
)

// AppendCommand appends the encoding of a request or an internal command to dst. What only the front end needs is left
// out: the queue's URL, page tokens, the account of GetQueueUrl and the names of the attributes that are asked for.
// It panics on a type that is not known.
func AppendCommand(dst []byte, cmd wire.Request) []byte {
	dst = append(dst, commandVersion)
	switch c := cmd.(type) {
	case *wire.CreateQueueRequest:
		dst = appendString(append(dst, byte(actionCreateQueue)), c.QueueName)
		return appendPairs(appendPairs(dst, c.Attributes), c.Tags)
	case *wire.GetQueueURLRequest:
		return appendString(append(dst, byte(actionGetQueueURL)), c.QueueName)
	case *wire.ListQueuesRequest:
		dst = appendString(append(dst, byte(actionListQueues)), c.QueueNamePrefix)
		return appendString(appendOptInt(dst, c.MaxResults), c.After)
	case *TickCommand:
		return append(dst, byte(actionTick))
	case *ReleaseCommand:
		return appendStrings(appendString(append(dst, byte(actionRelease)), c.QueueName), c.Handles)
	case wire.QueueRequest:
		return appendQueueCommand(dst, c)
	}
	return appendMoveCommand(dst, cmd)
}

// appendQueueCommand encodes the requests that address a queue by URL.
func appendQueueCommand(dst []byte, cmd wire.QueueRequest) []byte {
	begin := func(a action) []byte { return appendString(append(dst, byte(a)), cmd.Ref().Name) }
	switch c := cmd.(type) {
	case *wire.DeleteQueueRequest:
		return begin(actionDeleteQueue)
	case *wire.GetQueueAttributesRequest:
		return begin(actionGetQueueAttributes)
	case *wire.SetQueueAttributesRequest:
		return appendPairs(begin(actionSetQueueAttributes), c.Attributes)
	case *wire.PurgeQueueRequest:
		return begin(actionPurgeQueue)
	case *wire.SendMessageRequest:
		return appendOutgoing(begin(actionSendMessage), &c.Outgoing)
	case *wire.SendMessageBatchRequest:
		return appendSendBatch(begin(actionSendMessageBatch), c)
	case *wire.ReceiveMessageRequest:
		dst = appendOptInt(begin(actionReceiveMessage), c.MaxNumberOfMessages)
		dst = appendOptInt(appendOptInt(dst, c.VisibilityTimeout), c.WaitTimeSeconds)
		return appendString(dst, c.ReceiveRequestAttemptID)
	case *wire.DeleteMessageRequest:
		return appendString(begin(actionDeleteMessage), c.ReceiptHandle)
	case *wire.DeleteMessageBatchRequest:
		return appendDeleteBatch(begin(actionDeleteMessageBatch), c)
	case *wire.ChangeMessageVisibilityRequest:
		return appendOptInt(appendString(begin(actionChangeMessageVisibility), c.ReceiptHandle), c.VisibilityTimeout)
	case *wire.ChangeMessageVisibilityBatchRequest:
		return appendChangeBatch(begin(actionChangeMessageVisibilityBatch), c)
	}
	return appendSettingsCommand(dst, cmd)
}

func appendOutgoing(dst []byte, o *wire.Outgoing) []byte {
	dst = appendOptInt(appendString(dst, o.MessageBody), o.DelaySeconds)
	dst = appendAttributes(appendAttributes(dst, o.MessageAttributes), o.MessageSystemAttributes)
	return appendString(appendString(appendString(dst, o.MessageGroupID), o.MessageDeduplicationID), o.SenderID)
}

// Entries of batches are an id and a flag, and then either the error that refuses the entry or its content.

func appendSendBatch(dst []byte, c *wire.SendMessageBatchRequest) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(c.Entries)))
	for i := range c.Entries {
		e := &c.Entries[i]
		if dst = appendEntry(dst, e.ID, e.Err); e.Err == nil {
			dst = appendOutgoing(dst, &e.Outgoing)
		}
	}
	return dst
}

func appendDeleteBatch(dst []byte, c *wire.DeleteMessageBatchRequest) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(c.Entries)))
	for i := range c.Entries {
		e := &c.Entries[i]
		if dst = appendEntry(dst, e.ID, e.Err); e.Err == nil {
			dst = appendString(dst, e.ReceiptHandle)
		}
	}
	return dst
}

func appendChangeBatch(dst []byte, c *wire.ChangeMessageVisibilityBatchRequest) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(c.Entries)))
	for i := range c.Entries {
		e := &c.Entries[i]
		if dst = appendEntry(dst, e.ID, e.Err); e.Err == nil {
			dst = appendOptInt(appendString(dst, e.ReceiptHandle), e.VisibilityTimeout)
		}
	}
	return dst
}

func appendEntry(dst []byte, id string, err *wire.Error) []byte {
	dst = appendBool(appendString(dst, id), err != nil)
	if err != nil {
		dst = appendError(dst, err)
	}
	return dst
}

// appendError writes an error by its query code, which is unique and does not change with the order of the code's
// constants.
func appendError(dst []byte, err *wire.Error) []byte {
	return appendString(appendString(dst, err.Code.Query()), err.Text)
}

func appendStrings(dst []byte, list []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, s := range list {
		dst = appendString(dst, s)
	}
	return dst
}
