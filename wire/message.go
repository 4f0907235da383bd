package wire

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules for what one message may be (sqs-semantics 3.1, 3.3, 3.4 and 4.1).

// traceHeader is the only system attribute that a sender may set.
const traceHeader = "AWSTraceHeader"

// MessageSize is the size that limits are compared with, in bytes: the body, and every attribute's name, data type and
// value. System attributes do not count.
func MessageSize(m *Outgoing) int {
	size := len(m.MessageBody)
	for i := range m.MessageAttributes {
		a := &m.MessageAttributes[i]
		size += len(a.Name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return size
}

// CheckMessageSize compares a message with a queue's MaximumMessageSize.
func CheckMessageSize(m *Outgoing, limit int) *Error {
	if size := MessageSize(m); size > limit {
		return Errorf(InvalidParameterValue, "The message must have at most %d bytes; it has %d.", limit, size)
	}
	return nil
}

// check judges a message with a body for a queue of a type, all but its size.
func (m *Outgoing) check(fifo bool) *Error {
	if !isText(m.MessageBody) {
		return Errorf(InvalidMessageContents, "The message body has a character that is not allowed. "+
			"Allowed are #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and #x10000 to #x10FFFF.")
	}
	if err := checkRange("DelaySeconds", m.DelaySeconds, 0, MaxDelaySeconds); err != nil {
		return err
	}
	if fifo && m.DelaySeconds.Or(0) > 0 {
		return BadValue("DelaySeconds", strconv.Itoa(int(m.DelaySeconds.Value)),
			"A FIFO queue delays all messages alike.")
	}
	if err := checkAttributes(m.MessageAttributes); err != nil {
		return err
	}
	if err := checkSystemAttributes(m.MessageSystemAttributes); err != nil {
		return err
	}
	return m.checkIDs(fifo)
}

// checkIDs judges the group id and the deduplication id. A standard queue takes an empty id for an absent one.
func (m *Outgoing) checkIDs(fifo bool) *Error {
	emptyGroup, emptyDedup := fifo && m.emptyGroupID, fifo && m.emptyDedupID
	m.emptyGroupID, m.emptyDedupID = false, false
	if emptyGroup || m.MessageGroupID != "" && !isGroupID(m.MessageGroupID) {
		return BadValue("MessageGroupId", m.MessageGroupID, groupIDRule)
	}
	switch {
	case emptyDedup:
		return BadValue("MessageDeduplicationId", "", groupIDRule)
	case m.MessageDeduplicationID == "":
	case !fifo:
		return BadValue("MessageDeduplicationId", m.MessageDeduplicationID,
			"The request includes a parameter that is not valid for this queue type.")
	case !isGroupID(m.MessageDeduplicationID):
		return BadValue("MessageDeduplicationId", m.MessageDeduplicationID, groupIDRule)
	}
	return nil
}

const groupIDRule = "It can have 1 to 128 letters, digits and ASCII punctuation characters."

// isGroupID says that a text can be a message group id, deduplication id or receive attempt id.
func isGroupID(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= MaxGroupIDLength
}

// isText says that a text has only the characters that bodies and string values may have.
func isText(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c-' ' < utf8.RuneSelf-' ' { // neither a control character nor beyond ASCII, in one comparison
			i++
			continue
		}
		if c < utf8.RuneSelf {
			if c != '\t' && c != '\n' && c != '\r' {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		i += size
	}
	return true
}

func checkAttributes(attributes MessageAttributes) *Error {
	if len(attributes) > MaxMessageAttributes {
		return Errorf(InvalidParameterValue, "Number of message attributes exceeds the allowed maximum %d.",
			MaxMessageAttributes)
	}
	for i := range attributes {
		if err := attributes[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (a *MessageAttribute) check() *Error {
	if !isAttributeName(a.Name) {
		return badAttribute(a.Name, "The name can have 1 to 256 letters, digits, '_', '-' and '.'; it cannot "+
			"start or end with a dot, have two dots in a row or start with AWS. or Amazon.")
	}
	if a.lists {
		return Errorf(UnsupportedOperation, "Message attribute %s: StringListValues and BinaryListValues "+
			"are not supported.", clip(a.Name))
	}
	base, label, labelled := strings.Cut(a.DataType, ".")
	if labelled && label == "" || utf8.RuneCountInString(a.DataType) > MaxAttributeNameLength || !isText(label) {
		return badAttribute(a.Name, "The data type can have a label after a dot and 256 characters in all.")
	}
	switch base {
	case "Binary":
		if len(a.BinaryValue) == 0 || a.StringValue != "" {
			return badAttribute(a.Name, "A Binary attribute must have a BinaryValue, not empty, and no other.")
		}
		return nil
	case "String", "Number":
		if a.StringValue == "" || len(a.BinaryValue) > 0 {
			return badAttribute(a.Name, "A String or Number must have a StringValue, not empty, and no other.")
		}
	default:
		return badAttribute(a.Name, "The data type must be String, Number or Binary.")
	}
	if !isText(a.StringValue) {
		return badAttribute(a.Name, "The value has a character that is not allowed.")
	}
	if base == "Number" && !isNumber(a.StringValue) {
		return badAttribute(a.Name, "The value is not a number of at most 38 digits between 10^-128 and 10^126.")
	}
	return nil
}

func badAttribute(name, why string) *Error {
	return Errorf(InvalidParameterValue, "Message attribute %s is invalid. Reason: %s", clip(name), why)
}

func isAttributeName(name string) bool {
	if name == "" || name[0] == '.' || name[len(name)-1] == '.' || strings.Contains(name, "..") ||
		hasPrefixFold(name, "aws.") || hasPrefixFold(name, "amazon.") {
		return false
	}
	for _, r := range name {
		switch {
		case r == '_' || r == '-' || r == '.':
		case r < utf8.RuneSelf && isLetterOrDigit(byte(r)):
		case r >= utf8.RuneSelf && unicode.Is(unicode.Latin, r):
		default:
			return false
		}
	}
	return utf8.RuneCountInString(name) <= MaxAttributeNameLength
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func checkSystemAttributes(attributes MessageAttributes) *Error {
	for i := range attributes {
		a := &attributes[i]
		switch {
		case a.lists:
			return a.check()
		case a.Name != traceHeader:
			return badAttribute(a.Name, "The only system attribute that can be sent is "+traceHeader+".")
		case a.DataType != "String" || len(a.BinaryValue) > 0 || !isTraceHeader(a.StringValue):
			return badAttribute(a.Name, "It must be a String of text, 1 to "+strconv.Itoa(MaxTraceHeaderBytes)+" bytes.")
		}
	}
	return nil
}

func isTraceHeader(value string) bool {
	return value != "" && len(value) <= MaxTraceHeaderBytes && isText(value)
}

// isNumber says that a text is a decimal number, with or without exponent, within the precision and magnitude that SQS
// allows. Zeros at either end are not significant digits.
func isNumber(text string) bool {
	mantissa, exponent := trimSign(text), 0
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		power := mantissa[i+1:]
		if !isDigits(trimSign(power)) || len(power) > maxPowerLength {
			return false
		}
		exponent, _ = strconv.Atoi(power)
		mantissa = mantissa[:i]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if !isDigits(digits) {
		return false
	}
	significant := strings.TrimLeft(digits, "0")
	if significant == "" {
		return true
	}
	leading := exponent + len(whole) - 1 - (len(digits) - len(significant)) // power of ten of the first significant digit
	significant = strings.TrimRight(significant, "0")
	return len(significant) <= MaxNumberDigits && leading >= MinNumberExponent &&
		(leading < MaxNumberExponent || leading == MaxNumberExponent && significant == "1")
}

// maxPowerLength bounds the text of an exponent with its sign; it leaves room for every useful one.
const maxPowerLength = 5

func trimSign(text string) string {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}
