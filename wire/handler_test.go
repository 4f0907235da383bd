package wire

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestAnswersCarryTheirHeaders(t *testing.T) {
	h := newTestHandler(t, new(fakeBackend), Config{})
	for _, c := range []struct{ operation, body, want string }{
		{"PurgeQueue", `{"QueueUrl":"q"}`, ""},
		{"ReceiveMessage", `{"QueueUrl":"q"}`, "{}"},
		{"ListQueues", `{}`, "{}"},
	} {
		w := post(h, c.operation, c.body)
		header := w.Header()
		if w.Code != http.StatusOK || w.Body.String() != c.want || header.Get("x-amzn-RequestId") != "request-1" ||
			header.Get("Content-Type") != "application/x-amz-json-1.0" || header.Get("x-amzn-query-error") != "" {
			t.Errorf("%s: %d %v %q", c.operation, w.Code, header, w.Body)
		}
	}
}

func TestJSONIsChosenByTargetOrContentType(t *testing.T) {
	h := newTestHandler(t, new(fakeBackend), Config{})
	for _, c := range []struct {
		method, contentType, target string
		want                        int
	}{
		{"POST", "application/x-amz-json-1.0", "AmazonSQS.ListQueues", 200},
		{"POST", "application/x-amz-json-1.0; charset=utf-8", "AmazonSQS.ListQueues", 200},
		{"POST", "", "AmazonSQS.ListQueues", 200},
		{"POST", "application/x-amz-json-1.0", "", 400},
		{"POST", "application/x-amz-json-1.0", "AmazonSNS.ListQueues", 400},
		{"POST", "application/x-amz-json-1.0", "ListQueues", 400},
		{"GET", "application/x-amz-json-1.0", "AmazonSQS.ListQueues", 400},
	} {
		w := serve(h, c.method, c.contentType, c.target)
		if w.Code != c.want {
			t.Errorf("%+v: got %d", c, w.Code)
		}
		if c.want != 200 {
			expectRefusal(t, w, UnknownOperation)
		}
	}
	for _, contentType := range []string{"", "application/x-www-form-urlencoded", "application/json"} {
		if w := serve(h, "POST", contentType, ""); w.Header().Get("Content-Type") != "text/xml" {
			t.Errorf("%q: got %v", contentType, w.Header())
		}
	}
}

func serve(h http.Handler, method, contentType, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://sqs.test/000000000000/q", strings.NewReader("{}"))
	r.Header.Set("Content-Type", contentType)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestBackendGetsTheDecodedRequest(t *testing.T) {
	backend := new(fakeBackend)
	h := newTestHandler(t, backend, Config{SenderID: "someone"})
	post(h, "SendMessage", `{"QueueUrl":"http://elsewhere/000000000000/q","MessageBody":"b","DelaySeconds":"7"}`)
	want := &SendMessageRequest{
		QueueRef: QueueRef{QueueURL: "http://elsewhere/000000000000/q", Name: "q"},
		Outgoing: Outgoing{MessageBody: "b", DelaySeconds: Int(7), SenderID: "someone"},
	}
	if len(backend.got) != 1 || !reflect.DeepEqual(backend.got[0], want) {
		t.Errorf("got %+v", backend.got)
	}
}

func TestTraceHeaderOfTheRequestBecomesASystemAttribute(t *testing.T) {
	own := `{"AWSTraceHeader":{"DataType":"String","StringValue":"own"}}`
	for _, c := range []struct{ name, header, members, want string }{
		{"from the header", "Root=1", ``, "Root=1"},
		{"own attribute wins", "Root=1", `,"MessageSystemAttributes":` + own, "own"},
		{"no header", "", ``, ""},
		{"a header that is no text is ignored", "a\x01", ``, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			backend := new(fakeBackend)
			h := newTestHandler(t, backend, Config{})
			message := `"MessageBody":"b"` + c.members
			post(h, "SendMessage", `{"QueueUrl":"q",`+message+`}`, "X-Amzn-Trace-Id", c.header)
			post(h, "SendMessageBatch", `{"QueueUrl":"q","Entries":[{"Id":"1",`+message+`}]}`, "X-Amzn-Trace-Id", c.header)
			if len(backend.got) != 2 {
				t.Fatalf("got %v", backend.got)
			}
			var want MessageAttributes
			if c.want != "" {
				want = MessageAttributes{{Name: "AWSTraceHeader", DataType: "String", StringValue: c.want}}
			}
			single := backend.got[0].(*SendMessageRequest).MessageSystemAttributes
			batch := backend.got[1].(*SendMessageBatchRequest).Entries[0].MessageSystemAttributes
			if !reflect.DeepEqual(single, want) || !reflect.DeepEqual(batch, want) {
				t.Errorf("got %+v and %+v", single, batch)
			}
		})
	}
}

