package wire

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Attributes whose values are JSON documents (sqs-semantics 2.10 to 2.12).

// policy checks an access policy's syntax and limits; the text is kept as it is.
func policy(name, value string) (string, *Error) {
	var document struct{ Statement jsontext.Value }
	if len(value) > MaxPolicyBytes || json.Unmarshal([]byte(value), &document) != nil {
		return "", BadAttribute(name)
	}
	var statements []policyStatement
	switch document.Statement.Kind() {
	case '{':
		statements = make([]policyStatement, 1)
		if json.Unmarshal(document.Statement, &statements[0]) != nil {
			return "", BadAttribute(name)
		}
	case '[':
		if json.Unmarshal(document.Statement, &statements) != nil {
			return "", BadAttribute(name)
		}
	}
	if len(statements) == 0 || len(statements) > MaxPolicyStatements {
		return "", BadAttribute(name)
	}
	principals, conditions := 0, 0
	for i := range statements {
		s := &statements[i]
		principals += count(s.Principal) + count(s.NotPrincipal)
		for _, keys := range s.Condition {
			conditions += len(keys)
		}
		if s.Effect != "Allow" && s.Effect != "Deny" || count(s.Action)+count(s.NotAction) > MaxStatementActions {
			return "", BadAttribute(name)
		}
	}
	if principals > MaxPolicyPrincipals || conditions > MaxPolicyConditions {
		return "", BadAttribute(name)
	}
	return value, nil
}

// policyStatement is the part of a policy's statement that has limits.
type policyStatement struct {
	Effect                                     string
	Action, NotAction, Principal, NotPrincipal any
	Condition                                  map[string]map[string]any // by operator and key
}

// count is how many elements a part of a statement has: a scalar is one, a list as many as it has, a map the sum of
// its members'.
func count(part any) int {
	switch part := part.(type) {
	case nil:
		return 0
	case []any:
		return len(part)
	case map[string]any:
		n := 0
		for _, member := range part {
			n += count(member)
		}
		return n
	}
	return 1
}

// redrivePolicy checks a dead-letter policy and writes it with the count as a number, in a fixed order of keys.
func redrivePolicy(name, value string) (string, *Error) {
	var document struct {
		Target string `json:"deadLetterTargetArn"`
		Count  OptInt `json:"maxReceiveCount"`
	}
	if json.Unmarshal([]byte(value), &document) != nil {
		return "", BadValue(name, value, "It is not a JSON object of deadLetterTargetArn and maxReceiveCount.")
	}
	if !isQueueARN(document.Target) {
		return "", BadValue(name, value, "deadLetterTargetArn is not the ARN of a queue.")
	}
	receives := document.Count.Value
	if receives < 1 || receives > MaxReceiveCount {
		return "", BadValue(name, value, "maxReceiveCount must be 1 to "+strconv.Itoa(MaxReceiveCount)+".")
	}
	return `{"deadLetterTargetArn":"` + document.Target + `","maxReceiveCount":` + strconv.Itoa(int(receives)) + `}`, nil
}

// redriveAllowPolicy checks who may use a queue as dead-letter queue and removes the spaces from the text.
func redriveAllowPolicy(name, value string) (string, *Error) {
	var document struct {
		Permission string   `json:"redrivePermission"`
		Sources    []string `json:"sourceQueueArns"`
	}
	if json.Unmarshal([]byte(value), &document) != nil {
		return "", BadValue(name, value, "It is not a JSON object of redrivePermission and sourceQueueArns.")
	}
	switch document.Permission {
	case "allowAll", "denyAll":
		if document.Sources != nil {
			return "", BadValue(name, value, "sourceQueueArns goes with byQueue only.")
		}
	case "byQueue":
		if n := len(document.Sources); n == 0 || n > MaxSourceQueueARNs {
			return "", BadValue(name, value, "byQueue needs 1 to "+strconv.Itoa(MaxSourceQueueARNs)+" sourceQueueArns.")
		}
	default:
		return "", BadValue(name, value, "redrivePermission must be allowAll, denyAll or byQueue.")
	}
	if slices.ContainsFunc(document.Sources, func(arn string) bool { return !isQueueARN(arn) }) {
		return "", BadValue(name, value, "sourceQueueArns has an element that is not the ARN of a queue.")
	}
	text := jsontext.Value(value)
	if text.Compact() != nil {
		return "", BadValue(name, value, "It is not valid JSON.")
	}
	return string(text), nil
}

// isQueueARN says that a text has the form arn:partition:sqs:region:account:name.
func isQueueARN(text string) bool {
	part := strings.Split(text, ":")
	return len(part) == 6 && part[0] == "arn" && isWord(part[1]) && part[2] == "sqs" &&
		isWord(part[3]) && isDigits(part[4]) && IsQueueName(part[5])
}

// sameJSON says that two texts are the same JSON value.
func sameJSON(a, b string) bool {
	x, y := jsontext.Value(a), jsontext.Value(b)
	return x.Canonicalize() == nil && y.Canonicalize() == nil && bytes.Equal(x, y)
}
