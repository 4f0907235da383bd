// Command roundtrip uses the pub/sub package of the Go Cloud Development Kit: jobs are done once, a job that was given
// back comes again, one that is always given back ends in the dead-letter queue. Run by the tests of package interop.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"gocloud.dev/pubsub"
	"gocloud.dev/pubsub/awssnssqs"
)

const jobs = 25

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := roundTrip(ctx); err != nil {
		log.Fatal(err)
	}
}

func roundTrip(ctx context.Context) error {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(settings)
	queue, dead, err := createQueues(ctx, client)
	if err != nil {
		return err
	}
	if err := publish(ctx, client, queue); err != nil {
		return err
	}
	return process(ctx, client, queue, dead)
}

func createQueues(ctx context.Context, client *sqs.Client) (queue, dead string, err error) {
	prefix := os.Getenv("SQS_PREFIX")
	deadLetters, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(prefix + "-dead")})
	if err != nil {
		return "", "", err
	}
	policy := fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:000000000000:%s-dead","maxReceiveCount":3}`,
		os.Getenv("AWS_REGION"), prefix)
	created, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName: aws.String(prefix + "-jobs"), Attributes: map[string]string{"RedrivePolicy": policy},
	})
	if err != nil {
		return "", "", err
	}
	return *created.QueueUrl, *deadLetters.QueueUrl, nil
}

func publish(ctx context.Context, client *sqs.Client, queue string) error {
	topic := awssnssqs.OpenSQSTopic(ctx, client, queue, nil)
	for n := range jobs {
		m := &pubsub.Message{Body: []byte(strconv.Itoa(n)), Metadata: map[string]string{"kind": "job"}}
		if err := topic.Send(ctx, m); err != nil {
			return err
		}
	}
	return topic.Shutdown(ctx)
}

// process runs the jobs until the last dead letter is there, and checks how often each ran.
func process(ctx context.Context, client *sqs.Client, queue, dead string) error {
	subscription := awssnssqs.OpenSubscription(ctx, client, queue, nil)
	want := map[string]int{"0": 3, "1": 2}
	runs := map[string]int{}
	for n := range jobs {
		if n > 1 {
			want[strconv.Itoa(n)] = 1
		}
	}
	for !reflect.DeepEqual(runs, want) {
		m, err := subscription.Receive(ctx)
		if err != nil {
			return fmt.Errorf("%w; runs: %v", err, runs)
		}
		name := string(m.Body)
		if runs[name]++; runs[name] > want[name] || m.Metadata["kind"] != "job" {
			return fmt.Errorf("job %q with metadata %v, runs: %v", name, m.Metadata, runs)
		}
		if name == "0" || name == "1" && runs[name] == 1 {
			m.Nack()
		} else {
			m.Ack()
		}
	}
	// A receive moves what was delivered often enough: a consumer goes on receiving.
	again := make(chan error, 1)
	go func() {
		m, err := subscription.Receive(ctx)
		if err == nil {
			err = fmt.Errorf("job %q came again", m.Body)
		}
		again <- err
	}()
	letter := make(chan error, 1)
	go func() { letter <- expectDeadLetter(ctx, awssnssqs.OpenSubscription(ctx, client, dead, nil)) }()
	select {
	case err := <-again:
		return err
	case err := <-letter:
		return err
	}
}

func expectDeadLetter(ctx context.Context, subscription *pubsub.Subscription) error {
	m, err := subscription.Receive(ctx)
	if err != nil {
		return err
	}
	m.Ack()
	if string(m.Body) != "0" {
		return fmt.Errorf("dead letter %q", m.Body)
	}
	return subscription.Shutdown(ctx)
}
