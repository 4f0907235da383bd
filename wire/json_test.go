package wire

import (
	"encoding/base64"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// sampleRequests has every member of every request; testdata/requests.txt has their JSON, one a line.
func sampleRequests() []Request {
	ref := QueueRef{QueueURL: "http://h/000000000000/q"}
	outgoing := Outgoing{
		MessageBody: "b\u2028\"\\\x7f", DelaySeconds: Int(0), MessageGroupID: "g", MessageDeduplicationID: "d",
		MessageAttributes: MessageAttributes{
			{Name: "a", DataType: "Binary", BinaryValue: []byte{0, 1, 255}}, {Name: "b", DataType: "Number", StringValue: "1"},
		},
		MessageSystemAttributes: MessageAttributes{{Name: traceHeader, DataType: "String", StringValue: "t"}},
	}
	return []Request{
		&CreateQueueRequest{QueueName: "q", Attributes: Pairs{{"A", "1"}, {"B", ""}}, Tags: Pairs{{"k", "v"}}},
		&DeleteQueueRequest{ref},
		&GetQueueURLRequest{QueueName: "q", QueueOwnerAWSAccountID: "1"},
		&ListQueuesRequest{QueueNamePrefix: "p", MaxResults: Int(-2147483648), NextToken: "t"},
		&GetQueueAttributesRequest{ref, Names{"All"}},
		&SetQueueAttributesRequest{ref, Pairs{{"A", "1"}}},
		&PurgeQueueRequest{ref},
		&SendMessageRequest{ref, outgoing},
		&SendMessageBatchRequest{ref, []SendMessageBatchEntry{{ID: "1", Outgoing: outgoing}, {ID: "2"}}},
		&ReceiveMessageRequest{ref, Names{"a"}, Names{"b"}, Names{"c"}, Int(1), Int(0), Int(2147483647), "x"},
		&DeleteMessageRequest{ref, "h"},
		&DeleteMessageBatchRequest{ref, []DeleteMessageBatchEntry{{ID: "1", ReceiptHandle: "h"}}},
		&ChangeMessageVisibilityRequest{ref, "h", Int(5)},
		&ChangeMessageVisibilityBatchRequest{ref, []ChangeMessageVisibilityBatchEntry{{ID: "1", ReceiptHandle: "h"}}},
		&ListDeadLetterSourceQueuesRequest{QueueRef: ref, MaxResults: Int(1), NextToken: "t"},
		&TagQueueRequest{ref, Pairs{{"a", ""}, {"k", "v"}}},
		&UntagQueueRequest{ref, Names{"a", "k"}},
		&ListQueueTagsRequest{ref},
		&AddPermissionRequest{ref, "l", Names{"111111111111", "222222222222"}, Names{"SendMessage", "*"}},
		&RemovePermissionRequest{ref, "l"},
		&StartMessageMoveTaskRequest{SourceARN: "s", DestinationARN: "d", MaxNumberOfMessagesPerSecond: Int(500)},
		&CancelMessageMoveTaskRequest{TaskHandle: "h"},
		&ListMessageMoveTasksRequest{SourceARN: "s", MaxResults: Int(10)},
	}
}

func TestRequestsRoundTripThroughJSON(t *testing.T) {
	golden := goldenLines(t, "requests.txt", len(sampleRequests()))
	for i, req := range sampleRequests() {
		t.Run(req.Action(), func(t *testing.T) {
			text, err := json.Marshal(req)
			if err != nil || string(text) != golden[i] {
				t.Fatalf("%s, %v; want %s", text, err, golden[i])
			}
			again := actions[req.Action()].request()
			if err := DecodeJSON(text, again); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if !reflect.DeepEqual(again, req) {
				t.Errorf("%s became\n%+v, was\n%+v", text, again, req)
			}
		})
	}
}

func goldenLines(t *testing.T, name string, want int) []string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if len(lines) != want {
		t.Fatalf("%s has %d lines, want %d", name, len(lines), want)
	}
	return lines
}

