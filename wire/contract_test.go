package wire

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"sqsd/wire/wiretest"
)

// contract has the errors that the API model lists for every operation (sqs-semantics 7, part C) but for those that
// sqsd never answers. Errors of every operation and of every operation on a queue are added by allErrors.
var contract = map[string][]Code{
	"CreateQueue":                  {QueueDeletedRecently, QueueNameExists, InvalidAttributeName, InvalidAttributeValue},
	"DeleteQueue":                  nil,
	"GetQueueUrl":                  {QueueDoesNotExist},
	"ListQueues":                   nil,
	"GetQueueAttributes":           {InvalidAttributeName},
	"SetQueueAttributes":           {InvalidAttributeName, InvalidAttributeValue, OverLimit},
	"PurgeQueue":                   {PurgeQueueInProgress},
	"SendMessage":                  {InvalidMessageContents},
	"SendMessageBatch":             append([]Code{BatchRequestTooLong}, batchErrors...),
	"ReceiveMessage":               {OverLimit},
	"DeleteMessage":                {ReceiptHandleIsInvalid},
	"DeleteMessageBatch":           batchErrors,
	"ChangeMessageVisibility":      {ReceiptHandleIsInvalid},
	"ChangeMessageVisibilityBatch": batchErrors,
	"ListDeadLetterSourceQueues":   nil,
	"TagQueue":                     nil,
	"UntagQueue":                   nil,
	"ListQueueTags":                nil,
	"AddPermission":                {OverLimit},
	"RemovePermission":             nil,
	"StartMessageMoveTask":         {ResourceNotFound},
	"CancelMessageMoveTask":        {ResourceNotFound},
	"ListMessageMoveTasks":         {ResourceNotFound},
}

var batchErrors = []Code{BatchEntryIdsNotDistinct, EmptyBatchRequest, InvalidBatchEntryID, TooManyEntriesInBatchRequest}

// allErrors is every error that a backend may answer an operation with.
func allErrors(operation string) []Code {
	all := slices.Clone(contract[operation])
	if _, ok := actions[operation].request().(QueueRequest); ok {
		all = append(all, QueueDoesNotExist)
	}
	return append(all, RequestThrottled, InvalidAddress, InvalidSecurity, UnsupportedOperation, InvalidParameterValue,
		MissingParameter, InternalFailure, ServiceUnavailable)
}

// callBoth makes a call, given as JSON, in both protocols.
func callBoth(t *testing.T, h http.Handler, operation, body string) map[string]*httptest.ResponseRecorder {
	return map[string]*httptest.ResponseRecorder{
		"JSON": post(h, operation, body), "Query": postForm(h, "/", wiretest.Form(t, operation, body)),
	}
}

func TestContractListsAll23Actions(t *testing.T) {
	want := slices.Sorted(maps.Keys(actions))
	if got := slices.Sorted(maps.Keys(contract)); len(got) != 23 || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := slices.Sorted(maps.Keys(wiretest.Calls)); !slices.Equal(got, want) {
		t.Errorf("got calls of %v, want %v", got, want)
	}
}

// TestActionErrors lets the backend refuse each operation in each way that the model lists. Cases are named by
// protocol, operation and query code.
func TestActionErrors(t *testing.T) {
	for operation, body := range wiretest.Calls {
		for _, code := range allErrors(operation) {
			refusing := backendFunc(func(Request) (Response, *Error) { return nil, Errorf(code, "because \"so\" & so\r\n") })
			for protocol, w := range callBoth(t, newTestHandler(t, refusing, Config{}), operation, body) {
				t.Run(protocol+"/"+operation+"/"+code.Query(), func(t *testing.T) {
					expectRefusalIn(t, protocol, w, code)
				})
			}
		}
	}
}

// TestActionSuccess calls each operation. Cases are named by protocol and operation.
func TestActionSuccess(t *testing.T) {
	for operation, body := range wiretest.Calls {
		backend := new(fakeBackend)
		for protocol, w := range callBoth(t, newTestHandler(t, backend, Config{}), operation, body) {
			t.Run(protocol+"/"+operation, func(t *testing.T) {
				if w.Code != http.StatusOK || operation != "GetQueueUrl" && len(backend.got) != 2 {
					t.Errorf("%d %s, the backend got %v", w.Code, w.Body, backend.got)
				}
			})
		}
	}
}

func TestARNsOfOtherAccountsAndRegionsNameNoQueueHere(t *testing.T) {
	h := newTestHandler(t, new(fakeBackend), Config{Region: "us-east-1"})
	own, foreign := "arn:aws:sqs:us-east-1:000000000000:a", "arn:aws:sqs:us-east-1:111111111111:b"
	distant := "arn:aws:sqs:eu-west-1:000000000000:b"
	for _, c := range []refusal{
		{operation: "StartMessageMoveTask", body: `{"SourceArn":"` + foreign + `"}`},
		{operation: "StartMessageMoveTask", body: `{"SourceArn":"` + own + `","DestinationArn":"` + distant + `"}`},
		{operation: "CancelMessageMoveTask", body: `{"TaskHandle":"` + TaskHandle{goldenTask, distant}.Encode() + `"}`},
		{operation: "ListMessageMoveTasks", body: `{"SourceArn":"` + foreign + `"}`},
	} {
		expectRefusal(t, post(h, c.operation, c.body), ResourceNotFound)
	}
	if w := post(h, "StartMessageMoveTask", `{"SourceArn":"`+own+`"}`); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := post(newTestHandler(t, new(fakeBackend), Config{}), "ListMessageMoveTasks", `{"SourceArn":"`+distant+`"}`); w.Code != http.StatusOK {
		t.Errorf("any region: %d %s", w.Code, w.Body)
	}
}

func TestListDeadLetterSourceQueuesGivesPages(t *testing.T) {
	page := func() *fakeBackend {
		return &fakeBackend{answer: &ListDeadLetterSourceQueuesResponse{QueueURLs: []string{"a"}, NextToken: "a"}}
	}
	const urls = `{"queueUrls":["http://sqs.test/000000000000/a"]`
	for members, want := range map[string]string{
		`"x":1`: urls + `}`, `"MaxResults":1`: urls + `,"NextToken":"` + pageToken("a") + `"}`,
	} {
		w := post(newTestHandler(t, page(), Config{}), "ListDeadLetterSourceQueues", sendTo+members+"}")
		if got := w.Body.String(); got != want {
			t.Errorf("%s: got %s", members, got)
		}
	}
	backend := page()
	post(newTestHandler(t, backend, Config{}), "ListDeadLetterSourceQueues", sendTo+`"NextToken":"`+pageToken("a")+`"}`)
	if after := backend.got[0].(*ListDeadLetterSourceQueuesRequest).After; after != "a" {
		t.Errorf("the next page begins after %q", after)
	}
}
