//go:build interop

package interop

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// strangers are callers that the server does not know.
func (s *session) strangers() {
	for code, stranger := range map[string]*sqs.Client{
		"InvalidClientTokenId":  goClient(s.endpoint, "AKIDSTRANGER", secretKey),
		"SignatureDoesNotMatch": goClient(s.endpoint, accessKey, "wrong"),
	} {
		_, err := stranger.ListQueues(s.ctx, &sqs.ListQueuesInput{})
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != code {
			s.t.Errorf("got %v, want %s", err, code)
		}
	}
}

// atItsOwnAddress sends a request to a queue's URL, as the clients for PHP and Ruby do.
func (s *session) atItsOwnAddress(jobs *string) {
	there := goClient(*jobs, accessKey, secretKey)
	same(s.t, len(ok(there.ListQueueTags(s.ctx, &sqs.ListQueueTagsInput{QueueUrl: jobs}))(s.t).Tags), 0)
}

// digests checks that the client notices a body that is not the one of its digest.
func (s *session) digests(jobs *string) {
	damaged := func(member string) *sqs.Client { return goClient(s.endpoint+"/damage/"+member, accessKey, secretKey) }
	notices := func(err error) {
		s.t.Helper()
		if err == nil || !strings.Contains(err.Error(), "checksum") {
			s.t.Errorf("got %v, want a complaint about a checksum", err)
		}
	}
	body := aws.String("b")
	_, err := damaged("MD5OfMessageBody").SendMessage(s.ctx, &sqs.SendMessageInput{QueueUrl: jobs, MessageBody: body})
	notices(err)
	_, err = damaged("MD5OfMessageBody").SendMessageBatch(s.ctx, &sqs.SendMessageBatchInput{
		QueueUrl: jobs, Entries: []types.SendMessageBatchRequestEntry{{Id: aws.String("a"), MessageBody: body}},
	})
	notices(err)
	_, err = damaged("MD5OfBody").ReceiveMessage(s.ctx, &sqs.ReceiveMessageInput{QueueUrl: jobs})
	notices(err)
}

// trouble checks that the client tries again without a word when no leader is there, and with the server's time when
// its own is wrong.
func (s *session) trouble() {
	for _, path := range []string{"/busy", "/ahead"} {
		ok(goClient(s.endpoint+path, accessKey, secretKey).ListQueues(s.ctx, &sqs.ListQueuesInput{}))(s.t)
	}
}
