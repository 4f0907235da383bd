package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// refusal is a bad call and the code that it must be answered with.
type refusal struct {
	name, operation, body string
	want                  Code
}

const (
	sendTo    = `{"QueueUrl":"http://sqs.test/000000000000/q",`
	sendBody  = sendTo + `"MessageBody":"b",`
	otherName = `{"QueueUrl":"http://sqs.test/000000000000/absent",`
	redrive   = `{\"deadLetterTargetArn\":\"arn:aws:sqs:r:0:d\",\"maxReceiveCount\":3}`
)

func text(n int) string { return strings.Repeat("x", n) }

func attribute(name, members string) string {
	return sendBody + `"MessageAttributes":{"` + name + `":{` + members + `}}}`
}

func batch(entries ...string) string {
	return sendTo + `"Entries":[` + strings.Join(entries, ",") + `]}`
}

func entries(n, bodyLength int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"Id":"%d","MessageBody":"%s","ReceiptHandle":"h"}`, i, text(bodyLength)))
	}
	return batch(list...)
}

func create(members string) string { return `{"QueueName":"q",` + members + `}` }

func manyAttributes(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"a%d":{"DataType":"String","StringValue":"v"}`, i))
	}
	return sendBody + `"MessageAttributes":{` + strings.Join(list, ",") + `}}`
}

