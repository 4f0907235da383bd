package wire

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"sqsd/wire/wiretest"
)

func TestQueryCallsComeByPostAndByGet(t *testing.T) {
	parameters := "Action=SendMessage&QueueUrl=http://elsewhere/000000000000/q&MessageBody=a+b%2Bc&DelaySeconds=7"
	want := &SendMessageRequest{
		QueueRef: QueueRef{QueueURL: "http://elsewhere/000000000000/q", Name: "q"},
		Outgoing: Outgoing{MessageBody: "a b+c", DelaySeconds: Int(7), SenderID: DefaultAccount},
	}
	for name, call := range map[string]func(http.Handler, string, string) *httptest.ResponseRecorder{"POST": postForm, "GET": get} {
		backend := new(fakeBackend)
		w := call(newTestHandler(t, backend, Config{}), "/", parameters)
		if w.Code != http.StatusOK || len(backend.got) != 1 || !reflect.DeepEqual(backend.got[0], want) {
			t.Errorf("%s: %d %s, the backend got %+v", name, w.Code, w.Body, backend.got)
		}
	}
}

func TestQueryParametersOfABodyCountBeforeThoseOfTheURL(t *testing.T) {
	backend := new(fakeBackend)
	postForm(newTestHandler(t, backend, Config{}), "/?Action=PurgeQueue&QueueUrl=other", "QueueUrl=q&QueueUrl=third")
	if len(backend.got) != 1 || backend.got[0].(*PurgeQueueRequest).Name != "q" {
		t.Errorf("the backend got %+v", backend.got)
	}
}

