package wire

import (
	"fmt"
	"strings"
	"testing"
)

const queueARN = "arn:aws:sqs:us-east-1:000000000000:q"

const (
	onePermission = `{"Version":"2008-10-17","Id":"` + queueARN + `/SQSDefaultPolicy","Statement":[` + firstStatement + `]}`

	firstStatement = `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},` +
		`"Action":"SQS:SendMessage","Resource":"` + queueARN + `"}`
	secondStatement = `{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root",` +
		`"arn:aws:iam::222222222222:root"]},"Action":["SQS:*","SQS:GetQueueUrl"],"Resource":"` + queueARN + `"}`
)

func grant(label string, accounts, actions Names) *AddPermissionRequest {
	return &AddPermissionRequest{Label: label, AWSAccountIDs: accounts, Actions: actions}
}

func TestAddPermissionMakesAPolicy(t *testing.T) {
	got, err := AddStatement("", queueARN, grant("one", Names{"111111111111"}, Names{"SendMessage"}))
	if err != nil || got != onePermission {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := policy(AttrPolicy, got); err != nil {
		t.Errorf("it could not be set: %v", err)
	}
}

func TestAddPermissionAppendsToAPolicy(t *testing.T) {
	second := grant("two", Names{"111111111111", "222222222222"}, Names{"*", "GetQueueUrl"})
	own := `{"Effect":"Deny","Sid":"own"}`
	for given, want := range map[string]string{
		onePermission: strings.TrimSuffix(onePermission, "]}") + "," + secondStatement + "]}",
		// what else the policy has stays where it is
		`{ "Statement": ` + own + `, "Version": "2012-10-17", "x\"": [ 1 ] }`: `{"Statement":[` + own + `,` + secondStatement +
			`],"Version":"2012-10-17","x\"":[1]}`,
	} {
		if got, err := AddStatement(given, queueARN, second); err != nil || got != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
}

func TestAddPermissionRefusesALabelInUse(t *testing.T) {
	for _, given := range []string{onePermission, `{"Statement":{"Sid":"one","Effect":"Deny"}}`} {
		_, err := AddStatement(given, queueARN, grant("one", Names{"222222222222"}, Names{"*"}))
		if err == nil || err.Code != InvalidParameterValue {
			t.Errorf("%s: got %v", given, err)
		}
	}
}

func TestAddPermissionKeepsThePolicyWithinItsLimits(t *testing.T) {
	text := ""
	for i := range MaxPolicyStatements {
		var err *Error
		if text, err = AddStatement(text, queueARN, grant(fmt.Sprint(i), Names{"111111111111"}, Names{"*"})); err != nil {
			t.Fatalf("statement %d: %v", i, err)
		}
	}
	if _, err := AddStatement(text, queueARN, grant("more", Names{"111111111111"}, Names{"*"})); err == nil || err.Code != OverLimit {
		t.Errorf("one statement too many: %v", err)
	}
	long := `{"Statement":[{"Effect":"Deny","Sid":"` + strings.Repeat("x", MaxPolicyBytes-100) + `"}]}`
	if _, err := AddStatement(long, queueARN, grant("more", Names{"111111111111"}, Names{"*"})); err == nil || err.Code != OverLimit {
		t.Errorf("too many bytes: %v", err)
	}
}

func TestRemovePermission(t *testing.T) {
	both := strings.TrimSuffix(onePermission, "]}") + "," + secondStatement + "]}"
	if got, err := RemoveStatement(both, "two"); err != nil || got != onePermission {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := RemoveStatement(onePermission, "one"); err != nil || got != "" {
		t.Errorf("the last statement leaves %q, %v", got, err)
	}
	for _, given := range []string{"", onePermission} {
		if _, err := RemoveStatement(given, "absent"); err == nil || err.Code != InvalidParameterValue {
			t.Errorf("an unknown label in %q: %v", given, err)
		}
	}
}

// What AddStatement adds RemoveStatement takes away, and both leave a policy that could be set.
func FuzzPolicy(f *testing.F) {
	f.Add(onePermission)
	f.Add(`{ "Statement" : { "Effect" : "Deny" }, "Version" : "2012-10-17" }`)
	f.Fuzz(func(t *testing.T, text string) {
		_, bad := policy(AttrPolicy, text)
		added, err := AddStatement(text, queueARN, grant("new", Names{"222222222222"}, Names{"*"}))
		if err != nil || bad != nil && text != "" {
			return // a text that no queue has need only be survived
		}
		if _, err := policy(AttrPolicy, added); err != nil {
			t.Fatalf("%q became %q: %v", text, added, err)
		}
		if removed, err := RemoveStatement(added, "new"); err != nil || text != "" && !sameStatements(removed, text) {
			t.Fatalf("%q became %q, then %q, %v", text, added, removed, err)
		}
	})
}

// sameStatements says that two policies are the same but for a single statement being in a list or not.
func sameStatements(a, b string) bool {
	x, errX := parsePolicy(a)
	y, errY := parsePolicy(b)
	return errX == nil && errY == nil && sameJSON(x.text(), y.text())
}
