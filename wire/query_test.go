package wire

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"sqsd/wire/wiretest"
)

// postForm calls with parameters in a body.
func postForm(h http.Handler, address, parameters string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, formCall(address, parameters))
	return w
}

// get calls with parameters in the URL.
func get(h http.Handler, address, parameters string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://sqs.test"+address+"?"+parameters, nil))
	return w
}

// decodeForm decodes parameters as a request to the root.
func decodeForm(t testing.TB, parameters string) (Request, *Error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://sqs.test/", nil)
	c, err := queryCodec{}.decode(r, []byte(parameters))
	return c.req, err
}

func TestRequestsAreReadFromTheirGoldenForms(t *testing.T) {
	golden := goldenLines(t, "requests_query.txt", len(sampleRequests()))
	jsonForms := goldenLines(t, "requests.txt", len(golden))
	for i, want := range sampleRequests() {
		t.Run(want.Action(), func(t *testing.T) {
			for _, parameters := range []string{golden[i], wiretest.Form(t, want.Action(), jsonForms[i])} {
				got, err := decodeForm(t, parameters)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s became\n%+v, %v, want\n%+v", parameters, got, err, want)
				}
			}
		})
	}
}

// In testdata/answers_query.txt a line feed is written as \n.
func TestAnswersHaveTheirGoldenXML(t *testing.T) {
	golden := goldenLines(t, "answers_query.txt", len(sampleAnswers())+1)
	for i, resp := range append(sampleAnswers(), Empty{}) {
		action := "X"
		if _, ok := resp.(*BatchResponse); ok {
			action = "DeleteMessageBatch"
		}
		text, err := queryCodec{}.appendAnswer(nil, action, resp, "id")
		got, ok := strings.CutPrefix(string(text), xmlHeader)
		if err != nil || !ok || strings.ReplaceAll(got, "\n", `\n`) != golden[i] {
			t.Errorf("got %s, want %s", text, golden[i])
		}
		if err := xml.Unmarshal(text, new(struct{ XMLName xml.Name })); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestXMLTextSurvivesAParser(t *testing.T) {
	for _, text := range []string{"a\r\nb\rc\td", `<&>"'`, "]]>", "\u0085\u2028\u007f", "\U0001F600é", " x ", ""} {
		var back struct{ Body string }
		x := new(xmlWriter)
		x.begin("r")
		x.element("Body", text)
		x.end("r")
		if err := xml.Unmarshal(x.text, &back); err != nil || back.Body != text {
			t.Errorf("%q became %q, %v: %s", text, back.Body, err, x.text)
		}
	}
	if got := string(appendXMLText(nil, "a\x00\ufffe\xff\"\r")); got != "a\ufffd\ufffd\ufffd&quot;&#xD;" {
		t.Errorf("got %q", got)
	}
}

// queryRefusals can only be said, or are only answered so, in the Query protocol (sqs-semantics 1.4, 1.6). Their
// parameters are as sent.
var queryRefusals = []refusal{
	{"protocol: bad escape in a value", "ListQueues", "Action=ListQueues&QueueNamePrefix=%zz", Serialization},
	{"protocol: bad escape in a name", "ListQueues", "Action=ListQueues&%zz=1", Serialization},
	{"protocol: invalid UTF-8", "SendMessage", "Action=SendMessage&QueueUrl=q&MessageBody=%FF", Serialization},
	{"protocol: bad base64", "SendMessage", "Action=SendMessage&QueueUrl=q&MessageBody=b&MessageAttribute.1.Name=a&" +
		"MessageAttribute.1.Value.DataType=Binary&MessageAttribute.1.Value.BinaryValue=*", Serialization},
	{"protocol: unknown action", "StealMessage", "Action=StealMessage", UnknownOperation},
	{"protocol: action in another case", "listqueues", "Action=listqueues", UnknownOperation},
	{"protocol: too many parameters", "ListQueues", "Action=ListQueues" + strings.Repeat("&a=", MaxFormParameters), InvalidParameterValue},
	{"protocol: body over the limit", "ListQueues", "Action=ListQueues&a=" + text(DefaultMaxBodyBytes), InvalidParameterValue},
	{"protocol: control characters for an integer", "ReceiveMessage", "Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=" +
		strings.Repeat("%01", 2000), InvalidParameterValue},
	{"protocol: text for an integer", "ReceiveMessage", "Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=soon", InvalidParameterValue},
	{"protocol: name given twice", "CreateQueue", "Action=CreateQueue&QueueName=n&Attribute.1.Name=DelaySeconds&Attribute.1.Value=1&" +
		"Attribute.2.Name=DelaySeconds&Attribute.2.Value=2", InvalidParameterValue},
	{"protocol: name given twice", "SendMessage", "Action=SendMessage&QueueUrl=q&MessageBody=b&MessageAttribute.1.Name=a&" +
		"MessageAttribute.2.Name=a", InvalidParameterValue},
	{"queue: no URL", "SendMessage", "Action=SendMessage&MessageBody=b", InvalidAddress},
	{"queue: empty URL", "TagQueue", "Action=TagQueue&QueueUrl=&Tag.1.Key=k&Tag.1.Value=v", InvalidAddress},
	{"queue: absent by its bare name", "DeleteMessage", "Action=DeleteMessage&QueueUrl=absent&ReceiptHandle=" + text(1025), QueueDoesNotExist},
}

// expectXMLRefusal checks the whole error document (sqs-semantics 1.5).
func expectXMLRefusal(t *testing.T, w *httptest.ResponseRecorder, want Code) {
	t.Helper()
	var document struct {
		XMLName xml.Name
		Error   struct {
			Type, Code, Message string
			Detail              *string
		}
		RequestID string `xml:"RequestId"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &document); err != nil {
		t.Fatalf("body %q: %v", w.Body, err)
	}
	info, e := codes[want], document.Error
	root := xml.Name{Space: "http://queue.amazonaws.com/doc/2012-11-05/", Local: "ErrorResponse"}
	if w.Code != info.status || document.XMLName != root || e.Code != info.query || e.Type != want.fault() || e.Detail == nil {
		t.Errorf("got %d %s, want %d %s", w.Code, w.Body, info.status, info.query)
	}
	if e.Message == "" || len(e.Message) > maxErrorText {
		t.Errorf("text of %d bytes", len(e.Message))
	}
	header := w.Header()
	if document.RequestID != header.Get("x-amzn-RequestId") || header.Get("Content-Type") != "text/xml" ||
		header.Get("x-amzn-query-error") != "" {
		t.Errorf("headers %v, request id %q", header, document.RequestID)
	}
}
