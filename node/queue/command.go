package queue

import (
	"encoding/binary"
	"fmt"

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

// DecodeCommand reads what AppendCommand wrote.
func DecodeCommand(data []byte) (wire.Request, error) {
	r := reader{rest: string(data)}
	r.version(commandVersion)
	a := action(r.byte())
	cmd := r.command(a)
	if r.err == nil && cmd == nil {
		return nil, fmt.Errorf("command %d: not known", a)
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("command %d: %w", a, err)
	}
	return cmd, nil
}

// command reads the fields of an action; nil if the action is not known.
func (r *reader) command(a action) wire.Request {
	switch a {
	case actionCreateQueue:
		return &wire.CreateQueueRequest{QueueName: r.string(), Attributes: r.pairs(), Tags: r.pairs()}
	case actionGetQueueURL:
		return &wire.GetQueueURLRequest{QueueName: r.string()}
	case actionListQueues:
		return &wire.ListQueuesRequest{QueueNamePrefix: r.string(), MaxResults: r.optInt(), After: r.string()}
	case actionTick:
		return &TickCommand{}
	case actionRelease:
		return &ReleaseCommand{QueueName: r.string(), Handles: r.strings()}
	case actionDeleteQueue:
		return &wire.DeleteQueueRequest{QueueRef: r.queue()}
	case actionGetQueueAttributes:
		return &wire.GetQueueAttributesRequest{QueueRef: r.queue()}
	case actionSetQueueAttributes:
		return &wire.SetQueueAttributesRequest{QueueRef: r.queue(), Attributes: r.pairs()}
	case actionPurgeQueue:
		return &wire.PurgeQueueRequest{QueueRef: r.queue()}
	case actionSendMessage:
		return &wire.SendMessageRequest{QueueRef: r.queue(), Outgoing: r.outgoing()}
	case actionSendMessageBatch:
		return &wire.SendMessageBatchRequest{QueueRef: r.queue(), Entries: r.sendBatch()}
	case actionReceiveMessage:
		return &wire.ReceiveMessageRequest{
			QueueRef: r.queue(), MaxNumberOfMessages: r.optInt(), VisibilityTimeout: r.optInt(),
			WaitTimeSeconds: r.optInt(), ReceiveRequestAttemptID: r.string(),
		}
	case actionDeleteMessage:
		return &wire.DeleteMessageRequest{QueueRef: r.queue(), ReceiptHandle: r.string()}
	case actionDeleteMessageBatch:
		return &wire.DeleteMessageBatchRequest{QueueRef: r.queue(), Entries: r.deleteBatch()}
	case actionChangeMessageVisibility:
		return &wire.ChangeMessageVisibilityRequest{
			QueueRef: r.queue(), ReceiptHandle: r.string(), VisibilityTimeout: r.optInt(),
		}
	case actionChangeMessageVisibilityBatch:
		return &wire.ChangeMessageVisibilityBatchRequest{QueueRef: r.queue(), Entries: r.changeBatch()}
	}
	if cmd := r.settingsCommand(a); cmd != nil {
		return cmd
	}
	return r.moveCommand(a)
}

func (r *reader) queue() wire.QueueRef { return wire.QueueRef{Name: r.string()} }

func (r *reader) outgoing() wire.Outgoing {
	return wire.Outgoing{
		MessageBody: r.string(), DelaySeconds: r.optInt(),
		MessageAttributes: r.attributes(), MessageSystemAttributes: r.attributes(),
		MessageGroupID: r.string(), MessageDeduplicationID: r.string(), SenderID: r.string(),
	}
}

// minEntry is the fewest bytes that an entry of a batch takes.
const minEntry = 3

func (r *reader) sendBatch() []wire.SendMessageBatchEntry {
	entries := make([]wire.SendMessageBatchEntry, r.batch())
	for i := range entries {
		e := &entries[i]
		if e.ID, e.Err = r.entry(); e.Err == nil {
			e.Outgoing = r.outgoing()
		}
	}
	return entries
}

func (r *reader) deleteBatch() []wire.DeleteMessageBatchEntry {
	entries := make([]wire.DeleteMessageBatchEntry, r.batch())
	for i := range entries {
		e := &entries[i]
		if e.ID, e.Err = r.entry(); e.Err == nil {
			e.ReceiptHandle = r.string()
		}
	}
	return entries
}

func (r *reader) changeBatch() []wire.ChangeMessageVisibilityBatchEntry {
	entries := make([]wire.ChangeMessageVisibilityBatchEntry, r.batch())
	for i := range entries {
		e := &entries[i]
		if e.ID, e.Err = r.entry(); e.Err == nil {
			e.ReceiptHandle, e.VisibilityTimeout = r.string(), r.optInt()
		}
	}
	return entries
}

// batch reads how many entries a batch has.
func (r *reader) batch() int {
	n := r.count(minEntry)
	if n > wire.MaxBatchEntries {
		r.fail(errNumber)
		return 0
	}
	return n
}

func (r *reader) entry() (id string, err *wire.Error) {
	id = r.string()
	if r.bool() {
		err = r.wireError()
	}
	return id, err
}

func (r *reader) wireError() *wire.Error {
	name, text := r.string(), r.string()
	code, ok := codesByQuery[name]
	if !ok {
		r.fail(fmt.Errorf("error code %q is not known", name))
	}
	return &wire.Error{Code: code, Text: text}
}

// codesByQuery finds error codes by their query code.
var codesByQuery = func() map[string]wire.Code {
	codes := map[string]wire.Code{}
	for c := wire.Code(1); c.Known(); c++ {
		codes[c.Query()] = c
	}
	return codes
}()

// strings reads a list of at most wire.MaxListResults.
func (r *reader) strings() []string {
	n := r.count(1)
	if n > wire.MaxListResults {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.string()
	}
	return list
}