// sampleAnswers has every member of every answer with output; testdata/answers.txt has their JSON, one a line.
func sampleAnswers() []Response {
	sent := SendMessageResponse{MessageID: "id", MD5OfMessageBody: "m", MD5OfMessageAttributes: "a",
		MD5OfMessageSystemAttributes: "s", SequenceNumber: "1"}
	failed := []BatchResultError{{ID: "f", SenderFault: true, Code: "C", Message: "why"}, {ID: "g", Code: "D"}}
	return []Response{
		&CreateQueueResponse{"u"},
		&GetQueueURLResponse{"u"},
		&ListQueuesResponse{[]string{"a", "b"}, "t"},
		&ListQueuesResponse{},
		&GetQueueAttributesResponse{Pairs{{"A", "1"}, {"B", "2"}}},
		&GetQueueAttributesResponse{},
		&sent,
		&SendMessageBatchResponse{[]SendMessageBatchResult{{"1", sent}, {"2", SendMessageResponse{}}}, failed},
		&SendMessageBatchResponse{},
		&BatchResponse{[]BatchResultEntry{{"1"}, {"2"}}, failed},
		&ReceiveMessageResponse{},
		&ReceiveMessageResponse{[]Message{
			{MessageID: "1", ReceiptHandle: "h", MD5OfBody: "m", Body: "\x7f\n\"é\u2028\U0001F600"},
			{MessageID: "2", Attributes: Pairs{{"SenderId", "s"}}, MD5OfMessageAttributes: "x", MessageAttributes: MessageAttributes{
				{Name: "a", DataType: "Binary", BinaryValue: []byte{0, 255}}, {Name: "b", DataType: "String", StringValue: "v"},
			}},
		}},
		&ListDeadLetterSourceQueuesResponse{[]string{"a", "b"}, "t"},
		&ListDeadLetterSourceQueuesResponse{},
		&ListQueueTagsResponse{Pairs{{"a", ""}, {"k", "v"}}},
		&ListQueueTagsResponse{},
		&StartMessageMoveTaskResponse{"h"},
		&CancelMessageMoveTaskResponse{0},
		&ListMessageMoveTasksResponse{},
		&ListMessageMoveTasksResponse{[]MoveTaskResult{
			{TaskHandle: "h", Status: MoveTaskRunning, SourceARN: "s", DestinationARN: "d", MaxNumberOfMessagesPerSecond: Int(7),
				ApproximateNumberOfMessagesMoved: 1, ApproximateNumberOfMessagesToMove: 1 << 40, StartedTimestamp: 1493147359900},
			{Status: MoveTaskFailed, SourceARN: "s", FailureReason: "why"},
		}},
	}
}

func TestAnswersRoundTripThroughJSON(t *testing.T) {
	golden := goldenLines(t, "answers.txt", len(sampleAnswers()))
	for i, resp := range sampleAnswers() {
		text, err := AppendJSON(nil, resp)
		if err != nil || string(text) != golden[i] {
			t.Fatalf("%s, %v; want %s", text, err, golden[i])
		}
		again := reflect.New(reflect.TypeOf(resp).Elem()).Interface()
		if err := json.Unmarshal(text, again); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(again, resp) {
			t.Errorf("%s became\n%+v, was\n%+v", text, again, resp)
		}
		library, err := json.Marshal(resp)
		if err != nil || string(library) != string(text) {
			t.Errorf("by hand %s, by the library %s, %v", text, library, err)
		}
	}
}

func TestOperationsWithoutOutputHaveAnEmptyBody(t *testing.T) {
	for _, resp := range []Response{Empty{}, &Empty{}} {
		if text, err := AppendJSON(nil, resp); len(text) != 0 || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
	}
}

