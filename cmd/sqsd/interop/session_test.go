//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// session is the Go client's session; the other languages' sessions tell the same story.
type session struct {
	*sqs.Client
	t                *testing.T
	ctx              context.Context
	prefix, endpoint string
}

func (s *session) run() {
	jobs := s.queues()
	s.settings(jobs)
	s.messages(jobs)
	s.batches(jobs)
	s.longPolls(jobs)
	s.fifo()
	s.deadLetters()
	s.moveTasks()
	s.errors(jobs)
	s.atItsOwnAddress(jobs)
	s.strangers()
	s.digests(jobs)
	s.trouble()
	s.ends(jobs)
}

func (s *session) queues() (jobs *string) {
	name := s.prefix + "-jobs"
	wanted := sqs.CreateQueueInput{
		QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": "40"}, Tags: map[string]string{"team": "red"},
	}
	created := ok(s.CreateQueue(s.ctx, &wanted))(s.t)
	jobs = created.QueueUrl
	same(s.t, *ok(s.CreateQueue(s.ctx, &wanted))(s.t).QueueUrl, *jobs)
	same(s.t, *ok(s.GetQueueUrl(s.ctx, &sqs.GetQueueUrlInput{QueueName: &name}))(s.t).QueueUrl, *jobs)
	other := s.create("other", nil)
	var pages [][]string
	list := sqs.NewListQueuesPaginator(s, &sqs.ListQueuesInput{QueueNamePrefix: &s.prefix, MaxResults: aws.Int32(1)})
	for list.HasMorePages() {
		pages = append(pages, ok(list.NextPage(s.ctx))(s.t).QueueUrls)
	}
	same(s.t, pages, [][]string{{*jobs}, {*other}})
	wanted.Attributes["VisibilityTimeout"] = "41"
	_, err := s.CreateQueue(s.ctx, &wanted)
	fails[*types.QueueNameExists](s.t, err, "QueueAlreadyExists")
	return jobs
}

func (s *session) settings(jobs *string) {
	ok(s.SetQueueAttributes(s.ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: jobs, Attributes: map[string]string{"MessageRetentionPeriod": "3600", "DelaySeconds": "0"},
	}))(s.t)
	same(s.t, s.attribute(jobs, "VisibilityTimeout"), "40")
	same(s.t, s.attribute(jobs, "MessageRetentionPeriod"), "3600")
	same(s.t, strings.HasSuffix(s.attribute(jobs, "QueueArn"), ":"+s.prefix+"-jobs"), true)

	tags := map[string]string{"team": "blue", "cost centre": "é"}
	ok(s.TagQueue(s.ctx, &sqs.TagQueueInput{QueueUrl: jobs, Tags: tags}))(s.t)
	same(s.t, ok(s.ListQueueTags(s.ctx, &sqs.ListQueueTagsInput{QueueUrl: jobs}))(s.t).Tags, tags)
	ok(s.UntagQueue(s.ctx, &sqs.UntagQueueInput{QueueUrl: jobs, TagKeys: []string{"team", "cost centre"}}))(s.t)
	same(s.t, len(ok(s.ListQueueTags(s.ctx, &sqs.ListQueueTagsInput{QueueUrl: jobs}))(s.t).Tags), 0)

	ok(s.AddPermission(s.ctx, &sqs.AddPermissionInput{
		QueueUrl: jobs, Label: aws.String("share"), AWSAccountIds: []string{"111111111111"}, Actions: []string{"SendMessage"},
	}))(s.t)
	var policy struct{ Statement []struct{ Sid string } }
	if err := json.Unmarshal([]byte(s.attribute(jobs, "Policy")), &policy); err != nil || policy.Statement[0].Sid != "share" {
		s.t.Fatalf("%v, policy %v", err, policy)
	}
	ok(s.RemovePermission(s.ctx, &sqs.RemovePermissionInput{QueueUrl: jobs, Label: aws.String("share")}))(s.t)
	same(s.t, s.attribute(jobs, "Policy"), "")
}

const (
	traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793"
	traceDigest = "62a56dd927315f2b2e12832b84617ea5"
)

func (s *session) messages(jobs *string) {
	body := "résumé <&> \"quoted\"\r\n\t😀"
	attributes := map[string]types.MessageAttributeValue{
		"color": {DataType: aws.String("String"), StringValue: aws.String("blue")},
		"count": {DataType: aws.String("Number"), StringValue: aws.String("3")},
		"blob":  {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2, 3}},
	}
	const digest = "d838729972a4b70e2d2acd9d59ac847c"
	sent := ok(s.SendMessage(s.ctx, &sqs.SendMessageInput{
		QueueUrl: jobs, MessageBody: &body, MessageAttributes: attributes,
		MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String(traceHeader)},
		},
	}))(s.t)
	same(s.t, *sent.MD5OfMessageAttributes, digest)
	same(s.t, *sent.MD5OfMessageSystemAttributes, traceDigest)
	got := s.receive(jobs, 1, func(in *sqs.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"All"}
		in.MessageAttributeNames = []string{"All"}
	})[0]
	same(s.t, []string{*got.MessageId, *got.Body, *got.MD5OfMessageAttributes}, []string{*sent.MessageId, body, digest})
	same(s.t, got.MessageAttributes, attributes)
	same(s.t, got.Attributes["ApproximateReceiveCount"], "1")
	same(s.t, got.Attributes["AWSTraceHeader"], traceHeader)
	ok(s.ChangeMessageVisibility(s.ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: jobs, ReceiptHandle: got.ReceiptHandle, VisibilityTimeout: 0,
	}))(s.t)
	again := s.receive(jobs, 1)[0]
	same(s.t, len(again.Attributes)+len(again.MessageAttributes), 0)
	s.delete(jobs, again)
	same(s.t, s.attribute(jobs, "ApproximateNumberOfMessagesNotVisible"), "0")
}

