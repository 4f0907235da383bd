package wire

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"sqsd/wire/wiretest"
)

// TestRefusals names each case by protocol, operation and query code.
func TestRefusals(t *testing.T) {
	refuse := func(protocol string, c refusal, call func(http.Handler, refusal) *httptest.ResponseRecorder) {
		t.Run(protocol+"/"+c.operation+"/"+c.want.Query()+"/"+c.name, func(t *testing.T) {
			backend := new(fakeBackend)
			w := call(newTestHandler(t, backend, Config{}), c)
			expectRefusalIn(t, protocol, w, c.want)
			if len(backend.got) > 0 {
				t.Errorf("the backend got %+v", backend.got)
			}
		})
	}
	for _, c := range slices.Concat(refusals, jsonRefusals) {
		refuse("JSON", c, func(h http.Handler, c refusal) *httptest.ResponseRecorder { return post(h, c.operation, c.body) })
	}
	for _, c := range refusals {
		refuse("Query", c, func(h http.Handler, c refusal) *httptest.ResponseRecorder {
			return postForm(h, "/", wiretest.Form(t, c.operation, c.body))
		})
	}
	for _, c := range queryRefusals {
		refuse("Query", c, func(h http.Handler, c refusal) *httptest.ResponseRecorder { return postForm(h, "/", c.body) })
	}
}

func expectRefusalIn(t *testing.T, protocol string, w *httptest.ResponseRecorder, want Code) {
	t.Helper()
	if protocol == "JSON" {
		expectRefusal(t, w, want)
	} else {
		expectXMLRefusal(t, w, want)
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
	if body.Message == "" || len(body.Message) > maxErrorText {
		t.Errorf("text of %d bytes", len(body.Message))
	}
	if header.Get("x-amzn-RequestId") == "" || header.Get("Content-Type") != "application/x-amz-json-1.0" {
		t.Errorf("headers %v", header)
	}
}

// TestRefusedEntriesAreMarkedAndTheBatchGoesOn names its cases by protocol, operation and query code.
func TestRefusedEntriesAreMarkedAndTheBatchGoesOn(t *testing.T) {
	const fifo = `"x":"in a FIFO queue",`
	for _, c := range []struct {
		operation, entry string
		want             Code
	}{
		{"SendMessageBatch", `"MessageBody":""`, MissingParameter},
		{"SendMessageBatch", `"MessageBody":"\u0000"`, InvalidMessageContents},
		{"SendMessageBatch", `"MessageBody":"b","DelaySeconds":901`, InvalidParameterValue},
		{"SendMessageBatch", `"MessageBody":"b","MessageDeduplicationId":"d"`, InvalidParameterValue},
		{"SendMessageBatch", fifo + `"MessageBody":"b","MessageGroupId":"g","DelaySeconds":1`, InvalidParameterValue},
		{"SendMessageBatch", `"MessageBody":"b","MessageAttributes":{"a":{"DataType":"x"}}`, InvalidParameterValue},
		{"SendMessageBatch", `"MessageBody":"b","MessageAttributes":{"a":{"DataType":"String","BinaryListValues":["YQ=="]}}`, UnsupportedOperation},
		{"DeleteMessageBatch", `"x":1`, MissingParameter},
		{"DeleteMessageBatch", `"ReceiptHandle":"` + text(1025) + `"`, ReceiptHandleIsInvalid},
		{"ChangeMessageVisibilityBatch", `"VisibilityTimeout":1`, MissingParameter},
		{"ChangeMessageVisibilityBatch", `"ReceiptHandle":"h"`, MissingParameter},
		{"ChangeMessageVisibilityBatch", `"ReceiptHandle":"h","VisibilityTimeout":43201`, InvalidParameterValue},
	} {
		backend := new(fakeBackend)
		good := `{"Id":"good","MessageBody":"b","MessageGroupId":"g","ReceiptHandle":"h","VisibilityTimeout":0}`
		body := batch(`{"Id":"bad",`+c.entry+`}`, good)
		if strings.HasPrefix(c.entry, fifo) {
			body = sendToFIFO + strings.TrimPrefix(body, sendTo)
		}
		for protocol, w := range callBoth(t, newTestHandler(t, backend, Config{}), c.operation, body) {
			t.Run(protocol+"/"+c.operation+"/"+c.want.Query(), func(t *testing.T) {
				if w.Code != http.StatusOK || len(backend.got) != 2 {
					t.Fatalf("%d %s, the backend got %v", w.Code, w.Body, backend.got)
				}
				for _, req := range backend.got {
					if bad, good := entryErrors(req); bad == nil || bad.Code != c.want || good != nil {
						t.Errorf("bad entry: %v, good entry: %v", bad, good)
					}
				}
			})
		}
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
	for i, c := range slices.Concat(refusals, jsonRefusals) {
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