func manyTags(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"k%d":"v"`, i))
	}
	return create(`"tags":{` + strings.Join(list, ",") + `}`)
}

// refusals follow sqs-semantics 1.2, 2, 3 and 9.
var refusals = []refusal{
	{"protocol: empty body", "ListQueues", ``, Serialization},
	{"protocol: not JSON", "ListQueues", `{`, Serialization},
	{"protocol: more after the object", "ListQueues", `{} {}`, Serialization},
	{"protocol: list", "ListQueues", `[]`, Serialization},
	{"protocol: null", "ListQueues", `null`, Serialization},
	{"protocol: string", "ListQueues", `"{}"`, Serialization},
	{"protocol: invalid UTF-8", "SendMessage", sendTo + "\"MessageBody\":\"\xff\"}", Serialization},
	{"protocol: member twice", "SendMessage", sendBody + `"MessageBody":"c"}`, Serialization},
	{"protocol: number for a string", "SendMessage", sendTo + `"MessageBody":1}`, Serialization},
	{"protocol: number for a map value", "CreateQueue", create(`"Attributes":{"DelaySeconds":1}`), Serialization},
	{"protocol: list for a map", "CreateQueue", create(`"Attributes":[]`), Serialization},
	{"protocol: text for an integer", "ReceiveMessage", sendTo + `"WaitTimeSeconds":"soon"}`, Serialization},
	{"protocol: fraction for an integer", "ReceiveMessage", sendTo + `"WaitTimeSeconds":1.5}`, Serialization},
	{"protocol: map for a list", "SendMessageBatch", sendTo + `"Entries":{}}`, Serialization},
	{"protocol: bad base64", "SendMessage", attribute("a", `"DataType":"Binary","BinaryValue":"*"`), Serialization},
	{"protocol: unknown operation", "StealMessage", `{}`, UnknownOperation},
	{"protocol: operation in another case", "listqueues", `{}`, UnknownOperation},
	{"protocol: no operation", "", `{}`, UnknownOperation},
	{"protocol: body over the limit", "ListQueues", `{"x":"` + text(DefaultMaxBodyBytes) + `"}`, InvalidParameterValue},

	{"queue: no URL", "SendMessage", `{"MessageBody":"b"}`, QueueDoesNotExist},
	{"queue: URL is null", "PurgeQueue", `{"QueueUrl":null}`, QueueDoesNotExist},
	{"queue: URL without a queue", "PurgeQueue", `{"QueueUrl":"http://sqs.test/"}`, QueueDoesNotExist},
	{"queue: URL of another account", "PurgeQueue", `{"QueueUrl":"http://sqs.test/123456789012/q"}`, QueueDoesNotExist},
	{"queue: URL with a bad name", "DeleteQueue", `{"QueueUrl":"http://sqs.test/000000000000/a.b"}`, QueueDoesNotExist},
	{"queue: absent before bad content", "SendMessage", otherName + `"MessageBody":"\u0000"}`, QueueDoesNotExist},
	{"queue: absent before empty batch", "SendMessageBatch", otherName + `"Entries":[]}`, QueueDoesNotExist},
	{"queue: missing member before absent queue", "SendMessage", otherName + `"DelaySeconds":1}`, MissingParameter},
	{"queue: missing member before absent queue", "ChangeMessageVisibility", otherName + `"ReceiptHandle":"h"}`, MissingParameter},

	{"name: missing", "CreateQueue", `{}`, MissingParameter},
	{"name: empty", "CreateQueue", `{"QueueName":""}`, MissingParameter},
	{"name: 81 characters", "CreateQueue", `{"QueueName":"` + text(81) + `"}`, InvalidParameterValue},
	{"name: bad character", "CreateQueue", `{"QueueName":"a.b"}`, InvalidParameterValue},
	{"name: .fifo without FifoQueue", "CreateQueue", `{"QueueName":"q.fifo"}`, InvalidParameterValue},
	{"name: .fifo with FifoQueue false", "CreateQueue", `{"QueueName":"q.fifo","Attributes":{"FifoQueue":"false"}}`, InvalidParameterValue},
	{"name: FifoQueue without .fifo", "CreateQueue", create(`"Attributes":{"FifoQueue":"true"}`), InvalidParameterValue},
	{"name: missing in GetQueueUrl", "GetQueueUrl", `{}`, InvalidParameterValue},
	{"name: bad in GetQueueUrl", "GetQueueUrl", `{"QueueName":"a b"}`, InvalidParameterValue},
	{"name: of another account", "GetQueueUrl", `{"QueueName":"q","QueueOwnerAWSAccountId":"123456789012"}`, QueueDoesNotExist},
	{"name: unknown in GetQueueUrl", "GetQueueUrl", `{"QueueName":"absent"}`, QueueDoesNotExist},

	{"attribute: unknown name", "CreateQueue", create(`"Attributes":{"Colour":"red"}`), InvalidAttributeName},
	{"attribute: read-only", "CreateQueue", create(`"Attributes":{"QueueArn":"x"}`), InvalidAttributeName},
	{"attribute: FifoQueue false on a standard queue", "CreateQueue", create(`"Attributes":{"FifoQueue":"false"}`), InvalidAttributeName},
	{"attribute: FIFO only", "SetQueueAttributes", sendTo + `"Attributes":{"ContentBasedDeduplication":"true"}}`, InvalidAttributeName},
	{"attribute: FIFO only", "SetQueueAttributes", sendTo + `"Attributes":{"DeduplicationScope":"queue"}}`, InvalidAttributeName},
	{"attribute: out of range", "CreateQueue", create(`"Attributes":{"DelaySeconds":"901"}`), InvalidAttributeValue},
	{"attribute: not an integer", "SetQueueAttributes", sendTo + `"Attributes":{"VisibilityTimeout":"x"}}`, InvalidAttributeValue},
	{"attribute: bad policy", "SetQueueAttributes", sendTo + `"Attributes":{"Policy":"{"}}`, InvalidAttributeValue},
	{"attribute: bad redrive policy", "SetQueueAttributes", sendTo + `"Attributes":{"RedrivePolicy":"{}"}}`, InvalidParameterValue},
	{"attribute: two kinds of encryption", "CreateQueue",
		create(`"Attributes":{"KmsMasterKeyId":"k","SqsManagedSseEnabled":"true"}`), InvalidAttributeName},
	{"attribute: none to set", "SetQueueAttributes", sendTo + `"Attributes":{}}`, MissingParameter},
	{"attribute: unknown name to get", "GetQueueAttributes", sendTo + `"AttributeNames":["All","Colour"]}`, InvalidAttributeName},
	{"attribute: too many names to get", "GetQueueAttributes", sendTo + `"AttributeNames":[` + list(`"All"`, 257) + `]}`, InvalidParameterValue},

	{"not implemented: FIFO queue", "CreateQueue", `{"QueueName":"q.fifo","Attributes":{"FifoQueue":"true"}}`, UnsupportedOperation},
	{"not implemented: dead-letter queue", "CreateQueue", create(`"Attributes":{"RedrivePolicy":"` + redrive + `"}`), UnsupportedOperation},
	{"not implemented: dead-letter queue", "SetQueueAttributes",
		sendTo + `"Attributes":{"RedriveAllowPolicy":"{\"redrivePermission\":\"denyAll\"}"}}`, UnsupportedOperation},

	{"tags: 51", "CreateQueue", manyTags(51), InvalidParameterValue},
	{"tags: empty key", "CreateQueue", create(`"tags":{"":"v"}`), InvalidParameterValue},
	{"tags: long key", "CreateQueue", create(`"tags":{"` + text(129) + `":"v"}`), InvalidParameterValue},
	{"tags: long value", "CreateQueue", create(`"tags":{"k":"` + text(257) + `"}`), InvalidParameterValue},
	{"tags: bad character", "CreateQueue", create(`"tags":{"k!":"v"}`), InvalidParameterValue},
	{"tags: reserved prefix", "CreateQueue", create(`"tags":{"aws:k":"v"}`), InvalidParameterValue},

	{"list: MaxResults 0", "ListQueues", `{"MaxResults":0}`, InvalidParameterValue},
	{"list: MaxResults 1001", "ListQueues", `{"MaxResults":1001}`, InvalidParameterValue},
	{"list: MaxResults beyond int32", "ListQueues", `{"MaxResults":4294967297}`, InvalidParameterValue},
	{"list: bad token", "ListQueues", `{"NextToken":"x"}`, InvalidParameterValue},
	{"list: long prefix", "ListQueues", `{"QueueNamePrefix":"` + text(81) + `"}`, InvalidParameterValue},

	{"body: missing", "SendMessage", sendTo + `"DelaySeconds":1}`, MissingParameter},
	{"body: empty", "SendMessage", sendTo + `"MessageBody":""}`, MissingParameter},
	{"body: control character", "SendMessage", sendTo + `"MessageBody":"\u0008"}`, InvalidMessageContents},
	{"body: U+FFFE", "SendMessage", sendTo + `"MessageBody":"\ufffe"}`, InvalidMessageContents},
	{"body: lone surrogate", "SendMessage", sendTo + `"MessageBody":"\ud800"}`, InvalidMessageContents},
	{"body: over 1 MiB", "SendMessage", sendTo + `"MessageBody":"` + text(MaxMessageBytes+1) + `"}`, InvalidParameterValue},
	{"delay: negative", "SendMessage", sendBody + `"DelaySeconds":-1}`, InvalidParameterValue},
	{"delay: 901", "SendMessage", sendBody + `"DelaySeconds":901}`, InvalidParameterValue},
	{"delay: 901 as text", "SendMessage", sendBody + `"DelaySeconds":"901"}`, InvalidParameterValue},
	{"delay: wraps to 0 in 32 bits", "SendMessage", sendBody + `"DelaySeconds":4294967296}`, InvalidParameterValue},
	{"group id: space", "SendMessage", sendBody + `"MessageGroupId":"a b"}`, InvalidParameterValue},
	{"group id: 129 characters", "SendMessage", sendBody + `"MessageGroupId":"` + text(129) + `"}`, InvalidParameterValue},
	{"dedup id: on a standard queue", "SendMessage", sendBody + `"MessageDeduplicationId":"d"}`, InvalidParameterValue},

	{"message attributes: 11", "SendMessage", manyAttributes(11), InvalidParameterValue},
	{"message attributes: bad name", "SendMessage", attribute("AWS.x", `"DataType":"String","StringValue":"v"`), InvalidParameterValue},
	{"message attributes: two dots", "SendMessage", attribute("a..b", `"DataType":"String","StringValue":"v"`), InvalidParameterValue},
	{"message attributes: no type", "SendMessage", attribute("a", `"StringValue":"v"`), InvalidParameterValue},
	{"message attributes: unknown type", "SendMessage", attribute("a", `"DataType":"Float","StringValue":"1"`), InvalidParameterValue},
	{"message attributes: no value", "SendMessage", attribute("a", `"DataType":"String"`), InvalidParameterValue},
	{"message attributes: empty value", "SendMessage", attribute("a", `"DataType":"String","StringValue":""`), InvalidParameterValue},
	{"message attributes: bad character", "SendMessage", attribute("a", `"DataType":"String","StringValue":"\u0001"`), InvalidParameterValue},
	{"message attributes: lone surrogate", "SendMessage", attribute("a", `"DataType":"String","StringValue":"\udfff"`), InvalidParameterValue},
	{"message attributes: not a number", "SendMessage", attribute("a", `"DataType":"Number","StringValue":"x"`), InvalidParameterValue},
	{"message attributes: list", "SendMessage", attribute("a", `"DataType":"String","StringListValues":["v"]`), UnsupportedOperation},
	{"system attributes: unknown", "SendMessage",
		sendBody + `"MessageSystemAttributes":{"SenderId":{"DataType":"String","StringValue":"v"}}}`, InvalidParameterValue},
	{"system attributes: not a String", "SendMessage",
		sendBody + `"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"Number","StringValue":"1"}}}`, InvalidParameterValue},
	{"system attributes: list", "SendMessage",
		sendBody + `"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringListValues":["1"]}}}`, UnsupportedOperation},

	{"batch: no entries", "SendMessageBatch", batch(), EmptyBatchRequest},
	{"batch: entries missing", "DeleteMessageBatch", sendTo + `"Other":1}`, EmptyBatchRequest},
	{"batch: no entries", "ChangeMessageVisibilityBatch", batch(), EmptyBatchRequest},
	{"batch: 11 entries", "SendMessageBatch", entries(11, 1), TooManyEntriesInBatchRequest},
	{"batch: 11 entries", "DeleteMessageBatch", entries(11, 1), TooManyEntriesInBatchRequest},
	{"batch: 11 entries", "ChangeMessageVisibilityBatch", entries(11, 1), TooManyEntriesInBatchRequest},
	{"batch: empty id", "SendMessageBatch", batch(`{"Id":"","MessageBody":"b"}`), InvalidBatchEntryID},
	{"batch: no id", "DeleteMessageBatch", batch(`{"ReceiptHandle":"h"}`), InvalidBatchEntryID},
	{"batch: null entry", "DeleteMessageBatch", batch(`null`), InvalidBatchEntryID},
	{"batch: id of 81 characters", "SendMessageBatch", batch(`{"Id":"` + text(81) + `","MessageBody":"b"}`), InvalidBatchEntryID},
	{"batch: bad character in id", "ChangeMessageVisibilityBatch", batch(`{"Id":"a.b"}`), InvalidBatchEntryID},
	{"batch: bad id before same ids", "SendMessageBatch", batch(`{"Id":"a"}`, `{"Id":"a"}`, `{"Id":"!"}`), InvalidBatchEntryID},
	{"batch: same ids", "SendMessageBatch", batch(`{"Id":"a"}`, `{"Id":"b"}`, `{"Id":"a"}`), BatchEntryIdsNotDistinct},
	{"batch: too long", "SendMessageBatch", entries(10, MaxMessageBytes/10+1), BatchRequestTooLong},
	{"batch: too long with one entry", "SendMessageBatch", entries(1, MaxMessageBytes+1), BatchRequestTooLong},
	{"batch: count before size", "SendMessageBatch", entries(11, MaxMessageBytes/10), TooManyEntriesInBatchRequest},

	{"receive: 0 messages", "ReceiveMessage", sendTo + `"MaxNumberOfMessages":0}`, InvalidParameterValue},
	{"receive: 11 messages", "ReceiveMessage", sendTo + `"MaxNumberOfMessages":11}`, InvalidParameterValue},
	{"receive: wait 21", "ReceiveMessage", sendTo + `"WaitTimeSeconds":21}`, InvalidParameterValue},
	{"receive: wait -1", "ReceiveMessage", sendTo + `"WaitTimeSeconds":-1}`, InvalidParameterValue},
	{"receive: visibility 43201", "ReceiveMessage", sendTo + `"VisibilityTimeout":43201}`, InvalidParameterValue},
	{"receive: too many names", "ReceiveMessage", sendTo + `"MessageAttributeNames":[` + list(`"a"`, 257) + `]}`, InvalidParameterValue},

	{"delete: no handle", "DeleteMessage", sendTo + `"x":1}`, MissingParameter},
	{"delete: handle of 1025 characters", "DeleteMessage", sendTo + `"ReceiptHandle":"` + text(1025) + `"}`, ReceiptHandleIsInvalid},
	{"visibility: no handle", "ChangeMessageVisibility", sendTo + `"VisibilityTimeout":1}`, MissingParameter},
	{"visibility: no timeout before bad handle", "ChangeMessageVisibility",
		sendTo + `"ReceiptHandle":"` + text(1025) + `"}`, MissingParameter},
	{"visibility: 43201", "ChangeMessageVisibility", sendTo + `"ReceiptHandle":"h","VisibilityTimeout":43201}`, InvalidParameterValue},
	{"visibility: -1", "ChangeMessageVisibility", sendTo + `"ReceiptHandle":"h","VisibilityTimeout":-1}`, InvalidParameterValue},
}

