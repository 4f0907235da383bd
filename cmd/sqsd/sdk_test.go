package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestAnSDKClientGoesThroughAQueuesLife(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir())
	p.waitReady(t)
	queueLife(t, p.client(), "life")
}

// queueLife does everything that an application does with a queue.
func queueLife(t *testing.T, c *sqs.Client, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	created, err := c.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": "40"},
	})
	must(t, err)
	url := created.QueueUrl
	var entries []types.SendMessageBatchRequestEntry
	for i := range 5 {
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint(i)), MessageBody: aws.String(fmt.Sprintf("body %d", i)),
			MessageAttributes: map[string]types.MessageAttributeValue{
				"number": {DataType: aws.String("Number"), StringValue: aws.String(fmt.Sprint(i))},
			},
		})
	}
	sent, err := c.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
	must(t, err)
	if len(sent.Successful) != 5 || len(sent.Failed) != 0 {
		t.Fatalf("the batch sent %d and failed %d entries", len(sent.Successful), len(sent.Failed))
	}
	wantCounters(t, c, url, 5, 0)

	got, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: 3, WaitTimeSeconds: 5, MessageAttributeNames: []string{"All"},
	})
	must(t, err)
	if len(got.Messages) != 3 {
		t.Fatalf("received %d messages, want 3", len(got.Messages))
	}
	for i, m := range got.Messages {
		if *m.Body != fmt.Sprintf("body %d", i) || *m.MessageAttributes["number"].StringValue != fmt.Sprint(i) {
			t.Errorf("message %d has body %q and attributes %v", i, *m.Body, m.MessageAttributes)
		}
	}
	wantCounters(t, c, url, 2, 3)

	_, err = c.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: url, ReceiptHandle: got.Messages[0].ReceiptHandle, VisibilityTimeout: 0,
	})
	must(t, err)
	wantCounters(t, c, url, 3, 2)
	_, err = c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got.Messages[1].ReceiptHandle})
	must(t, err)
	wantCounters(t, c, url, 3, 1)

	_, err = c.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url})
	must(t, err)
	wantCounters(t, c, url, 0, 0)
	_, err = c.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url})
	must(t, err)
	_, err = c.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if missing := (*types.QueueDoesNotExist)(nil); !errors.As(err, &missing) {
		t.Errorf("looking up the deleted queue: %v, want QueueDoesNotExist", err)
	}
}

func wantCounters(t *testing.T, c *sqs.Client, url *string, visible, inFlight int) {
	t.Helper()
	got, err := c.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	must(t, err)
	for name, want := range map[string]int{
		"ApproximateNumberOfMessages": visible, "ApproximateNumberOfMessagesNotVisible": inFlight,
	} {
		if got.Attributes[name] != fmt.Sprint(want) {
			t.Errorf("%s is %s, want %d", name, got.Attributes[name], want)
		}
	}
}

func TestWhatWasAcknowledgedSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "--data-dir", dir)
	c := p.client()
	url := createQueue(t, c, "kept")
	send(t, c, url, "first")
	send(t, c, url, "second")
	got := receive(t, c, url, 1)
	_, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got[0].ReceiptHandle})
	must(t, err)
	p.stop(t)

	p = start(t, "--data-dir", dir)
	c = p.client()
	wantCounters(t, c, url, 1, 0)
	if got := receive(t, c, url, 10); len(got) != 1 || *got[0].Body != "second" {
		t.Errorf("after the restart received %d messages, want the second", len(got))
	}
}

func TestDeletedQueueAndPurgeWindowsCanBeSwitchedOff(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--deleted-queue-window", "0s", "--purge-window", "0s")
	c := p.client()
	for range 2 {
		url := createQueue(t, c, "again")
		for range 2 {
			_, err := c.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: url})
			must(t, err)
		}
		_, err := c.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url})
		must(t, err)
	}
}

func TestWindowsAreOnByDefault(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir())
	c := p.client()
	url := createQueue(t, c, "again")
	_, err := c.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: url})
	must(t, err)
	_, err = c.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: url})
	if busy := (*types.PurgeQueueInProgress)(nil); !errors.As(err, &busy) {
		t.Errorf("a second purge: %v, want PurgeQueueInProgress", err)
	}
	_, err = c.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url})
	must(t, err)
	_, err = c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("again")})
	if recent := (*types.QueueDeletedRecently)(nil); !errors.As(err, &recent) {
		t.Errorf("creating a queue just deleted: %v, want QueueDeletedRecently", err)
	}
}

func TestQueueURLsBeginWithThePublicURL(t *testing.T) {
	address := freeAddresses(t, 1)[0]
	p := start(t, "--data-dir", t.TempDir(), "--listen", address, "--account", "123456789012",
		"--public-url", "https://queues.example.org/")
	p.endpoint = "http://" + address
	if url := createQueue(t, p.client(), "q"); *url != "https://queues.example.org/123456789012/q" {
		t.Errorf("the queue's URL is %s", *url)
	}
}

func TestThreeNodesServeOneQueue(t *testing.T) {
	nodes := startCluster(t)
	for i, p := range nodes {
		queueLife(t, p.client(), fmt.Sprintf("life-%d", i))
	}
	// Every node takes calls for every queue, whoever leads it.
	url := createQueue(t, nodes[0].client(), "shared")
	for i, p := range nodes {
		send(t, p.client(), url, fmt.Sprint(i))
	}
	var all []types.Message
	for _, p := range nodes {
		all = append(all, receive(t, p.client(), url, 1)...)
	}
	if got := bodies(all); got != "0 1 2" {
		t.Errorf("three nodes received %q, want %q", got, "0 1 2")
	}
}

func TestTwoOfThreeNodesGoOn(t *testing.T) {
	nodes := startCluster(t)
	url := createQueue(t, nodes[0].client(), "q")
	send(t, nodes[0].client(), url, "before")
	nodes[0].stop(t)
	for _, p := range nodes[1:] {
		p.waitHealth(t, "/health/leader", func(_ int, body string) bool {
			return strings.Contains(body, `"withoutLeader":0`)
		})
	}
	c := nodes[1].client()
	send(t, c, url, "after")
	if got := receive(t, c, url, 10); len(got) != 2 {
		t.Errorf("two nodes of three received %d messages, want 2", len(got))
	}
}

func createQueue(t *testing.T, c *sqs.Client, name string) *string {
	t.Helper()
	out, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	must(t, err)
	return out.QueueUrl
}

func send(t *testing.T, c *sqs.Client, url *string, body string) {
	t.Helper()
	_, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body})
	must(t, err)
}

func receive(t *testing.T, c *sqs.Client, url *string, n int32) []types.Message {
	t.Helper()
	out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: n, WaitTimeSeconds: 10,
	})
	must(t, err)
	return out.Messages
}

// bodies are those of messages, with spaces between.
func bodies(messages []types.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, *m.Body)
	}
	return strings.Join(all, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
