package wire

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// AddPermission and RemovePermission edit the attribute Policy (sqs-semantics 2.9).

// grantable are the actions that AddPermission can allow others. The remaining ones are the owner's; a batch action is
// covered by its single form.
var grantable = []string{
	"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues",
	"PurgeQueue", "ReceiveMessage", "SendMessage",
}

func (r *AddPermissionRequest) required() *Error {
	if err := requireText("Label", r.Label); err != nil {
		return err
	}
	if len(r.Actions) == 0 {
		return Missing("Actions")
	}
	return nil
}

func (r *AddPermissionRequest) content() *Error {
	if err := checkLabel(r.Label); err != nil {
		return err
	}
	if len(r.Actions) > MaxStatementActions {
		return Errorf(OverLimit, "A permission can have at most %d actions.", MaxStatementActions)
	}
	for _, action := range r.Actions {
		if !slices.Contains(grantable, action) {
			return BadValue("ActionName", action, "It is not an action that others can be permitted.")
		}
	}
	if len(r.AWSAccountIDs) == 0 {
		return Errorf(InvalidParameterValue, "The request must contain at least one element of the parameter AWSAccountIds.")
	}
	if len(r.AWSAccountIDs) > MaxPolicyPrincipals {
		return Errorf(OverLimit, "A policy can have at most %d principals.", MaxPolicyPrincipals)
	}
	for _, account := range r.AWSAccountIDs {
		if !isAccount(account) {
			return BadValue("AWSAccountIds", account, "It is not the id of an account.")
		}
	}
	return nil
}

func (r *RemovePermissionRequest) required() *Error { return requireText("Label", r.Label) }
func (r *RemovePermissionRequest) content() *Error  { return checkLabel(r.Label) }

func checkLabel(label string) *Error {
	if len(label) > MaxLabelLength || !isWord(label) {
		return BadValue("Label", label, "It can have 1 to 80 letters, digits, hyphens and underscores.")
	}
	return nil
}

// AddStatement is a queue's policy, empty if it has none, with the statement that a validated request adds. The error is
// [InvalidParameterValue] if the label is in use and [OverLimit] if the policy would exceed a limit.
func AddStatement(policyText, queueARN string, grant *AddPermissionRequest) (string, *Error) {
	if policyText == "" {
		policyText = `{"Version":"2008-10-17","Id":"` + queueARN + `/SQSDefaultPolicy","Statement":[]}`
	}
	p, err := parsePolicy(policyText)
	if err != nil {
		return "", err
	}
	if p.find(grant.Label) >= 0 {
		return "", BadValue("Label", grant.Label, "Already exists.")
	}
	p.statements = append(p.statements, statement(queueARN, grant))
	text := p.text()
	if _, err := policy(AttrPolicy, text); err != nil {
		return "", Errorf(OverLimit, "A policy can have at most %d bytes, %d statements and %d principals.",
			MaxPolicyBytes, MaxPolicyStatements, MaxPolicyPrincipals)
	}
	return text, nil
}

// RemoveStatement is a queue's policy without the statement that has the label; it is empty, which removes the
// attribute, if no other is left. The error is [InvalidParameterValue] if there is no such statement.
func RemoveStatement(policyText, label string) (string, *Error) {
	unknown := BadValue("Label", label, "It does not exist in the queue's policy.")
	if policyText == "" {
		return "", unknown
	}
	p, err := parsePolicy(policyText)
	if err != nil {
		return "", err
	}
	i := p.find(label)
	if i < 0 {
		return "", unknown
	}
	p.statements = slices.Delete(p.statements, i, i+1)
	if len(p.statements) == 0 {
		return "", nil
	}
	return p.text(), nil
}

// policyParts is a policy taken apart so that its statements can be edited; all other members stay as they are.
type policyParts struct {
	members    []policyMember // in the order of the text
	statements []jsontext.Value
}

type policyMember struct {
	name  string
	value jsontext.Value // unused for the member that has the statements
}

const statementMember = "Statement"

func parsePolicy(text string) (*policyParts, *Error) {
	p := new(policyParts)
	dec := jsontext.NewDecoder(bytes.NewBufferString(text))
	err := readMembers(dec, func(name string) error {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		value = value.Clone()
		p.members = append(p.members, policyMember{name, value})
		switch {
		case name != statementMember:
		case value.Kind() == '[':
			return json.Unmarshal(value, &p.statements)
		default:
			p.statements = []jsontext.Value{value}
		}
		return nil
	})
	if err != nil {
		return nil, BadAttribute(AttrPolicy)
	}
	return p, nil
}

// find is the index of the statement with an id, or -1.
func (p *policyParts) find(id string) int {
	return slices.IndexFunc(p.statements, func(s jsontext.Value) bool {
		var named struct{ Sid string }
		return json.Unmarshal(s, &named) == nil && named.Sid == id
	})
}

// text is the policy without spaces.
func (p *policyParts) text() string {
	text := []byte{'{'}
	for _, m := range p.members {
		text = appendJSONName(text, m.name)
		if m.name != statementMember {
			text = append(text, m.value...)
			continue
		}
		text = append(text, '[')
		for i, s := range p.statements {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(text, s...)
		}
		text = append(text, ']')
	}
	whole := jsontext.Value(append(text, '}'))
	whole.Compact() // cannot fail: the parts are valid
	return string(whole)
}

// statement is the statement that AddPermission makes.
func statement(queueARN string, grant *AddPermissionRequest) jsontext.Value {
	var accounts, names []string
	for _, account := range grant.AWSAccountIDs {
		accounts = append(accounts, "arn:aws:iam::"+account+":root")
	}
	for _, action := range grant.Actions {
		names = append(names, "SQS:"+action)
	}
	text := appendJSONMember([]byte{'{'}, "Sid", grant.Label)
	text = appendJSONMember(text, "Effect", "Allow")
	text = appendOneOrList(append(appendJSONName(text, "Principal"), '{'), "AWS", accounts)
	text = appendOneOrList(append(text, '}'), "Action", names)
	return append(appendJSONMember(text, "Resource", queueARN), '}')
}

// appendOneOrList appends a member that is a string for one value and a list for several.
func appendOneOrList(b []byte, name string, values []string) []byte {
	if len(values) == 1 {
		return appendJSONMember(b, name, values[0])
	}
	b = append(appendJSONName(b, name), '[')
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONString(b, value)
	}
	return append(b, ']')
}