func TestBadInputIsRefusedAndReachesNoBackend(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.operation+"/"+c.name, func(t *testing.T) {
			backend := new(fakeBackend)
			w := post(newTestHandler(t, backend, Config{}), c.operation, c.body)
			expectRefusal(t, w, c.want)
			if len(backend.got) > 0 {
				t.Errorf("the backend got %+v", backend.got)
			}
		})
	}
}

// expectRefusal checks the whole error shape (sqs-semantics 1.3).
func expectRefusal(t *testing.T, w *httptest.ResponseRecorder, want Code) {
	t.Helper()
	var body struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("body %q: %v", w.Body, err)
	}
	info := codes[want]
	fault := "Sender"
	if info.status >= 500 {
		fault = "Receiver"
	}
	header := w.Header()
	if w.Code != info.status || body.Type != info.shape || header.Get("x-amzn-query-error") != info.query+";"+fault {
		t.Errorf("got %d %s %q: %s; want %d %s", w.Code, body.Type, header.Get("x-amzn-query-error"), body.Message,
			info.status, info.shape)
	}
	if body.Message == "" || len(body.Message) > 2*maxEcho {
		t.Errorf("text of %d bytes", len(body.Message))
	}
	if header.Get("x-amzn-RequestId") == "" || header.Get("Content-Type") != "application/x-amz-json-1.0" {
		t.Errorf("headers %v", header)
	}
}

