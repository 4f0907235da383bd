package main

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"sqsd/wire"
)

// stateError is a call that the state of a queue, which parameters brings about, refuses. Its name begins with "entry" if
// not the call but the only entry of its batch is refused.
type stateError struct {
	action, name string
	want         wire.Code
	parameters   func(q *preparation) string
}

var stateErrors = []stateError{
	{"CreateQueue", "deleted just now", wire.QueueDeletedRecently, func(q *preparation) string {
		q.must(q.c.DeleteQueue(q.t.Context(), &sqs.DeleteQueueInput{QueueUrl: q.url}))
		return `{"QueueName":"` + q.name + `"}`
	}},
	{"CreateQueue", "other attributes", wire.QueueNameExists, func(q *preparation) string {
		return `{"QueueName":"` + q.name + `","Attributes":{"DelaySeconds":"1"}}`
	}},
	{"CreateQueue", "absent dead-letter queue", wire.InvalidParameterValue, func(q *preparation) string {
		return `{"QueueName":"` + q.name + `-other","Attributes":{"RedrivePolicy":` + quoted(policyTo("absent")) + `}}`
	}},
	{"SetQueueAttributes", "absent dead-letter queue", wire.InvalidParameterValue, func(q *preparation) string {
		return q.with(`"Attributes":{"RedrivePolicy":` + quoted(policyTo("absent")) + `}`)
	}},
	{"PurgeQueue", "purged just now", wire.PurgeQueueInProgress, func(q *preparation) string {
		q.must(q.c.PurgeQueue(q.t.Context(), &sqs.PurgeQueueInput{QueueUrl: q.url}))
		return q.with("")
	}},

	{"SendMessage", "over the queue's size", wire.InvalidParameterValue, func(q *preparation) string {
		q.set("MaximumMessageSize", "1024")
		return q.with(`"MessageBody":"` + fmt.Sprintf("%1025d", 1) + `"`)
	}},
	{"SendMessage", "no deduplication id", wire.InvalidParameterValue, func(q *preparation) string {
		return q.fifo().with(`"MessageBody":"b","MessageGroupId":"g"`)
	}},
	{"SendMessageBatch", "no deduplication id", wire.InvalidParameterValue, func(q *preparation) string {
		return q.fifo().with(`"Entries":[{"Id":"1","MessageBody":"b","MessageGroupId":"g"}]`)
	}},
	{"SendMessageBatch", "entry over the queue's size", wire.InvalidParameterValue, func(q *preparation) string {
		q.set("MaximumMessageSize", "1024")
		return q.with(`"Entries":[{"Id":"1","MessageBody":"` + fmt.Sprintf("%1025d", 1) + `"}]`)
	}},

	{"DeleteMessage", "never issued", wire.ReceiptHandleIsInvalid, func(q *preparation) string {
		return q.with(`"ReceiptHandle":"h"`)
	}},
	{"DeleteMessage", "of another queue", wire.ReceiptHandleIsInvalid, func(q *preparation) string {
		q.send("b")
		return newPreparation(q.t, q.p).with(`"ReceiptHandle":"` + q.receive() + `"`)
	}},
	{"DeleteMessage", "expired in a FIFO queue", wire.InvalidParameterValue, func(q *preparation) string {
		return q.fifo().with(`"ReceiptHandle":"` + q.expired() + `"`)
	}},
	{"DeleteMessageBatch", "entry never issued", wire.ReceiptHandleIsInvalid, func(q *preparation) string {
		return q.with(`"Entries":[{"Id":"1","ReceiptHandle":"h"}]`)
	}},
	{"DeleteMessageBatch", "entry expired in a FIFO queue", wire.InvalidParameterValue, func(q *preparation) string {
		return q.fifo().with(`"Entries":[{"Id":"1","ReceiptHandle":"` + q.expired() + `"}]`)
	}},
	{"ChangeMessageVisibility", "never issued", wire.ReceiptHandleIsInvalid, func(q *preparation) string {
		return q.with(`"ReceiptHandle":"h","VisibilityTimeout":1`)
	}},
	{"ChangeMessageVisibility", "received again", wire.ReceiptHandleIsInvalid, func(q *preparation) string {
		stale := q.expired()
		q.receive()
		return q.with(`"ReceiptHandle":"` + stale + `","VisibilityTimeout":1`)
	}},
	{"ChangeMessageVisibility", "deleted", wire.InvalidParameterValue, func(q *preparation) string {
		return q.with(`"ReceiptHandle":"` + q.deleted() + `","VisibilityTimeout":1`)
	}},
	{"ChangeMessageVisibilityBatch", "entry never issued", wire.ReceiptHandleIsInvalid, func(q *preparation) string {
		return q.with(`"Entries":[{"Id":"1","ReceiptHandle":"h","VisibilityTimeout":1}]`)
	}},
	{"ChangeMessageVisibilityBatch", "entry deleted", wire.ReceiptHandleIsInvalid, func(q *preparation) string {
		return q.with(`"Entries":[{"Id":"1","ReceiptHandle":"` + q.deleted() + `","VisibilityTimeout":1}]`)
	}},

	{"TagQueue", "51 tags with those before", wire.InvalidParameterValue, func(q *preparation) string {
		tags := map[string]string{}
		for i := range wire.MaxTags {
			tags[fmt.Sprint("k", i)] = "v"
		}
		q.must(q.c.TagQueue(q.t.Context(), &sqs.TagQueueInput{QueueUrl: q.url, Tags: tags}))
		return q.with(`"Tags":{"other":"v"}`)
	}},
	{"AddPermission", "label in use", wire.InvalidParameterValue, func(q *preparation) string {
		q.permit("l")
		return q.with(`"Label":"l","AWSAccountIds":["111111111111"],"Actions":["SendMessage"]`)
	}},
	{"AddPermission", "21st statement", wire.OverLimit, func(q *preparation) string {
		for i := range wire.MaxPolicyStatements {
			q.permit(fmt.Sprint("l", i))
		}
		return q.with(`"Label":"l","AWSAccountIds":["111111111111"],"Actions":["SendMessage"]`)
	}},
	{"RemovePermission", "unknown label", wire.InvalidParameterValue, func(q *preparation) string {
		return q.with(`"Label":"l"`)
	}},

	{"StartMessageMoveTask", "destination absent", wire.ResourceNotFound, func(q *preparation) string {
		q.source()
		return `{"SourceArn":"` + q.arn() + `","DestinationArn":"` + q.arn() + `-absent"}`
	}},
	{"StartMessageMoveTask", "nobody's dead-letter queue", wire.InvalidParameterValue, func(q *preparation) string {
		return `{"SourceArn":"` + q.arn() + `"}`
	}},
	{"StartMessageMoveTask", "another one runs", wire.InvalidParameterValue, func(q *preparation) string {
		q.source()
		q.send("b")
		q.startTask()
		return `{"SourceArn":"` + q.arn() + `"}`
	}},
	{"CancelMessageMoveTask", "unknown task", wire.ResourceNotFound, func(q *preparation) string {
		return `{"TaskHandle":"` + wire.TaskHandle{TaskID: "12345678-90ab-cdef-0123-456789abcdef", SourceARN: q.arn()}.Encode() + `"}`
	}},
	{"CancelMessageMoveTask", "cancelled before", wire.UnsupportedOperation, func(q *preparation) string {
		q.source()
		q.send("b")
		handle := q.startTask()
		q.must(q.c.CancelMessageMoveTask(q.t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle}))
		return `{"TaskHandle":"` + handle + `"}`
	}},
}

