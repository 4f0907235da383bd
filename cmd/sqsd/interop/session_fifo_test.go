//go:build interop

package interop

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func (s *session) fifo() {
	url := s.create("jobs.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	send := sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("1"), MessageGroupId: aws.String("g")}
	first := ok(s.SendMessage(s.ctx, &send))(s.t)
	same(s.t, len(*first.SequenceNumber), 20)
	twin := ok(s.SendMessage(s.ctx, &send))(s.t)
	same(s.t, []string{*twin.MessageId, *twin.SequenceNumber}, []string{*first.MessageId, *first.SequenceNumber})
	var rest []types.SendMessageBatchRequestEntry
	for i := 2; i < 6; i++ {
		id := aws.String(fmt.Sprint(i))
		rest = append(rest, types.SendMessageBatchRequestEntry{
			Id: id, MessageBody: id, MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d" + *id),
		})
	}
	ok(s.SendMessageBatch(s.ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: rest}))(s.t)
	attempt := func(in *sqs.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"All"}
		in.ReceiveRequestAttemptId = aws.String("attempt")
	}
	got := s.receive(url, 3, attempt)
	same(s.t, bodies(got), "1,2,3")
	same(s.t, got[1].Attributes["MessageDeduplicationId"], "d2")
	var numbers []string
	for i, again := range s.receive(url, 3, attempt) {
		same(s.t, *again.ReceiptHandle, *got[i].ReceiptHandle)
		numbers = append(numbers, again.Attributes["SequenceNumber"])
	}
	same(s.t, len(numbers) == 3 && increasing(numbers), true)
	same(s.t, len(s.receive(url, 10)), 0)
	for _, m := range got {
		s.delete(url, m)
	}
	same(s.t, bodies(s.receive(url, 10)), "4,5")
}