func TestRefusedEntriesAreMarkedAndTheBatchGoesOn(t *testing.T) {
	for _, c := range []struct {
		operation, entry string
		want             Code
	}{
		{"SendMessageBatch", `"MessageBody":""`, MissingParameter},
		{"SendMessageBatch", `"MessageBody":"\u0000"`, InvalidMessageContents},
		{"SendMessageBatch", `"MessageBody":"b","DelaySeconds":901`, InvalidParameterValue},
		{"SendMessageBatch", `"MessageBody":"b","MessageDeduplicationId":"d"`, InvalidParameterValue},
		{"SendMessageBatch", `"MessageBody":"b","MessageAttributes":{"a":{"DataType":"x"}}`, InvalidParameterValue},
		{"SendMessageBatch", `"MessageBody":"b","MessageAttributes":{"a":{"DataType":"String","BinaryListValues":["YQ=="]}}`, UnsupportedOperation},
		{"DeleteMessageBatch", `"x":1`, MissingParameter},
		{"DeleteMessageBatch", `"ReceiptHandle":"` + text(1025) + `"`, ReceiptHandleIsInvalid},
		{"ChangeMessageVisibilityBatch", `"VisibilityTimeout":1`, MissingParameter},
		{"ChangeMessageVisibilityBatch", `"ReceiptHandle":"h"`, MissingParameter},
		{"ChangeMessageVisibilityBatch", `"ReceiptHandle":"h","VisibilityTimeout":43201`, InvalidParameterValue},
	} {
		t.Run(c.operation+"/"+c.want.Query(), func(t *testing.T) {
			backend := new(fakeBackend)
			good := `{"Id":"good","MessageBody":"b","ReceiptHandle":"h","VisibilityTimeout":0}`
			w := post(newTestHandler(t, backend, Config{}), c.operation, batch(`{"Id":"bad",`+c.entry+`}`, good))
			if w.Code != http.StatusOK || len(backend.got) != 1 {
				t.Fatalf("%d %s, the backend got %v", w.Code, w.Body, backend.got)
			}
			bad, good2 := entryErrors(backend.got[0])
			if bad == nil || bad.Code != c.want || good2 != nil {
				t.Errorf("bad entry: %v, good entry: %v", bad, good2)
			}
		})
	}
}

