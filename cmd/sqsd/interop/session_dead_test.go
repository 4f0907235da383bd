//go:build interop

package interop

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const visible = types.QueueAttributeNameApproximateNumberOfMessages

func (s *session) deadLetters() {
	dead := s.create("dead", nil)
	source := s.create("source", map[string]string{
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1}`, s.attribute(dead, "QueueArn")),
	})
	sources := ok(s.ListDeadLetterSourceQueues(s.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead}))(s.t)
	same(s.t, sources.QueueUrls, []string{*source})
	for i := range 3 {
		ok(s.SendMessage(s.ctx, &sqs.SendMessageInput{QueueUrl: source, MessageBody: aws.String(fmt.Sprintf("bad %d", i))}))(s.t)
	}
	all := func(in *sqs.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"All"}
		in.WaitTimeSeconds = 5
	}
	// The SDK leaves a VisibilityTimeout of zero out of a receive, so the messages are released one by one.
	for _, m := range s.receive(source, 10, all) {
		ok(s.ChangeMessageVisibility(s.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: source, ReceiptHandle: m.ReceiptHandle}))(s.t)
	}
	same(s.t, len(s.receive(source, 10)), 0)
	s.waitUntil("three dead letters", func() bool { return s.attribute(dead, visible) == "3" })
	for _, m := range s.receive(dead, 10, all) {
		same(s.t, m.Attributes["DeadLetterQueueSourceArn"], s.attribute(source, "QueueArn"))
		ok(s.ChangeMessageVisibility(s.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: dead, ReceiptHandle: m.ReceiptHandle}))(s.t)
	}
}

func (s *session) moveTasks() {
	dead, source := s.create("dead", nil), s.create("source", nil)
	arn := aws.String(s.attribute(dead, "QueueArn"))
	tasks := func() []types.ListMessageMoveTasksResultEntry {
		in := sqs.ListMessageMoveTasksInput{SourceArn: arn, MaxResults: aws.Int32(10)}
		return ok(s.ListMessageMoveTasks(s.ctx, &in))(s.t).Results
	}
	slow := ok(s.StartMessageMoveTask(s.ctx, &sqs.StartMessageMoveTaskInput{
		SourceArn: arn, MaxNumberOfMessagesPerSecond: aws.Int32(1),
	}))(s.t).TaskHandle
	same(s.t, []string{*tasks()[0].Status, *tasks()[0].TaskHandle}, []string{"RUNNING", *slow})
	ok(s.CancelMessageMoveTask(s.ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: slow}))(s.t)
	s.waitUntil("cancelled", func() bool { return *tasks()[0].Status == "CANCELLED" })
	_, err := s.CancelMessageMoveTask(s.ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: slow})
	fails[*types.UnsupportedOperation](s.t, err, "AWS.SimpleQueueService.UnsupportedOperation")

	ok(s.StartMessageMoveTask(s.ctx, &sqs.StartMessageMoveTaskInput{SourceArn: arn}))(s.t)
	s.waitUntil("completed", func() bool { return *tasks()[0].Status == "COMPLETED" })
	same(s.t, len(tasks()), 2)
	same(s.t, s.attribute(dead, visible), "0")
	s.waitUntil("three messages are back", func() bool { return s.attribute(source, visible) == "3" })
}
