package wire

import (
	"bytes"

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

// sameJSON says that two texts are the same JSON value.
func sameJSON(a, b string) bool {
	x, y := jsontext.Value(a), jsontext.Value(b)
	return x.Canonicalize() == nil && y.Canonicalize() == nil && bytes.Equal(x, y)
}