// preparation is a queue of its own for a case, and what can be done to it first.
type preparation struct {
	t    *testing.T
	p    *process
	c    *sqs.Client
	name string
	url  *string
}

var prepared atomic.Int64

func newPreparation(t *testing.T, p *process) *preparation {
	t.Helper()
	q := &preparation{t: t, p: p, c: p.client(), name: fmt.Sprint("q", prepared.Add(1))}
	q.url = createQueue(t, q.c, q.name)
	return q
}

// fifo goes on with a FIFO queue.
func (q *preparation) fifo() *preparation {
	q.t.Helper()
	q.name += ".fifo"
	out, err := q.c.CreateQueue(q.t.Context(), &sqs.CreateQueueInput{
		QueueName: &q.name, Attributes: map[string]string{"FifoQueue": "true"},
	})
	must(q.t, err)
	q.url = out.QueueUrl
	return q
}

// with is the parameters of a call to the queue, besides its URL.
func (q *preparation) with(members string) string {
	if members != "" {
		members = "," + members
	}
	return `{"QueueUrl":"` + *q.url + `"` + members + `}`
}

func (q *preparation) must(_ any, err error) {
	q.t.Helper()
	must(q.t, err)
}

func (q *preparation) set(attribute, value string) {
	q.t.Helper()
	q.must(q.c.SetQueueAttributes(q.t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: q.url, Attributes: map[string]string{attribute: value},
	}))
}