func TestIntegersInJSON(t *testing.T) {
	for _, c := range []struct {
		text string
		want OptInt
	}{
		{`5`, Int(5)}, {`"5"`, Int(5)}, {`-1`, Int(-1)}, {`"007"`, Int(7)}, {`null`, OptInt{}},
		{`2147483648`, Int(2147483647)}, {`-2147483649`, Int(-2147483648)},
		{`99999999999999999999999`, Int(2147483647)}, {`"-99999999999999999999999"`, Int(-2147483648)},
	} {
		var req ReceiveMessageRequest
		if err := DecodeJSON([]byte(`{"WaitTimeSeconds":`+c.text+`}`), &req); err != nil || req.WaitTimeSeconds != c.want {
			t.Errorf("%s: got %v, %v", c.text, req.WaitTimeSeconds, err)
		}
	}
	for _, text := range []string{`1.5`, `1e1`, `""`, `"x"`, `"+1"`, `" 1"`, `true`, `[]`, `{}`} {
		if err := DecodeJSON([]byte(`{"WaitTimeSeconds":`+text+`}`), new(ReceiveMessageRequest)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestNullMembersAreAbsentAndUnknownOnesIgnored(t *testing.T) {
	text := `{"QueueUrl":null,"MessageBody":"b","DelaySeconds":null,"MessageGroupId":null,"MessageSystemAttributes":null,
		"MessageAttributes":{"z":null,"a":{"DataType":"String","StringValue":"v","BinaryValue":null,"StringListValues":[ ],"New":1}},
		"messagebody":"other case","Unknown":{"deep":[1,{"x":null}]}}`
	var got SendMessageRequest
	if err := DecodeJSON([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := SendMessageRequest{Outgoing: Outgoing{MessageBody: "b", MessageAttributes: MessageAttributes{
		{Name: "a", DataType: "String", StringValue: "v"},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestListValuedAttributesAreMarked(t *testing.T) {
	for _, member := range []string{`"StringListValues":["a"]`, `"BinaryListValues":["YQ=="]`} {
		text := `{"MessageAttributes":{"a":{"DataType":"String","StringValue":"v",` + member + `}}}`
		var req SendMessageRequest
		if err := DecodeJSON([]byte(text), &req); err != nil {
			t.Fatal(err)
		}
		if err := req.MessageAttributes[0].check(); err == nil || err.Code != UnsupportedOperation {
			t.Errorf("%s: got %v", member, err)
		}
	}
}

// A short body must not make a large request: members beyond what validation looks at are counted as too many and
// dropped.
func TestDecodersKeepABoundedNumberOfMembers(t *testing.T) {
	var batch SendMessageBatchRequest
	if err := DecodeJSON([]byte(`{"Entries":[`+list(`{}`, 100_000)+`]}`), &batch); err != nil || len(batch.Entries) != 11 {
		t.Errorf("%d entries, %v", len(batch.Entries), err)
	}
	var attributes GetQueueAttributesRequest
	if err := DecodeJSON([]byte(`{"AttributeNames":[`+list(`""`, 100_000)+`]}`), &attributes); err != nil ||
		len(attributes.AttributeNames) != MaxNames+1 {
		t.Errorf("%d names, %v", len(attributes.AttributeNames), err)
	}
	var members []string
	for i := range 1000 {
		members = append(members, `"`+strings.Repeat("x", i)+`":null,"y`+strings.Repeat("x", i)+`":""`)
	}
	var create CreateQueueRequest
	if err := DecodeJSON([]byte(`{"tags":{`+strings.Join(members, ",")+`}}`), &create); err != nil || len(create.Tags) != MaxPairs+1 {
		t.Errorf("%d tags, %v", len(create.Tags), err)
	}
}

// Half a surrogate pair is no character: it is judged like U+FFFE, by the rule of the member that has it.
func TestLoneSurrogatesAreForbiddenCharacters(t *testing.T) {
	for text, want := range map[string]string{
		`\ud800`: "\ufffe", `\udc00x`: "\ufffex", `\ud800\ud800\udc00`: "\ufffe\U00010000", `\uD83D\uDE00`: "\U0001F600",
		`\\ud800`: `\ud800`, `\\\udfff`: "\\\ufffe", `\u0041\udbff`: "A\ufffe", `\ud83d\n`: "\ufffe\n",
	} {
		var req SendMessageRequest
		if err := DecodeJSON([]byte(`{"MessageBody":"`+text+`"}`), &req); err != nil || req.MessageBody != want {
			t.Errorf("%s: got %q, %v; want %q", text, req.MessageBody, err, want)
		}
	}
}

func FuzzJSONRoundTrip(f *testing.F) {
	f.Add([]byte(`{"QueueUrl":"q","MessageBody":"b\ud800","DelaySeconds":"7","MessageAttributes":{"b":{"DataType":"Binary","BinaryValue":"` +
		base64.StdEncoding.EncodeToString([]byte{1, 2}) + `"},"a":{"DataType":"String","StringValue":"v"}}}`))
	f.Add([]byte(`{"QueueUrl":"q","Entries":[{"Id":"1","MessageBody":"x","VisibilityTimeout":3}]}`))
	f.Add([]byte(`{"QueueName":"q","Attributes":{"b":"1","a":"2"},"tags":{"k":"v"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for name, action := range actions {
			req := action.request()
			if DecodeJSON(text, req) != nil {
				continue
			}
			encoded, err := json.Marshal(req)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			again := action.request()
			if err := DecodeJSON(encoded, again); err != nil {
				t.Fatalf("%s: %s: %v", name, encoded, err)
			}
			twice, err := json.Marshal(again)
			if err != nil || string(twice) != string(encoded) {
				t.Fatalf("%s: %s became %s, %v", name, encoded, twice, err)
			}
		}
	})
}
