package wire

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// policy checks an access policy's syntax and limits (sqs-semantics 2.10); the text is kept as it is.
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
		if s.Effect != "Allow" && s.Effect != "Deny" || count(s.Action)+count(s.NotAction) > MaxStatementActions ||
			!isPrincipal(s.Principal) || !isPrincipal(s.NotPrincipal) {
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

// isPrincipal says that a part of a statement is absent, everybody, or names principals by kind.
func isPrincipal(part any) bool {
	kinds, ok := part.(map[string]any)
	if !ok {
		return part == nil || part == "*"
	}
	for kind, names := range kinds {
		if !slices.Contains(principalKinds, kind) {
			return false
		}
		list, ok := names.([]any)
		if !ok {
			list = []any{names}
		}
		for _, name := range list {
			text, ok := name.(string)
			if !ok || kind == "AWS" && !isAWSPrincipal(text) {
				return false
			}
		}
	}
	return len(kinds) > 0
}

var principalKinds = []string{"AWS", "CanonicalUser", "Federated", "Service"}

// isAWSPrincipal says that a text is everybody, an account, or an ARN of IAM or STS. Whether it exists is not known here.
func isAWSPrincipal(text string) bool {
	part := strings.SplitN(text, ":", 6)
	return text == "*" || isAccount(text) || len(part) == 6 && part[0] == "arn" && isWord(part[1]) &&
		(part[2] == "iam" || part[2] == "sts") && part[3] == "" && isAccount(part[4]) && part[5] != ""
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

// sameJSON says that two texts are the same JSON value.
func sameJSON(a, b string) bool {
	x, y := jsontext.Value(a), jsontext.Value(b)
	return x.Canonicalize() == nil && y.Canonicalize() == nil && bytes.Equal(x, y)
}