func TestQueryListsAreReadLeniently(t *testing.T) {
	for _, c := range []struct {
		name, parameters string
		want             Request
	}{
		{"any order and gaps", "Action=UntagQueue&TagKey.10=c&TagKey.2=b&TagKey.1=a", &UntagQueueRequest{TagKeys: Names{"a", "b", "c"}}},
		{"no index", "Action=CreateQueue&QueueName=q&Attribute.Name=A&Attribute.Value=1",
			&CreateQueueRequest{QueueName: "q", Attributes: Pairs{{"A", "1"}}}},
		{"no index in a list of names", "Action=UntagQueue&TagKey=a", &UntagQueueRequest{TagKeys: Names{"a"}}},
		{"indexes count before none", "Action=UntagQueue&TagKey=a&TagKey.5=b", &UntagQueueRequest{TagKeys: Names{"b"}}},
		{"Tags for Tag", "Action=TagQueue&Tags.1.Key=k&Tags.1.Value=v", &TagQueueRequest{Tags: Pairs{{"k", "v"}}}},
		{"Tags for Tag", "Action=CreateQueue&Tags.2.Key=k&Tags.2.Value=v", &CreateQueueRequest{Tags: Pairs{{"k", "v"}}}},
		{"no value", "Action=TagQueue&Tag.1.Key=k", &TagQueueRequest{Tags: Pairs{{"k", ""}}}},
		{"empty integer", "Action=ReceiveMessage&WaitTimeSeconds=", &ReceiveMessageRequest{}},
		{"unknown and too deep parameters", "Action=PurgeQueue&&a.b.c.d.e.f.g.h.i=1&=x&.=y&Version=2009-02-01&AWSAccessKeyId", &PurgeQueueRequest{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if queue, ok := c.want.(QueueRequest); ok {
				queue.Ref().QueueURL = "q"
			}
			got, err := decodeForm(t, c.parameters+"&QueueUrl=q")
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestQueryDecoderKeepsABoundedNumberOfMembers(t *testing.T) {
	many := func(action, element string, n int) Request {
		parameters := "QueueUrl=q&Action=" + action
		for i := range n {
			parameters += "&" + strings.ReplaceAll(element, "#", strings.Repeat("1", i+1))
		}
		req, err := decodeForm(t, parameters)
		if err != nil {
			t.Fatal(err)
		}
		return req
	}
	if got := many("DeleteMessageBatch", "DeleteMessageBatchRequestEntry.#.Id=x", 100).(*DeleteMessageBatchRequest); len(got.Entries) != 11 {
		t.Errorf("%d entries", len(got.Entries))
	}
	if got := many("GetQueueAttributes", "AttributeName.#=x", 400).(*GetQueueAttributesRequest); len(got.AttributeNames) != MaxNames+1 {
		t.Errorf("%d names", len(got.AttributeNames))
	}
	if got := many("SendMessage", "MessageAttribute.#.Name=x#", 100).(*SendMessageRequest); len(got.MessageAttributes) != 11 {
		t.Errorf("%d attributes", len(got.MessageAttributes))
	}
	if got := many("TagQueue", "Tag.#.Key=x#", 300).(*TagQueueRequest); len(got.Tags) != MaxPairs+1 {
		t.Errorf("%d tags", len(got.Tags))
	}
}

// The path stands in for QueueUrl, and queues can be asked for their own address (sqs-semantics 1.6).
func TestQueryCallsToAQueuesAddress(t *testing.T) {
	for _, c := range []struct {
		address, parameters string
		want                string // name of the queue, or the code of the refusal
	}{
		{"/000000000000/q", "Action=PurgeQueue", "q"},
		{"/behind/a/proxy/000000000000/q", "Action=PurgeQueue", "q"},
		{"/000000000000/q", "Action=PurgeQueue&QueueUrl=http://h/000000000000/q.fifo", "q.fifo"},
		{"/000000000000/absent", "Action=PurgeQueue&QueueUrl=q", "q"},
		{"/", "Action=PurgeQueue&QueueUrl=q", "q"},
		{"/000000000000/a.b", "Action=PurgeQueue", "AWS.SimpleQueueService.NonExistentQueue"},
		{"/111111111111/q", "Action=PurgeQueue", "AWS.SimpleQueueService.NonExistentQueue"},
		{"/000000000000/q/", "Action=PurgeQueue", "InvalidAddress"},
		{"/q", "Action=PurgeQueue", "InvalidAddress"},
		{"/", "Action=PurgeQueue", "InvalidAddress"},
		{"/", "Action=PurgeQueue&QueueUrl=http://h/", "AWS.SimpleQueueService.NonExistentQueue"},
		{"/000000000000/q", "Action=CreateQueue&QueueName=n", "InvalidAction"},
		{"/000000000000/q", "Action=ListQueues", "InvalidAction"},
	} {
		backend := new(fakeBackend)
		w := postForm(newTestHandler(t, backend, Config{}), c.address, c.parameters)
		switch {
		case w.Code == http.StatusOK && len(backend.got) == 1:
			if got := backend.got[0].(*PurgeQueueRequest).Name; got != c.want {
				t.Errorf("%s %s: got %s", c.address, c.parameters, got)
			}
		case !strings.Contains(w.Body.String(), "<Code>"+c.want+"</Code>"):
			t.Errorf("%s %s: %d %s", c.address, c.parameters, w.Code, w.Body)
		}
	}
}

func TestGetQueueURLOnAQueuesAddressFindsAnyQueue(t *testing.T) {
	w := get(newTestHandler(t, new(fakeBackend), Config{}), "/000000000000/absent", "Action=GetQueueUrl&QueueName=q")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<QueueUrl>http://sqs.test/000000000000/q</QueueUrl>") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestJSONCallsToAQueuesAddressWork(t *testing.T) {
	r := httptest.NewRequest("POST", "http://sqs.test/000000000000/absent", strings.NewReader(`{"QueueUrl":"q"}`))
	r.Header.Set("X-Amz-Target", "AmazonSQS.PurgeQueue")
	w := httptest.NewRecorder()
	backend := new(fakeBackend)
	newTestHandler(t, backend, Config{}).ServeHTTP(w, r)
	if w.Code != http.StatusOK || len(backend.got) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestQueryCallWithoutAnActionIsNotFound(t *testing.T) {
	h := newTestHandler(t, new(fakeBackend), Config{})
	for _, w := range []*httptest.ResponseRecorder{
		get(h, "/", ""), get(h, "/000000000000/q", "QueueUrl=q"), postForm(h, "/", "Action="), postForm(h, "/", `{"Action":"ListQueues"}`),
	} {
		if w.Code != http.StatusNotFound || w.Body.String() != "<UnknownOperationException/>\n" ||
			w.Header().Get("x-amzn-RequestId") != "request-1" || w.Header().Get("Content-Type") != "text/xml" {
			t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
		}
	}
}

func TestQueryKnowsNoOtherMethods(t *testing.T) {
	for _, method := range []string{"PUT", "DELETE", "HEAD", "OPTIONS"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "http://sqs.test/?Action=ListQueues", nil)
		newTestHandler(t, new(fakeBackend), Config{}).ServeHTTP(w, r)
		expectXMLRefusal(t, w, UnknownOperation)
	}
}

func TestQueryAnswersCarryTheirHeaders(t *testing.T) {
	const begin, end = xmlHeader + `<%Response xmlns="` + xmlNamespace + `">`,
		`<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></%Response>`
	h := newTestHandler(t, new(fakeBackend), Config{})
	for action, want := range map[string]string{
		"PurgeQueue": begin + end, "ReceiveMessage": begin + "<%Result></%Result>" + end, "ListQueues": begin + "<%Result></%Result>" + end,
	} {
		w := get(h, "/", "QueueUrl=q&Action="+action)
		header := w.Header()
		if w.Code != http.StatusOK || w.Body.String() != strings.ReplaceAll(want, "%", action) ||
			header.Get("x-amzn-RequestId") != "request-1" || header.Get("Content-Type") != "text/xml" {
			t.Errorf("%d %v %s", w.Code, header, w.Body)
		}
	}
}

func TestQueryReceiveAnswersWithWhatWasAskedFor(t *testing.T) {
	backend := &fakeBackend{answer: &ReceiveMessageResponse{Messages: []Message{{
		MessageID: "1", ReceiptHandle: "h", MD5OfBody: "m", Body: "a\r\n",
		Attributes:        Pairs{{"SenderId", "s"}, {"SentTimestamp", "1"}},
		MessageAttributes: MessageAttributes{{Name: "Hello", DataType: "String", StringValue: "There"}},
	}}}}
	w := get(newTestHandler(t, backend, Config{}), "/000000000000/q", "Action=ReceiveMessage&AttributeName.1=SenderId&MessageAttributeName.1=All")
	const want = `<Body>a&#xD;` + "\n" + `</Body><Attribute><Name>SenderId</Name><Value>s</Value></Attribute>` +
		`<MD5OfMessageAttributes>a311262e065454b75da111d535b8dacd</MD5OfMessageAttributes><MessageAttribute><Name>Hello</Name>`
	if !strings.Contains(w.Body.String(), want) {
		t.Errorf("got %s", w.Body)
	}
}

func FuzzQuery(f *testing.F) {
	for i, c := range refusals {
		if len(c.body) < 1024 {
			f.Add("/", wiretest.Form(f, c.operation, c.body), i%2 == 0)
		}
	}
	for _, c := range queryRefusals {
		if len(c.body) < 1024 {
			f.Add("/000000000000/q", c.body, true)
		}
	}
	f.Fuzz(func(t *testing.T, path, parameters string, inURL bool) {
		backend := new(fakeBackend)
		r := httptest.NewRequest(http.MethodPost, "http://sqs.test/", strings.NewReader(parameters))
		r.URL.Path = path
		if inURL {
			r.Method, r.URL.RawQuery = http.MethodGet, parameters
		}
		w := httptest.NewRecorder()
		newTestHandler(t, backend, Config{}).ServeHTTP(w, r)
		if w.Code == http.StatusOK || w.Body.String() == "<UnknownOperationException/>\n" {
			return
		}
		if len(backend.got) > 0 {
			t.Fatalf("%d and the backend got %v", w.Code, backend.got)
		}
		for code := Code(1); code.Known(); code++ {
			if strings.Contains(w.Body.String(), "<Code>"+code.Query()+"</Code>") {
				expectXMLRefusal(t, w, code)
				return
			}
		}
		t.Fatalf("%d %q is no error of the table", w.Code, w.Body)
	})
}
