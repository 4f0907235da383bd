package wire

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// The SDK's own decoding and digest checks judge the front end here.

func newSDKClient(t *testing.T, backend Backend) *sqs.Client {
	server := httptest.NewServer(newTestHandler(t, backend, Config{}))
	t.Cleanup(server.Close)
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String(server.URL), Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	})
}

func TestSDKSeesTypedErrorsWithQueryCodes(t *testing.T) {
	client := newSDKClient(t, new(fakeBackend))
	_, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("absent")})
	var typed *types.QueueDoesNotExist
	if !errors.As(err, &typed) || typed.ErrorCode() != "AWS.SimpleQueueService.NonExistentQueue" {
		t.Errorf("got %v", err)
	}
	_, err = client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String("q"), WaitTimeSeconds: 21})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "InvalidParameterValue" {
		t.Errorf("got %v", err)
	}
}

func TestSDKSendsAndReceives(t *testing.T) {
	backend := &fakeBackend{answer: &SendMessageResponse{MessageID: "1", MD5OfMessageBody: BodyMD5("hello\r\n")}}
	client := newSDKClient(t, backend)
	attributes := map[string]types.MessageAttributeValue{
		"n": {DataType: aws.String("Number.int"), StringValue: aws.String("5")},
		"b": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255}},
	}
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String("q"), MessageBody: aws.String("hello\r\n"), MessageAttributes: attributes,
	}); err != nil {
		t.Fatal(err)
	}
	sent := backend.got[0].(*SendMessageRequest)
	backend.answer = &ReceiveMessageResponse{Messages: []Message{{
		MessageID: "1", ReceiptHandle: "h", MD5OfBody: BodyMD5(sent.MessageBody), Body: sent.MessageBody,
		Attributes: Pairs{{"SenderId", sent.SenderID}}, MessageAttributes: sent.MessageAttributes,
	}}}
	got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String("q"), MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"SenderId"},
	})
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	m := got.Messages[0]
	if *m.Body != "hello\r\n" || m.Attributes["SenderId"] != DefaultAccount || m.MessageAttributes["b"].BinaryValue[1] != 255 ||
		*m.MessageAttributes["n"].StringValue != "5" {
		t.Errorf("got %+v", m)
	}
}
