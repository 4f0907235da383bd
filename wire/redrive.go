package wire

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// RedrivePolicy is a value of the attribute RedrivePolicy: where a queue's messages go after too many deliveries
// (sqs-semantics 2.11).
type RedrivePolicy struct {
	TargetARN string
	// MaxReceiveCount is how often a message is delivered before it moves, 1 to [MaxReceiveCount].
	MaxReceiveCount int
}

// ParseRedrivePolicy reads a redrive policy. Whether the target exists, is of the same type and allows the source is
// the backend's to find out. The error is [InvalidParameterValue].
func ParseRedrivePolicy(text string) (RedrivePolicy, *Error) {
	refused := func(why string) (RedrivePolicy, *Error) {
		return RedrivePolicy{}, BadValue(AttrRedrivePolicy, text, why)
	}
	var document struct {
		Target string `json:"deadLetterTargetArn"`
		Count  OptInt `json:"maxReceiveCount"`
	}
	if json.Unmarshal([]byte(text), &document) != nil {
		return refused("It is not a JSON object of deadLetterTargetArn and maxReceiveCount.")
	}
	if !isQueueARN(document.Target) {
		return refused("deadLetterTargetArn is not the ARN of a queue.")
	}
	receives := document.Count.Value
	if receives < 1 || receives > MaxReceiveCount {
		return refused("maxReceiveCount must be 1 to " + strconv.Itoa(MaxReceiveCount) + ".")
	}
	return RedrivePolicy{document.Target, int(receives)}, nil
}

// String is the form in which the policy is stored and returned.
func (p RedrivePolicy) String() string {
	return `{"deadLetterTargetArn":"` + p.TargetARN + `","maxReceiveCount":` + strconv.Itoa(p.MaxReceiveCount) + `}`
}

func canonicalRedrive(_, value string) (string, *Error) {
	p, err := ParseRedrivePolicy(value)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// RedriveAllowPolicy is a value of the attribute RedriveAllowPolicy: which queues may use a queue as their dead-letter
// queue (sqs-semantics 2.12). The zero value is a queue without the attribute.
type RedriveAllowPolicy struct {
	// Permission is allowAll, denyAll, byQueue, or empty for allowAll.
	Permission string
	// Sources are the ARNs of the queues that byQueue allows, 1 to [MaxSourceQueueARNs].
	Sources []string
}

// Allows says whether the queue with an ARN may use this one as its dead-letter queue.
func (p RedriveAllowPolicy) Allows(sourceARN string) bool {
	switch p.Permission {
	case denyAll:
		return false
	case byQueue:
		return slices.Contains(p.Sources, sourceARN)
	}
	return true
}

const (
	allowAll = "allowAll"
	denyAll  = "denyAll"
	byQueue  = "byQueue"
)

// ParseRedriveAllowPolicy reads a redrive allow policy; an empty text, for no attribute, is the zero value. The error is
// [InvalidParameterValue].
func ParseRedriveAllowPolicy(text string) (RedriveAllowPolicy, *Error) {
	refused := func(why string) (RedriveAllowPolicy, *Error) {
		return RedriveAllowPolicy{}, BadValue(AttrRedriveAllowPolicy, text, why)
	}
	if text == "" {
		return RedriveAllowPolicy{}, nil
	}
	var document struct {
		Permission string   `json:"redrivePermission"`
		Sources    []string `json:"sourceQueueArns"`
	}
	if json.Unmarshal([]byte(text), &document) != nil {
		return refused("It is not a JSON object of redrivePermission and sourceQueueArns.")
	}
	switch document.Permission {
	case allowAll, denyAll:
		if document.Sources != nil {
			return refused("sourceQueueArns goes with byQueue only.")
		}
	case byQueue:
		if n := len(document.Sources); n == 0 || n > MaxSourceQueueARNs {
			return refused("byQueue needs 1 to " + strconv.Itoa(MaxSourceQueueARNs) + " sourceQueueArns.")
		}
	default:
		return refused("redrivePermission must be allowAll, denyAll or byQueue.")
	}
	if slices.ContainsFunc(document.Sources, func(arn string) bool { return !isQueueARN(arn) }) {
		return refused("sourceQueueArns has an element that is not the ARN of a queue.")
	}
	return RedriveAllowPolicy{document.Permission, document.Sources}, nil
}

// canonicalRedriveAllow keeps the text as it is but for its spaces, as SQS does.
func canonicalRedriveAllow(name, value string) (string, *Error) {
	if _, err := ParseRedriveAllowPolicy(value); err != nil {
		return "", err
	}
	text := jsontext.Value(value)
	if text.Compact() != nil {
		return "", BadValue(name, value, "It is not valid JSON.")
	}
	return string(text), nil
}
