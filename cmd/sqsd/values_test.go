package main

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"sqsd/wire"
)

// The SDK checks the digests of bodies by itself.
func TestADuplicateIsAnsweredWithTheDigestOfWhatWasSent(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "1")
	q := newPreparation(t, p).fifo()
	send := func(body string) *sqs.SendMessageOutput {
		out, err := q.c.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: q.url, MessageBody: &body, MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d"),
		})
		must(t, err)
		return out
	}
	first, again := send("a"), send("b")
	if *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber ||
		*again.MD5OfMessageBody != wire.BodyMD5("b") {
		t.Errorf("the duplicate is %s, number %s, digest %s; the original %s, number %s", *again.MessageId,
			*again.SequenceNumber, *again.MD5OfMessageBody, *first.MessageId, *first.SequenceNumber)
	}
}

func TestNumbersAndTraceHeadersComeBackAsTheyWereSent(t *testing.T) {
	const number, trace = "+007.50", "no trace header at all"
	p := start(t, "--data-dir", t.TempDir(), "--groups", "1")
	q := newPreparation(t, p)
	_, err := q.c.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: q.url, MessageBody: aws.String("b"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"n": {DataType: aws.String("Number"), StringValue: aws.String(number)},
		},
		MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String(trace)},
		},
	})
	must(t, err)
	got, err := q.c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: q.url, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	must(t, err)
	if len(got.Messages) != 1 {
		t.Fatalf("received %d messages, want one", len(got.Messages))
	}
	m := got.Messages[0]
	if n := *m.MessageAttributes["n"].StringValue; n != number || m.Attributes["AWSTraceHeader"] != trace {
		t.Errorf("received the number %q and the trace header %q", n, m.Attributes["AWSTraceHeader"])
	}
}
