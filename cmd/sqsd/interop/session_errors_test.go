//go:build interop

package interop

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

const legacy = "AWS.SimpleQueueService."

func (s *session) errors(jobs *string) {
	_, err := s.GetQueueUrl(s.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(s.prefix + "-absent")})
	fails[*types.QueueDoesNotExist](s.t, err, legacy+"NonExistentQueue")
	_, err = s.SetQueueAttributes(s.ctx, &sqs.SetQueueAttributesInput{QueueUrl: jobs, Attributes: map[string]string{"Colour": "red"}})
	fails[*types.InvalidAttributeName](s.t, err, "InvalidAttributeName")
	_, err = s.SetQueueAttributes(s.ctx, &sqs.SetQueueAttributesInput{QueueUrl: jobs, Attributes: map[string]string{"DelaySeconds": "901"}})
	fails[*types.InvalidAttributeValue](s.t, err, "InvalidAttributeValue")
	_, err = s.DeleteMessage(s.ctx, &sqs.DeleteMessageInput{QueueUrl: jobs, ReceiptHandle: aws.String("x")})
	fails[*types.ReceiptHandleIsInvalid](s.t, err, "ReceiptHandleIsInvalid")
	_, err = s.SendMessage(s.ctx, &sqs.SendMessageInput{QueueUrl: jobs, MessageBody: aws.String("\b")})
	fails[*types.InvalidMessageContents](s.t, err, "InvalidMessageContents")
	_, err = s.AddPermission(s.ctx, &sqs.AddPermissionInput{
		QueueUrl: jobs, Label: aws.String("l"), AWSAccountIds: []string{"111111111111"},
		Actions: strings.Split(strings.Repeat("SendMessage ", 7)+"SendMessage", " "),
	})
	fails[*types.OverLimit](s.t, err, "OverLimit")
	_, err = s.ListMessageMoveTasks(s.ctx, &sqs.ListMessageMoveTasksInput{
		SourceArn: aws.String(s.attribute(jobs, "QueueArn") + "-absent"),
	})
	fails[*types.ResourceNotFoundException](s.t, err, "ResourceNotFoundException")
	s.batchErrors(jobs)

	var untyped smithy.APIError
	_, err = s.ReceiveMessage(s.ctx, &sqs.ReceiveMessageInput{QueueUrl: jobs, MaxNumberOfMessages: 11})
	if !errors.As(err, &untyped) || untyped.ErrorCode() != "InvalidParameterValue" {
		s.t.Errorf("receiving 11 messages: %v", err)
	}
	_, err = s.SendMessage(s.ctx, &sqs.SendMessageInput{QueueUrl: jobs, MessageBody: aws.String("")})
	if !errors.As(err, &untyped) || untyped.ErrorCode() != "MissingParameter" {
		s.t.Errorf("sending an empty body: %v", err)
	}
}

func (s *session) batchErrors(jobs *string) {
	batch := func(body string, ids ...string) error {
		in := sqs.SendMessageBatchInput{QueueUrl: jobs, Entries: []types.SendMessageBatchRequestEntry{}}
		for _, id := range ids {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body})
		}
		_, err := s.SendMessageBatch(s.ctx, &in)
		return err
	}
	var eleven []string
	for i := range 11 {
		eleven = append(eleven, fmt.Sprint(i))
	}
	fails[*types.EmptyBatchRequest](s.t, batch("b"), legacy+"EmptyBatchRequest")
	fails[*types.TooManyEntriesInBatchRequest](s.t, batch("b", eleven...), legacy+"TooManyEntriesInBatchRequest")
	fails[*types.BatchEntryIdsNotDistinct](s.t, batch("b", "a", "a"), legacy+"BatchEntryIdsNotDistinct")
	fails[*types.InvalidBatchEntryId](s.t, batch("b", "!"), legacy+"InvalidBatchEntryId")
	fails[*types.BatchRequestTooLong](s.t, batch(strings.Repeat("x", 600_000), "a", "b"), legacy+"BatchRequestTooLong")
}

func (s *session) ends(jobs *string) {
	ok(s.SendMessage(s.ctx, &sqs.SendMessageInput{QueueUrl: jobs, MessageBody: aws.String("purged")}))(s.t)
	ok(s.PurgeQueue(s.ctx, &sqs.PurgeQueueInput{QueueUrl: jobs}))(s.t)
	same(s.t, len(s.receive(jobs, 1)), 0)
	_, err := s.PurgeQueue(s.ctx, &sqs.PurgeQueueInput{QueueUrl: jobs})
	fails[*types.PurgeQueueInProgress](s.t, err, legacy+"PurgeQueueInProgress")
	for _, url := range ok(s.ListQueues(s.ctx, &sqs.ListQueuesInput{QueueNamePrefix: &s.prefix}))(s.t).QueueUrls {
		ok(s.DeleteQueue(s.ctx, &sqs.DeleteQueueInput{QueueUrl: &url}))(s.t)
	}
	_, err = s.CreateQueue(s.ctx, &sqs.CreateQueueInput{QueueName: aws.String(s.prefix + "-jobs")})
	fails[*types.QueueDeletedRecently](s.t, err, legacy+"QueueDeletedRecently")
}