func entryErrors(req Request) (first, second *Error) {
	switch req := req.(type) {
	case *SendMessageBatchRequest:
		return req.Entries[0].Err, req.Entries[1].Err
	case *DeleteMessageBatchRequest:
		return req.Entries[0].Err, req.Entries[1].Err
	}
	entries := req.(*ChangeMessageVisibilityBatchRequest).Entries
	return entries[0].Err, entries[1].Err
}

func FuzzJSON(f *testing.F) {
	for i, c := range refusals {
		if len(c.body) < 4096 {
			f.Add(c.operation, []byte(c.body), i%2 == 0)
		}
	}
	f.Add("SendMessage", []byte(sendBody+`"DelaySeconds":3}`), true)
	f.Add("ReceiveMessage", []byte(sendTo+`"AttributeNames":["All"]}`), false)
	f.Fuzz(func(t *testing.T, operation string, body []byte, traced bool) {
		backend := new(fakeBackend)
		var headers []string
		if traced {
			headers = []string{"X-Amzn-Trace-Id", string(body)}
		}
		w := post(newTestHandler(t, backend, Config{}), operation, string(body), headers...)
		if w.Code == http.StatusOK {
			if len(backend.got) != 1 && operation != "GetQueueUrl" {
				t.Fatalf("200 and the backend got %v", backend.got)
			}
			return
		}
		if len(backend.got) > 0 {
			t.Fatalf("%d and the backend got %v", w.Code, backend.got)
		}
		for code := Code(1); code.Known(); code++ {
			if strings.HasPrefix(w.Header().Get("x-amzn-query-error"), code.Query()+";") {
				expectRefusal(t, w, code)
				return
			}
		}
		t.Fatalf("%d %q is no error of the table", w.Code, w.Body)
	})
}