func TestBackendErrorsKeepTheirCode(t *testing.T) {
	for code := Code(1); code.Known(); code++ {
		backend := &fakeBackend{err: Errorf(code, "because \"so\"\n")}
		expectRefusal(t, post(newTestHandler(t, backend, Config{}), "PurgeQueue", `{"QueueUrl":"q"}`), code)
	}
}

func TestContentErrorStandsWhenTheLookupFails(t *testing.T) {
	unavailable := backendFunc(func(Request) (Response, *Error) { return nil, Errorf(ServiceUnavailable, "no leader") })
	w := post(newTestHandler(t, unavailable, Config{}), "ReceiveMessage", `{"QueueUrl":"q","WaitTimeSeconds":21}`)
	expectRefusal(t, w, InvalidParameterValue)
}

type backendFunc func(Request) (Response, *Error)

func (f backendFunc) Do(_ context.Context, req Request) (Response, *Error) { return f(req) }

func TestPanicOfTheBackendIsNotSwallowed(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the panic is gone")
		}
	}()
	broken := backendFunc(func(Request) (Response, *Error) { panic("broken invariant") })
	post(newTestHandler(t, broken, Config{}), "PurgeQueue", `{"QueueUrl":"q"}`)
}

func TestQueueURLsBeginWhereTheCallerSeesTheServer(t *testing.T) {
	call := func(config Config, secure bool) string {
		t.Helper()
		h := newTestHandler(t, &fakeBackend{answer: &CreateQueueResponse{QueueURL: "q"}}, config)
		r := httptest.NewRequest("POST", "http://queues.test:99/", strings.NewReader(`{"QueueName":"q"}`))
		r.Header.Set("X-Amz-Target", "AmazonSQS.CreateQueue")
		if secure {
			r.TLS = new(tls.ConnectionState)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Body.String()
	}
	for _, c := range []struct {
		config Config
		secure bool
		want   string
	}{
		{Config{}, false, `{"QueueUrl":"http://queues.test:99/000000000000/q"}`},
		{Config{}, true, `{"QueueUrl":"https://queues.test:99/000000000000/q"}`},
		{Config{Account: "123456789012"}, false, `{"QueueUrl":"http://queues.test:99/123456789012/q"}`},
		{Config{PublicURL: "https://proxy.test/sqs/"}, false, `{"QueueUrl":"https://proxy.test/sqs/000000000000/q"}`},
	} {
		if got := call(c.config, c.secure); got != c.want {
			t.Errorf("%+v: got %s", c.config, got)
		}
	}
}

func TestGetQueueURLAcceptsItsOwnAccount(t *testing.T) {
	h := newTestHandler(t, new(fakeBackend), Config{})
	w := post(h, "GetQueueUrl", `{"QueueName":"q","QueueOwnerAWSAccountId":"000000000000"}`)
	if w.Body.String() != `{"QueueUrl":"http://sqs.test/000000000000/q"}` {
		t.Errorf("got %s", w.Body)
	}
}

func TestListQueuesGivesATokenOnlyForPages(t *testing.T) {
	page := func() *fakeBackend {
		return &fakeBackend{answer: &ListQueuesResponse{QueueURLs: []string{"a", "b"}, NextToken: "b"}}
	}
	urls := `{"QueueUrls":["http://sqs.test/000000000000/a","http://sqs.test/000000000000/b"]`
	if got := post(newTestHandler(t, page(), Config{}), "ListQueues", `{}`).Body.String(); got != urls+"}" {
		t.Errorf("got %s", got)
	}
	got := post(newTestHandler(t, page(), Config{}), "ListQueues", `{"MaxResults":2}`).Body.String()
	if want := urls + `,"NextToken":"` + pageToken("b") + `"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	backend := page()
	post(newTestHandler(t, backend, Config{}), "ListQueues", `{"MaxResults":2,"NextToken":"`+pageToken("b")+`"}`)
	if after := backend.got[0].(*ListQueuesRequest).After; after != "b" {
		t.Errorf("the next page begins after %q", after)
	}
}

func TestReceiveAnswersWithWhatWasAskedFor(t *testing.T) {
	stored := MessageAttributes{
		{Name: "General", DataType: "String", StringValue: "Kenobi"}, {Name: "Hello", DataType: "String", StringValue: "There"},
	}
	system := Pairs{{"SenderId", "s"}, {"SentTimestamp", "1"}}
	const message = `{"Messages":[{"MessageId":"1","ReceiptHandle":"h","MD5OfBody":"m","Body":"message"`
	for _, c := range []struct{ name, members, want string }{
		{"nothing", ``, `}]}`},
		{"a system attribute", `,"AttributeNames":["SenderId"]`, `,"Attributes":{"SenderId":"s"}}]}`},
		{"an attribute", `,"MessageAttributeNames":["Hel.*"]`,
			`,"MD5OfMessageAttributes":"a311262e065454b75da111d535b8dacd",` +
				`"MessageAttributes":{"Hello":{"StringValue":"There","DataType":"String"}}}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newTestHandler(t, &fakeBackend{answer: &ReceiveMessageResponse{Messages: []Message{{
				MessageID: "1", ReceiptHandle: "h", MD5OfBody: "m", Body: "message", Attributes: system, MessageAttributes: stored,
			}}}}, Config{})
			if got := post(h, "ReceiveMessage", `{"QueueUrl":"q"`+c.members+`}`).Body.String(); got != message+c.want {
				t.Errorf("got %s", got)
			}
		})
	}
	if len(stored) != 2 || stored[1].Name != "Hello" || len(system) != 2 {
		t.Error("filtering changed the backend's values")
	}
}

