package queue

import (
	"fmt"

	"sqsd/wire"
)

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