func (s *session) batches(jobs *string) {
	var entries []types.SendMessageBatchRequestEntry
	for i, body := range []string{"job 0", "\b", "job 2"} {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &body})
	}
	sent := ok(s.SendMessageBatch(s.ctx, &sqs.SendMessageBatchInput{QueueUrl: jobs, Entries: entries}))(s.t)
	same(s.t, []string{*sent.Successful[0].Id, *sent.Successful[1].Id}, []string{"0", "2"})
	same(s.t, *sent.Failed[0].Id+*sent.Failed[0].Code, "1InvalidMessageContents")
	got := s.receive(jobs, 10)
	same(s.t, bodies(got), "job 0,job 2")
	var hide []types.ChangeMessageVisibilityBatchRequestEntry
	handles := []types.DeleteMessageBatchRequestEntry{{Id: aws.String("bad"), ReceiptHandle: aws.String("x")}}
	for i, m := range got {
		id := aws.String(fmt.Sprint(i))
		hide = append(hide, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: id, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 60,
		})
		handles = append(handles, types.DeleteMessageBatchRequestEntry{Id: id, ReceiptHandle: m.ReceiptHandle})
	}
	hidden := ok(s.ChangeMessageVisibilityBatch(s.ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: jobs, Entries: hide}))(s.t)
	same(s.t, len(hidden.Successful), 2)
	deleted := ok(s.DeleteMessageBatch(s.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: jobs, Entries: handles}))(s.t)
	same(s.t, len(deleted.Successful), 2)
	same(s.t, *deleted.Failed[0].Id+*deleted.Failed[0].Code, "badReceiptHandleIsInvalid")
}

func (s *session) longPolls(jobs *string) {
	wait := func(seconds int32) func(*sqs.ReceiveMessageInput) {
		return func(in *sqs.ReceiveMessageInput) { in.WaitTimeSeconds = seconds }
	}
	began := time.Now()
	same(s.t, len(s.receive(jobs, 1, wait(1))), 0)
	if took := time.Since(began); took < 900*time.Millisecond || took > 5*time.Second {
		s.t.Errorf("an empty long poll of a second took %v", took)
	}
	sent := make(chan error)
	time.AfterFunc(500*time.Millisecond, func() {
		_, err := s.SendMessage(s.ctx, &sqs.SendMessageInput{QueueUrl: jobs, MessageBody: aws.String("late")})
		sent <- err
	})
	began = time.Now()
	got := s.receive(jobs, 1, wait(20))
	if err := <-sent; err != nil || time.Since(began) > 10*time.Second {
		s.t.Errorf("sending: %v; the long poll woke after %v", err, time.Since(began))
	}
	s.delete(jobs, got[0])
}

func (s *session) create(name string, attributes map[string]string) *string {
	s.t.Helper()
	name = s.prefix + "-" + name
	return ok(s.CreateQueue(s.ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes}))(s.t).QueueUrl
}

func (s *session) receive(url *string, n int32, with ...func(*sqs.ReceiveMessageInput)) []types.Message {
	s.t.Helper()
	in := sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: n}
	for _, set := range with {
		set(&in)
	}
	return ok(s.ReceiveMessage(s.ctx, &in))(s.t).Messages
}

func (s *session) delete(url *string, m types.Message) {
	s.t.Helper()
	ok(s.DeleteMessage(s.ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}))(s.t)
}

func (s *session) attribute(url *string, name types.QueueAttributeName) string {
	s.t.Helper()
	return ok(s.GetQueueAttributes(s.ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{name},
	}))(s.t).Attributes[string(name)]
}

func bodies(messages []types.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, *m.Body)
	}
	return strings.Join(all, ",")
}

// waitUntil asks again and again until something holds.
func (s *session) waitUntil(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not within 20 seconds: %s", what)
		}
	}
}

// ok returns what a call answered; the test ends if the call failed.
func ok[T any](out T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// fails checks that a call failed with the SDK's type for the error, and with the code.
func fails[E smithy.APIError](t *testing.T, err error, code string) {
	t.Helper()
	var typed E
	if !errors.As(err, &typed) || typed.ErrorCode() != code {
		t.Errorf("got %v, want %T with %s", err, typed, code)
	}
}

// increasing says whether texts are in strictly ascending order.
func increasing(texts []string) bool {
	return slices.IsSorted(texts) && len(slices.Compact(slices.Clone(texts))) == len(texts)
}
