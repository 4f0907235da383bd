package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"sqsd/wire"
)

func TestAPageOfAListingHasAtMost1000Queues(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "4")
	p.waitReady(t)
	c := p.client()
	dead := createQueue(t, c, "dead")
	createSources(t, c, 1001, "dead")
	prefix := "source-"

	all, err := c.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: &prefix})
	must(t, err)
	wantPage(t, "ListQueues", all.QueueUrls, all.NextToken, 1000, false)
	first, err := c.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int32(1000)})
	must(t, err)
	wantPage(t, "ListQueues", first.QueueUrls, first.NextToken, 1000, true)
	rest, err := c.ListQueues(t.Context(), &sqs.ListQueuesInput{
		QueueNamePrefix: &prefix, MaxResults: aws.Int32(1000), NextToken: first.NextToken,
	})
	must(t, err)
	wantPage(t, "ListQueues", rest.QueueUrls, rest.NextToken, 1, false)

	sources, err := c.ListDeadLetterSourceQueues(t.Context(), &sqs.ListDeadLetterSourceQueuesInput{
		QueueUrl: dead, MaxResults: aws.Int32(1000),
	})
	must(t, err)
	wantPage(t, "ListDeadLetterSourceQueues", sources.QueueUrls, sources.NextToken, 1000, true)
	sources, err = c.ListDeadLetterSourceQueues(t.Context(), &sqs.ListDeadLetterSourceQueuesInput{
		QueueUrl: dead, MaxResults: aws.Int32(1000), NextToken: sources.NextToken,
	})
	must(t, err)
	wantPage(t, "ListDeadLetterSourceQueues", sources.QueueUrls, sources.NextToken, 1, false)
}

// createSources creates queues that have the same dead-letter queue, many at a time.
func createSources(t *testing.T, c *sqs.Client, n int, dead string) {
	t.Helper()
	names := make(chan string, n)
	for i := range n {
		names <- fmt.Sprintf("source-%04d", i)
	}
	close(names)
	var creators sync.WaitGroup
	for range 20 {
		creators.Go(func() {
			for name := range names {
				_, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{
					QueueName: &name, Attributes: map[string]string{"RedrivePolicy": policyTo(dead)},
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	creators.Wait()
}

func wantPage(t *testing.T, action string, urls []string, token *string, n int, more bool) {
	t.Helper()
	if len(urls) != n || (token != nil) != more || !slices.IsSorted(urls) {
		t.Errorf("%s: a page of %d queues with token %v, want %d in order and a token: %v", action, len(urls), token, n, more)
	}
}

func TestTenOfTheLargestMessagesComeInOneAnswer(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "1")
	c := p.client()
	url := createQueue(t, c, "q")
	body := strings.Repeat("x", wire.MaxMessageBytes)
	for range 10 {
		send(t, c, url, body)
	}
	got := receive(t, c, url, 10)
	if len(got) != 10 {
		t.Fatalf("received %d messages, want 10", len(got))
	}
	for _, m := range got {
		if *m.Body != body {
			t.Errorf("a body of %d bytes came back as one of %d", len(body), len(*m.Body))
		}
	}
}

func TestMessageIDsAndReceiptHandlesAreWithinTheirQuotas(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "1")
	q := newPreparation(t, p)
	q.send("b")
	got := receive(t, q.c, q.url, 1)
	if len(got) != 1 || len(*got[0].MessageId) > 100 || len(*got[0].ReceiptHandle) > wire.MaxReceiptHandleLength {
		t.Errorf("received %+v", got)
	}
}
