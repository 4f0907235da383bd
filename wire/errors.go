package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Code is a kind of error. The table below maps it to what each protocol calls it.
type Code uint8

// The errors that sqsd answers. Names follow the shapes of the API model and of its framework.
const (
	BatchEntryIdsNotDistinct Code = iota + 1
	BatchRequestTooLong
	EmptyBatchRequest
	InvalidAddress
	InvalidAttributeName
	InvalidAttributeValue
	InvalidBatchEntryID
	InvalidMessageContents
	OverLimit
	PurgeQueueInProgress
	QueueDeletedRecently
	QueueDoesNotExist
	QueueNameExists
	ReceiptHandleIsInvalid
	RequestThrottled
	ResourceNotFound
	TooManyEntriesInBatchRequest
	UnsupportedOperation
	InvalidParameterValue
	MissingParameter
	AccessDenied
	UnrecognizedClient
	InvalidSignature
	IncompleteSignature
	UnknownOperation
	Serialization
	InternalFailure
	ServiceUnavailable
	ExpiredToken
	InvalidSecurity
)

const (
	modelled  = "com.amazonaws.sqs#"
	framework = "com.amazon.coral.service#"
	legacy    = "AWS.SimpleQueueService."
)

// codeInfo says how the protocols spell a code.
type codeInfo struct {
	shape  string // __type, with its namespace
	query  string // the code of the Query protocol, of batch entries and of the x-amzn-query-error header
	status int    // HTTP status
}

// codes is the one place where errors get their names and statuses (API model and recordings, sqs-semantics part 7).
var codes = [...]codeInfo{
	BatchEntryIdsNotDistinct:     {modelled + "BatchEntryIdsNotDistinct", legacy + "BatchEntryIdsNotDistinct", 400},
	BatchRequestTooLong:          {modelled + "BatchRequestTooLong", legacy + "BatchRequestTooLong", 400},
	EmptyBatchRequest:            {modelled + "EmptyBatchRequest", legacy + "EmptyBatchRequest", 400},
	InvalidAddress:               {modelled + "InvalidAddress", "InvalidAddress", 404},
	InvalidAttributeName:         {modelled + "InvalidAttributeName", "InvalidAttributeName", 400},
	InvalidAttributeValue:        {modelled + "InvalidAttributeValue", "InvalidAttributeValue", 400},
	InvalidBatchEntryID:          {modelled + "InvalidBatchEntryId", legacy + "InvalidBatchEntryId", 400},
	InvalidMessageContents:       {modelled + "InvalidMessageContents", "InvalidMessageContents", 400},
	OverLimit:                    {modelled + "OverLimit", "OverLimit", 403},
	PurgeQueueInProgress:         {modelled + "PurgeQueueInProgress", legacy + "PurgeQueueInProgress", 403},
	QueueDeletedRecently:         {modelled + "QueueDeletedRecently", legacy + "QueueDeletedRecently", 400},
	QueueDoesNotExist:            {modelled + "QueueDoesNotExist", legacy + "NonExistentQueue", 400},
	QueueNameExists:              {modelled + "QueueNameExists", "QueueAlreadyExists", 400},
	ReceiptHandleIsInvalid:       {modelled + "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404},
	RequestThrottled:             {modelled + "RequestThrottled", "RequestThrottled", 403},
	ResourceNotFound:             {modelled + "ResourceNotFoundException", "ResourceNotFoundException", 404},
	TooManyEntriesInBatchRequest: {modelled + "TooManyEntriesInBatchRequest", legacy + "TooManyEntriesInBatchRequest", 400},
	UnsupportedOperation:         {modelled + "UnsupportedOperation", legacy + "UnsupportedOperation", 400},
	InvalidParameterValue:        {framework + "InvalidParameterValueException", "InvalidParameterValue", 400},
	MissingParameter:             {framework + "MissingRequiredParameterException", "MissingParameter", 400},
	AccessDenied:                 {framework + "AccessDeniedException", "AccessDenied", 403},
	UnrecognizedClient:           {framework + "UnrecognizedClientException", "InvalidClientTokenId", 403},
	InvalidSignature:             {framework + "InvalidSignatureException", "SignatureDoesNotMatch", 403},
	IncompleteSignature:          {framework + "IncompleteSignatureException", "IncompleteSignature", 400},
	UnknownOperation:             {framework + "UnknownOperationException", "InvalidAction", 400},
	Serialization:                {framework + "SerializationException", "MalformedInput", 400},
	InternalFailure:              {framework + "InternalFailure", "InternalFailure", 500},
	ServiceUnavailable:           {framework + "ServiceUnavailableException", "ServiceUnavailable", 503},
	ExpiredToken:                 {framework + "ExpiredTokenException", "ExpiredToken", 403},
	InvalidSecurity:              {modelled + "InvalidSecurity", "InvalidSecurity", 403},
}

// Shape is the value of __type in the JSON protocol.
func (c Code) Shape() string { return codes[c].shape }

// Query is the code as the Query protocol and batch entries spell it. It is unique among codes.
func (c Code) Query() string { return codes[c].query }

// Status is the HTTP status.
func (c Code) Status() int { return codes[c].status }

// SenderFault says whether the caller is to blame (4xx) rather than the server (5xx).
func (c Code) SenderFault() bool { return codes[c].status < 500 }

// fault says whose fault the error is, as the x-amzn-query-error header spells it.
func (c Code) fault() string {
	if c.SenderFault() {
		return "Sender"
	}
	return "Receiver"
}

// Known says whether c is in the table; codes read from a peer are checked with it.
func (c Code) Known() bool { return c > 0 && int(c) < len(codes) }

// Error is a refused call or batch entry.
type Error struct {
	Code Code
	Text string
}

// Errorf makes an Error with a formatted text, of which at most 2 KiB are kept. Bytes that are no text, and characters
// that one of the protocols cannot carry, become question marks.
func Errorf(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Text: cut(legible(fmt.Sprintf(format, args...)), maxErrorText)}
}

