package wire

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"
)

// xmlWriter writes the results of the Query protocol (sqs-semantics 1.5): no attributes, lists as repeated elements.
type xmlWriter struct{ text []byte }

// isEmpty says that an operation has no output members.
func isEmpty(resp Response) bool {
	switch resp.(type) {
	case Empty, *Empty:
		return true
	}
	return false
}

// result writes what is inside the result element of an operation.
func (x *xmlWriter) result(operation string, resp Response) {
	switch resp := resp.(type) {
	case *CreateQueueResponse:
		x.element("QueueUrl", resp.QueueURL)
	case *GetQueueURLResponse:
		x.element("QueueUrl", resp.QueueURL)
	case *ListQueuesResponse:
		x.page(resp.QueueURLs, resp.NextToken)
	case *ListDeadLetterSourceQueuesResponse:
		x.page(resp.QueueURLs, resp.NextToken)
	case *GetQueueAttributesResponse:
		x.pairs("Attribute", "Name", resp.Attributes)
	case *ListQueueTagsResponse:
		x.pairs("Tag", "Key", resp.Tags)
	case *SendMessageResponse:
		x.sent(resp)
	case *SendMessageBatchResponse:
		for i := range resp.Successful {
			x.begin("SendMessageBatchResultEntry")
			x.element("Id", resp.Successful[i].ID)
			x.sent(&resp.Successful[i].SendMessageResponse)
			x.end("SendMessageBatchResultEntry")
		}
		x.failed(resp.Failed)
	case *ReceiveMessageResponse:
		for i := range resp.Messages {
			x.message(&resp.Messages[i])
		}
	case *BatchResponse:
		for i := range resp.Successful {
			x.begin(operation + "ResultEntry")
			x.element("Id", resp.Successful[i].ID)
			x.end(operation + "ResultEntry")
		}
		x.failed(resp.Failed)
	case *StartMessageMoveTaskResponse:
		x.element("TaskHandle", resp.TaskHandle)
	case *CancelMessageMoveTaskResponse:
		x.number("ApproximateNumberOfMessagesMoved", resp.ApproximateNumberOfMessagesMoved)
	case *ListMessageMoveTasksResponse:
		for i := range resp.Results {
			x.task(&resp.Results[i])
		}
	}
}

func (x *xmlWriter) page(urls []string, token string) {
	for _, url := range urls {
		x.element("QueueUrl", url)
	}
	x.optional("NextToken", token)
}

func (x *xmlWriter) pairs(element, name string, pairs Pairs) {
	for _, p := range pairs {
		x.begin(element)
		x.element(name, p.Name)
		x.element("Value", p.Value)
		x.end(element)
	}
}

func (x *xmlWriter) sent(r *SendMessageResponse) {
	x.element("MessageId", r.MessageID)
	x.element("MD5OfMessageBody", r.MD5OfMessageBody)
	x.optional("MD5OfMessageAttributes", r.MD5OfMessageAttributes)
	x.optional("MD5OfMessageSystemAttributes", r.MD5OfMessageSystemAttributes)
	x.optional("SequenceNumber", r.SequenceNumber)
}

func (x *xmlWriter) failed(list []BatchResultError) {
	for i := range list {
		x.begin("BatchResultErrorEntry")
		x.element("Id", list[i].ID)
		x.element("SenderFault", strconv.FormatBool(list[i].SenderFault))
		x.element("Code", list[i].Code)
		x.optional("Message", list[i].Message)
		x.end("BatchResultErrorEntry")
	}
}

func (x *xmlWriter) message(m *Message) {
	x.begin("Message")
	x.element("MessageId", m.MessageID)
	x.element("ReceiptHandle", m.ReceiptHandle)
	x.element("MD5OfBody", m.MD5OfBody)
	x.element("Body", m.Body)
	x.pairs("Attribute", "Name", m.Attributes)
	x.optional("MD5OfMessageAttributes", m.MD5OfMessageAttributes)
	for i := range m.MessageAttributes {
		a := &m.MessageAttributes[i]
		x.begin("MessageAttribute")
		x.element("Name", a.Name)
		x.begin("Value")
		if a.IsBinary() {
			x.element("BinaryValue", base64.StdEncoding.EncodeToString(a.BinaryValue))
		} else {
			x.element("StringValue", a.StringValue)
		}
		x.element("DataType", a.DataType)
		x.end("Value")
		x.end("MessageAttribute")
	}
	x.end("Message")
}

func (x *xmlWriter) task(t *MoveTaskResult) {
	x.begin("ListMessageMoveTasksResultEntry")
	x.optional("TaskHandle", t.TaskHandle)
	x.element("Status", t.Status)
	x.element("SourceArn", t.SourceARN)
	x.optional("DestinationArn", t.DestinationARN)
	if t.MaxNumberOfMessagesPerSecond.Set {
		x.number("MaxNumberOfMessagesPerSecond", int64(t.MaxNumberOfMessagesPerSecond.Value))
	}
	x.number("ApproximateNumberOfMessagesMoved", t.ApproximateNumberOfMessagesMoved)
	x.number("ApproximateNumberOfMessagesToMove", t.ApproximateNumberOfMessagesToMove)
	x.optional("FailureReason", t.FailureReason)
	x.number("StartedTimestamp", int64(t.StartedTimestamp))
	x.end("ListMessageMoveTasksResultEntry")
}

func (x *xmlWriter) begin(name string) { x.text = append(append(append(x.text, '<'), name...), '>') }
func (x *xmlWriter) end(name string)   { x.text = append(append(append(x.text, "</"...), name...), '>') }

func (x *xmlWriter) element(name, value string) {
	x.begin(name)
	x.text = appendXMLText(x.text, value)
	x.end(name)
}

func (x *xmlWriter) optional(name, value string) {
	if value != "" {
		x.element(name, value)
	}
}

func (x *xmlWriter) number(name string, value int64) { x.element(name, strconv.FormatInt(value, 10)) }

// appendXMLText appends the content of an element. A carriage return must be written as a reference, or parsers make it
// a line feed and the digest of a body is wrong. What is no character of XML becomes U+FFFD; of all answers only errors
// that repeat a bad request can have such.
func appendXMLText(b []byte, s string) []byte {
	done := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if escape := xmlEscape(r, size); escape != "" {
			b = append(append(b, s[done:i]...), escape...)
			done = i + size
		}
		i += size
	}
	return append(b, s[done:]...)
}

// xmlEscape is what stands for a character in XML, or empty if it stands for itself.
func xmlEscape(r rune, size int) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '"':
		return "&quot;"
	case r == '\r':
		return "&#xD;"
	case r == '\n' || r == '\t':
		return ""
	case r < ' ' || r == 0xFFFE || r == 0xFFFF || r == utf8.RuneError && size == 1:
		return "\uFFFD"
	}
	return ""
}
