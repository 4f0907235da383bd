package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fakeBackend has the queues "q" and "q.fifo", records what reaches it and answers as told.
type fakeBackend struct {
	mu     sync.Mutex
	got    []Request // without GetQueueUrl, with which the front end asks whether a queue exists
	answer Response
	err    *Error
}

func (b *fakeBackend) Do(_ context.Context, req Request) (Response, *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if lookup, ok := req.(*GetQueueURLRequest); ok {
		if lookup.QueueName != "q" && lookup.QueueName != "q.fifo" {
			return nil, NoSuchQueue()
		}
		return &GetQueueURLResponse{QueueURL: lookup.QueueName}, nil
	}
	b.got = append(b.got, req)
	if b.err != nil {
		return nil, b.err
	}
	if b.answer != nil {
		return b.answer, nil
	}
	return emptyAnswer(req), nil
}

// emptyAnswer is a successful response of the right type.
func emptyAnswer(req Request) Response {
	switch req.(type) {
	case *CreateQueueRequest:
		return &CreateQueueResponse{}
	case *ListQueuesRequest:
		return &ListQueuesResponse{}
	case *GetQueueAttributesRequest:
		return &GetQueueAttributesResponse{}
	case *SendMessageRequest:
		return &SendMessageResponse{}
	case *SendMessageBatchRequest:
		return &SendMessageBatchResponse{}
	case *ReceiveMessageRequest:
		return &ReceiveMessageResponse{}
	case *DeleteMessageBatchRequest, *ChangeMessageVisibilityBatchRequest:
		return &BatchResponse{}
	case *ListDeadLetterSourceQueuesRequest:
		return &ListDeadLetterSourceQueuesResponse{}
	case *ListQueueTagsRequest:
		return &ListQueueTagsResponse{}
	case *StartMessageMoveTaskRequest:
		return &StartMessageMoveTaskResponse{}
	case *CancelMessageMoveTaskRequest:
		return &CancelMessageMoveTaskResponse{}
	case *ListMessageMoveTasksRequest:
		return &ListMessageMoveTasksResponse{}
	}
	return Empty{}
}

// newTestHandler makes a handler that gives every response the id "request-1".
func newTestHandler(t testing.TB, backend Backend, config Config) *Handler {
	t.Helper()
	config.RequestID = func() string { return "request-1" }
	h, err := NewHandler(backend, config)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// post calls an operation with a JSON body and with more headers, given as name and value in turn.
func post(h http.Handler, operation, body string, headers ...string) *httptest.ResponseRecorder {
	r := jsonCall(operation, body)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// jsonCall is a call in the JSON protocol.
func jsonCall(operation, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://sqs.test/", strings.NewReader(body))
	asJSON(operation)(r)
	return r
}

func asJSON(operation string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	}
}

// formCall is a call in the Query protocol with parameters in the body.
func formCall(address, parameters string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://sqs.test"+address, strings.NewReader(parameters))
	asForm(r)
	return r
}

func asForm(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
