package wire

import (
	"net/http"
	"strings"
)

// queryCodec is the AWS Query protocol (sqs-semantics 1.4 to 1.6): parameters in the URL or in a form, answers in XML,
// and a queue's own address in place of its URL.
type queryCodec struct{}

// xmlContentTypes is shared by all responses; nobody changes it.
var xmlContentTypes = []string{"text/xml"}

func (queryCodec) contentType() []string { return xmlContentTypes }

// errNoAction is the one error that has no error document.
var errNoAction = Errorf(UnknownOperation, "The request has no parameter Action.")

// decode finds the operation in the parameters. Those of a body count before those of the URL.
func (queryCodec) decode(r *http.Request, body []byte) (call, *Error) {
	texts := []string{r.URL.RawQuery}
	if r.Method == http.MethodPost {
		texts = []string{string(body), r.URL.RawQuery}
	}
	f, err := parseForm(texts...)
	if err != nil {
		return call{}, err
	}
	name := f.read("Action")
	if name == "" {
		return call{}, errNoAction
	}
	row, known := actions[name]
	address, addressed := queueAddress(r.URL.Path)
	if !known || r.Method != http.MethodPost && r.Method != http.MethodGet || row.noQueue && addressed {
		return call{}, Errorf(UnknownOperation, "The action %s is not valid for the method %s and the address %s.",
			clip(name), clip(r.Method), clip(r.URL.Path))
	}
	req := row.request()
	req.readForm(f)
	if queue, ok := req.(QueueRequest); ok {
		if queue.Ref().QueueURL = f.read("QueueUrl"); queue.Ref().QueueURL == "" {
			if !addressed {
				return call{}, Errorf(InvalidAddress, "The address %s is not valid for this endpoint.", clip(r.URL.Path))
			}
			queue.Ref().QueueURL = address
		}
	}
	return call{name: name, action: row, req: req}, f.state.err
}

// queueAddress is the path of a request if its last two segments are an account and a name, as in a queue's URL.
func queueAddress(path string) (address string, ok bool) {
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 {
		return "", false
	}
	owner := path[:slash]
	return path, isAccount(owner[strings.LastIndexByte(owner, '/')+1:])
}

func (queryCodec) appendAnswer(b []byte, name string, resp Response, requestID string) ([]byte, error) {
	x := xmlWriter{append(b, xmlHeader...)}
	x.text = append(append(append(x.text, '<'), name...), `Response xmlns="`+xmlNamespace+`">`...)
	if !isEmpty(resp) {
		x.begin(name + "Result")
		x.result(name, resp)
		x.end(name + "Result")
	}
	x.begin("ResponseMetadata")
	x.element("RequestId", requestID)
	x.end("ResponseMetadata")
	x.end(name + "Response")
	return x.text, nil
}

func (queryCodec) appendError(b []byte, e *Error, requestID string, _ http.Header) (body []byte, status int) {
	if e == errNoAction {
		return append(b, "<UnknownOperationException/>\n"...), http.StatusNotFound
	}
	x := xmlWriter{append(b, xmlHeader...)}
	x.text = append(x.text, `<ErrorResponse xmlns="`+xmlNamespace+`">`...)
	x.begin("Error")
	x.element("Type", e.Code.fault())
	x.element("Code", e.Code.Query())
	x.element("Message", e.Text)
	x.element("Detail", "")
	x.end("Error")
	x.element("RequestId", requestID)
	x.end("ErrorResponse")
	return x.text, e.Code.Status()
}

const (
	xmlHeader    = `<?xml version="1.0"?>` + "\n"
	xmlNamespace = "http://queue.amazonaws.com/doc/2012-11-05/"
)