func TestGetQueueAttributesAnswersWithWhatWasAskedFor(t *testing.T) {
	for names, want := range map[string]string{
		`["All"]`:               `{"Attributes":{"DelaySeconds":"0","QueueArn":"arn"}}`,
		`["QueueArn","Policy"]`: `{"Attributes":{"QueueArn":"arn"}}`,
		`[]`:                    `{}`,
	} {
		stored := Pairs{{"DelaySeconds", "0"}, {"QueueArn", "arn"}}
		h := newTestHandler(t, &fakeBackend{answer: &GetQueueAttributesResponse{stored}}, Config{})
		if got := post(h, "GetQueueAttributes", `{"QueueUrl":"q","AttributeNames":`+names+`}`).Body.String(); got != want {
			t.Errorf("%s: got %s", names, got)
		}
	}
}

func TestCanonicalAttributeValuesReachTheBackend(t *testing.T) {
	backend := new(fakeBackend)
	h := newTestHandler(t, backend, Config{})
	post(h, "CreateQueue", `{"QueueName":"q","Attributes":{"VisibilityTimeout":"007","SqsManagedSseEnabled":"False","Policy":""}}`)
	want := Pairs{{"Policy", ""}, {"SqsManagedSseEnabled", "false"}, {"VisibilityTimeout", "7"}}
	if len(backend.got) != 1 || !reflect.DeepEqual(backend.got[0].(*CreateQueueRequest).Attributes, want) {
		t.Errorf("got %+v", backend.got)
	}
}

