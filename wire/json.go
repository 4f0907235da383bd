package wire

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The AWS JSON 1.0 protocol (sqs-semantics 1.2, 1.3): the operation is in a header, members are one JSON object.

const (
	jsonContentType  = "application/x-amz-json-1.0"
	jsonTargetHeader = "X-Amz-Target"
	jsonTargetPrefix = "AmazonSQS."
)

// jsonCodec is the JSON protocol.
type jsonCodec struct{}

// jsonContentTypes is shared by all responses; nobody changes it.
var jsonContentTypes = []string{jsonContentType}

func (jsonCodec) contentType() []string { return jsonContentTypes }

func (jsonCodec) decode(r *http.Request, body []byte) (call, *Error) {
	target := r.Header.Get(jsonTargetHeader)
	name, ok := strings.CutPrefix(target, jsonTargetPrefix)
	row, known := actions[name]
	if !ok || !known || r.Method != http.MethodPost {
		return call{}, Errorf(UnknownOperation, "The method %s with the target %q is no known operation.",
			clip(r.Method), clip(target))
	}
	req := row.request()
	return call{name: name, action: row, req: req}, DecodeJSON(body, req)
}

func (jsonCodec) appendAnswer(b []byte, _ string, resp Response, _ string) ([]byte, error) {
	return AppendJSON(b, resp)
}

func (jsonCodec) appendError(b []byte, e *Error, _ string, header http.Header) (body []byte, status int) {
	header["X-Amzn-Query-Error"] = []string{e.Code.Query() + ";" + e.Code.fault()}
	b = appendJSONMember(append(b, '{'), "__type", e.Code.Shape())
	return append(appendJSONMember(b, "message", e.Text), '}'), e.Code.Status()
}

// DecodeJSON decodes a request body into one of the …Request structs. Names are case sensitive, unknown members are
// ignored, null is absent. The error is [Serialization].
func DecodeJSON(body []byte, req Request) *Error {
	err := unmarshalObject(body, req)
	if err != nil && utf8.Valid(body) && replaceLoneSurrogates(body) {
		err = unmarshalObject(body, req)
	}
	if err != nil {
		return Errorf(Serialization, "The request body is not valid. Reason: %s", describeJSONError(err))
	}
	return nil
}

// describeJSONError says where the fault is, without the names of Go types.
func describeJSONError(err error) string {
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		where := clip(string(wrong.JSONPointer))
		return fmt.Sprintf("the member %s has a value of a wrong type or form.", where)
	}
	if broken, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf("it is not JSON that can be read, from byte %d on.", broken.ByteOffset)
	}
	return err.Error() + "."
}

var errNotObject = errors.New("it is not a JSON object")

func unmarshalObject(body []byte, req Request) error {
	if jsontext.Value(body).Kind() != '{' {
		return errNotObject
	}
	return json.Unmarshal(body, req)
}

// replaceLoneSurrogates turns escapes of half a surrogate pair into escapes of U+FFFE and says whether it found any.
// Such an escape is well-formed JSON but no character, so the decoder refuses the body as a whole, whereas SQS judges
// it as it judges U+FFFE: by the rules of the member that it is in.
func replaceLoneSurrogates(body []byte) bool {
	found := false
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		switch unit := escapedUnit(body[i:]); {
		case unit < 0:
			i++ // an escape of one character
		case unit < 0xD800 || unit > 0xDFFF:
			i += 5
		case unit < 0xDC00 && escapedUnit(body[i+6:])&^0x3FF == 0xDC00:
			i += 11
		default:
			copy(body[i+2:], "FFFE")
			found = true
			i += 5
		}
	}
	return found
}

// escapedUnit is the UTF-16 unit of the \uXXXX escape that text begins with, or -1.
func escapedUnit(text []byte) int {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	unit := 0
	for _, c := range text[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		unit = unit<<4 | int(c)
	}
	return unit
}