func (e *Error) Error() string { return e.Code.Query() + ": " + e.Text }

// The texts that SQS uses over and over; only codes are contract, texts are for people.

// BadValue says that a parameter's value is invalid and why.
func BadValue(parameter, value, why string) *Error {
	return Errorf(InvalidParameterValue, "Value %s for parameter %s is invalid. Reason: %s", clip(value), parameter, why)
}

// Missing says that a required parameter is absent.
func Missing(parameter string) *Error {
	return Errorf(MissingParameter, "The request must contain the parameter %s.", parameter)
}

// UnknownAttribute refuses an attribute name.
func UnknownAttribute(name string) *Error {
	return Errorf(InvalidAttributeName, "Unknown Attribute %s.", clip(name))
}

// BadAttribute refuses an attribute's value.
func BadAttribute(name string) *Error {
	return Errorf(InvalidAttributeValue, "Invalid value for the parameter %s.", name)
}

// NoSuchQueue says that the queue does not exist.
func NoSuchQueue() *Error {
	return Errorf(QueueDoesNotExist, "The specified queue does not exist.")
}

const (
	// maxEcho bounds how much of a value an error repeats, in bytes. The text can still be longer where it quotes what it
	// repeats, or repeats several values.
	maxEcho = 1024
	// maxErrorText bounds the text of an error, in bytes.
	maxErrorText = 2 * maxEcho
)

// legible has a question mark in the place of everything that no message body may hold.
func legible(text string) string {
	if isText(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !isText(string(r)) {
			return '?'
		}
		return r
	}, text)
}

// clip is what an error repeats of a value.
func clip(value string) string { return cut(value, maxEcho) }

// cut is the start of a text, at most limit bytes long, with a mark if something is missing.
func cut(text string, limit int) string {
	const mark = "..."
	if len(text) <= limit {
		return text
	}
	end := limit - len(mark)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}