func TestReceiveAttemptIDIsIgnoredOnAStandardQueue(t *testing.T) {
	backend := new(fakeBackend)
	w := post(newTestHandler(t, backend, Config{}), "ReceiveMessage", `{"QueueUrl":"q","ReceiveRequestAttemptId":"not valid"}`)
	if w.Code != http.StatusOK || backend.got[0].(*ReceiveMessageRequest).ReceiveRequestAttemptID != "" {
		t.Errorf("%d %s, the backend got %+v", w.Code, w.Body, backend.got)
	}
}

func TestBodyLimit(t *testing.T) {
	h := newTestHandler(t, new(fakeBackend), Config{MaxBodyBytes: 10})
	for body, want := range map[string]int{`{"x":1234}`: 200, `{"x":12345}`: 400} {
		for _, chunked := range []bool{false, true} {
			r := httptest.NewRequest("POST", "http://sqs.test/", strings.NewReader(body))
			r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
			if chunked {
				r.ContentLength = -1
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s, chunked %v: %d %s", body, chunked, w.Code, w.Body)
			}
		}
	}
}

func TestTruncatedBodyIsRefused(t *testing.T) {
	r := httptest.NewRequest("POST", "http://sqs.test/", failingReader{})
	r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
	w := httptest.NewRecorder()
	newTestHandler(t, new(fakeBackend), Config{}).ServeHTTP(w, r)
	expectRefusal(t, w, Serialization)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestNewHandlerRefusesABadConfiguration(t *testing.T) {
	for _, config := range []Config{
		{Account: "1"}, {Account: "00000000000x"}, {MaxBodyBytes: -1},
		{PublicURL: "queues.test"}, {PublicURL: "ftp://queues.test"}, {PublicURL: "http://"}, {PublicURL: "http://h/?q"},
		{PublicURL: "http://h/#f"}, {PublicURL: "http://u:p@h/"}, {PublicURL: "http://[::1"},
	} {
		if _, err := NewHandler(new(fakeBackend), config); err == nil {
			t.Errorf("%+v was accepted", config)
		}
	}
}

func TestRequestIDsAreRandomUUIDs(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	a, b := randomUUID(), randomUUID()
	if !form.MatchString(a) || !form.MatchString(b) || a == b {
		t.Errorf("got %s and %s", a, b)
	}
}

func TestErrorTableIsCompleteAndDistinct(t *testing.T) {
	seen := map[string]bool{}
	for code := Code(1); code.Known(); code++ {
		info := codes[code]
		if info.shape == "" || info.query == "" || info.status < 400 || info.status > 599 || seen[info.query] || seen[info.shape] {
			t.Errorf("code %d: %+v", code, info)
		}
		seen[info.query], seen[info.shape] = true, true
	}
}

// TestErrorsThatAreNeverSent names, by query code, errors of the API model that no answer can have.
func TestErrorsThatAreNeverSent(t *testing.T) {
	for _, query := range []string{
		"InvalidIdFormat", "AWS.SimpleQueueService.MessageNotInflight", "KMS.AccessDeniedException", "KMS.DisabledException",
		"KMS.InvalidKeyUsageException", "KMS.InvalidStateException", "KMS.NotFoundException", "KMS.OptInRequired",
		"KMS.ThrottlingException",
	} {
		t.Run(query, func(t *testing.T) {
			for code := Code(1); code.Known(); code++ {
				if code.Query() == query {
					t.Errorf("code %d has it", code)
				}
			}
		})
	}
}

func TestActionsAreListedByTheirNames(t *testing.T) {
	for name, row := range actions {
		if got := row.request().Action(); got != name {
			t.Errorf("%s makes a request of %s", name, got)
		}
	}
}