func (q *preparation) send(body string) {
	q.t.Helper()
	in := &sqs.SendMessageInput{QueueUrl: q.url, MessageBody: &body}
	if wire.IsFIFO(q.name) {
		in.MessageGroupId, in.MessageDeduplicationId = aws.String("g"), &body
	}
	q.must(q.c.SendMessage(q.t.Context(), in))
}

// receive receives a message and returns its handle.
func (q *preparation) receive() string {
	q.t.Helper()
	messages := receive(q.t, q.c, q.url, 1)
	if len(messages) != 1 {
		q.t.Fatalf("received %d messages, want one", len(messages))
	}
	return *messages[0].ReceiptHandle
}

// expired is the handle of a message that is visible again.
func (q *preparation) expired() string {
	q.t.Helper()
	q.send("expired")
	handle := q.receive()
	q.must(q.c.ChangeMessageVisibility(q.t.Context(), &sqs.ChangeMessageVisibilityInput{
		QueueUrl: q.url, ReceiptHandle: &handle, VisibilityTimeout: 0,
	}))
	return handle
}

// deleted is the handle of a message that was deleted.
func (q *preparation) deleted() string {
	q.t.Helper()
	q.send("deleted")
	handle := q.receive()
	q.must(q.c.DeleteMessage(q.t.Context(), &sqs.DeleteMessageInput{QueueUrl: q.url, ReceiptHandle: &handle}))
	return handle
}

func (q *preparation) permit(label string) {
	q.t.Helper()
	q.must(q.c.AddPermission(q.t.Context(), &sqs.AddPermissionInput{
		QueueUrl: q.url, Label: &label, AWSAccountIds: []string{"111111111111"}, Actions: []string{"SendMessage"},
	}))
}

func (q *preparation) arn() string { return arnOf(q.name) }

func arnOf(name string) string { return wire.QueueARN("us-east-1", wire.DefaultAccount, name) }

// policyTo is a redrive policy.
func policyTo(name string) string {
	return `{"deadLetterTargetArn":"` + arnOf(name) + `","maxReceiveCount":1}`
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }

// source makes the queue the dead-letter queue of another one.
func (q *preparation) source() {
	q.t.Helper()
	q.must(q.c.CreateQueue(q.t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String(q.name + "-source"), Attributes: map[string]string{"RedrivePolicy": policyTo(q.name)},
	}))
}

// startTask starts a task that moves the queue's messages to another one, so slowly that it goes on for a second.
func (q *preparation) startTask() (handle string) {
	q.t.Helper()
	target := newPreparation(q.t, q.p)
	out, err := q.c.StartMessageMoveTask(q.t.Context(), &sqs.StartMessageMoveTaskInput{
		SourceArn: aws.String(q.arn()), DestinationArn: aws.String(target.arn()), MaxNumberOfMessagesPerSecond: aws.Int32(1),
	})
	must(q.t, err)
	return *out.TaskHandle
}
