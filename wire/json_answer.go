package wire

import (
	"encoding/base64"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// AppendJSON appends the body of a successful answer. The answers of the frequent calls are written out by hand, which
// takes a fifth of the library's time; both forms are the same JSON.
func AppendJSON(b []byte, resp Response) ([]byte, error) {
	switch resp := resp.(type) {
	case Empty, *Empty:
		return b, nil
	case *SendMessageResponse:
		return append(appendJSONSent(append(b, '{'), resp), '}'), nil
	case *SendMessageBatchResponse:
		b = appendJSONList(append(b, '{'), "Successful", resp.Successful, appendJSONSentEntry)
		b = appendJSONList(b, "Failed", resp.Failed, appendJSONFailed)
		return append(b, '}'), nil
	case *ReceiveMessageResponse:
		return append(appendJSONList(append(b, '{'), "Messages", resp.Messages, appendJSONMessage), '}'), nil
	case *BatchResponse:
		b = appendJSONList(append(b, '{'), "Successful", resp.Successful, appendJSONEntry)
		b = appendJSONList(b, "Failed", resp.Failed, appendJSONFailed)
		return append(b, '}'), nil
	}
	text, err := json.Marshal(resp)
	return append(b, text...), err
}

func appendJSONSent(b []byte, r *SendMessageResponse) []byte {
	b = appendJSONMember(b, "MessageId", r.MessageID)
	b = appendJSONMember(b, "MD5OfMessageBody", r.MD5OfMessageBody)
	b = appendJSONOptional(b, "MD5OfMessageAttributes", r.MD5OfMessageAttributes)
	b = appendJSONOptional(b, "MD5OfMessageSystemAttributes", r.MD5OfMessageSystemAttributes)
	return appendJSONOptional(b, "SequenceNumber", r.SequenceNumber)
}

func appendJSONSentEntry(b []byte, r *SendMessageBatchResult) []byte {
	b = appendJSONMember(b, "Id", r.ID)
	return appendJSONSent(b, &r.SendMessageResponse)
}

func appendJSONEntry(b []byte, r *BatchResultEntry) []byte {
	return appendJSONMember(b, "Id", r.ID)
}

func appendJSONFailed(b []byte, r *BatchResultError) []byte {
	b = appendJSONMember(b, "Id", r.ID)
	b = appendJSONName(b, "SenderFault")
	if r.SenderFault {
		b = append(b, "true"...)
	} else {
		b = append(b, "false"...)
	}
	b = appendJSONMember(b, "Code", r.Code)
	return appendJSONOptional(b, "Message", r.Message)
}

func appendJSONMessage(b []byte, m *Message) []byte {
	b = appendJSONMember(b, "MessageId", m.MessageID)
	b = appendJSONMember(b, "ReceiptHandle", m.ReceiptHandle)
	b = appendJSONMember(b, "MD5OfBody", m.MD5OfBody)
	b = appendJSONMember(b, "Body", m.Body)
	if len(m.Attributes) > 0 {
		b = appendJSONPairs(appendJSONName(b, "Attributes"), m.Attributes)
	}
	b = appendJSONOptional(b, "MD5OfMessageAttributes", m.MD5OfMessageAttributes)
	if len(m.MessageAttributes) > 0 {
		b = appendJSONAttributes(appendJSONName(b, "MessageAttributes"), m.MessageAttributes)
	}
	return b
}

func appendJSONPairs(b []byte, pairs Pairs) []byte {
	b = append(b, '{')
	for i := range pairs {
		b = appendJSONMember(b, pairs[i].Name, pairs[i].Value)
	}
	return append(b, '}')
}

func appendJSONAttributes(b []byte, attributes MessageAttributes) []byte {
	b = append(b, '{')
	for i := range attributes {
		a := &attributes[i]
		b = append(appendJSONName(b, a.Name), '{')
		b = appendJSONOptional(b, "StringValue", a.StringValue)
		if len(a.BinaryValue) > 0 {
			b = append(appendJSONName(b, "BinaryValue"), '"')
			b = append(base64.StdEncoding.AppendEncode(b, a.BinaryValue), '"')
		}
		b = append(appendJSONMember(b, "DataType", a.DataType), '}')
	}
	return append(b, '}')
}

// appendJSONList appends a list member of objects; an empty list is left out.
func appendJSONList[E any](b []byte, name string, list []E, members func([]byte, *E) []byte) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(appendJSONName(b, name), '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(members(append(b, '{'), &list[i]), '}')
	}
	return append(b, ']')
}

func appendJSONOptional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendJSONMember(b, name, value)
}

func appendJSONMember(b []byte, name, value string) []byte {
	return appendJSONString(appendJSONName(b, name), value)
}

// appendJSONName begins a member of the object whose text so far is at the end of b.
func appendJSONName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendJSONString(b, name), ':')
}

// appendJSONString appends a JSON string. Texts in answers come from decoded requests and are valid UTF-8; bytes that
// are not would become U+FFFD.
func appendJSONString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
