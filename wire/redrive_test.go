package wire

import (
	"reflect"
	"testing"
)

func TestRedrivePolicyIsReadAndWrittenInOneForm(t *testing.T) {
	p, err := ParseRedrivePolicy(`{ "maxReceiveCount": "05", "deadLetterTargetArn": "arn:aws:sqs:r:0:d", "other": [] }`)
	if err != nil || p != (RedrivePolicy{"arn:aws:sqs:r:0:d", 5}) {
		t.Fatalf("got %+v, %v", p, err)
	}
	if got := p.String(); got != `{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":5}` {
		t.Errorf("got %s", got)
	}
}

func TestRedriveAllowPolicyDecidesBySource(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                 true,
		`{"redrivePermission":"allowAll"}`: true,
		`{"redrivePermission":"denyAll"}`:  false,
		`{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:0:a","arn:aws:sqs:r:0:s"]}`: true,
		`{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:0:a"]}`:                     false,
	} {
		p, err := ParseRedriveAllowPolicy(text)
		if err != nil || p.Allows("arn:aws:sqs:r:0:s") != want {
			t.Errorf("%s: %+v, %v", text, p, err)
		}
	}
}

func TestCreateQueueComparesRedrivePoliciesAsJSON(t *testing.T) {
	set := func(policy, allow string) Pairs {
		attributes := Pairs{{AttrRedriveAllowPolicy, allow}, {AttrRedrivePolicy, policy}}
		if err := canonicalAttributes(attributes, false); err != nil {
			t.Fatal(err)
		}
		return attributes
	}
	current := MergeAttributes(DefaultAttributes(false), set(
		`{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":3}`,
		`{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:0:s"]}`))
	same := set(`{ "maxReceiveCount":"3", "deadLetterTargetArn":"arn:aws:sqs:r:0:d" }`,
		`{ "sourceQueueArns":["arn:aws:sqs:r:0:s"], "redrivePermission":"byQueue" }`)
	if got := DifferingAttribute(current, same); got != "" {
		t.Errorf("the same policies differ in %s", got)
	}
	other := set(`{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":4}`, "")
	if got := DifferingAttribute(current, other[1:]); got != AttrRedrivePolicy {
		t.Errorf("another count: got %q", got)
	}
	if got := DifferingAttribute(current, other[:1]); got != AttrRedriveAllowPolicy {
		t.Errorf("no allow policy: got %q", got)
	}
}

func FuzzRedrivePolicies(f *testing.F) {
	f.Add(`{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":"3"}`)
	f.Add(`{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:0:s"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := ParseRedrivePolicy(text); err == nil {
			if again, err := ParseRedrivePolicy(p.String()); err != nil || again != p {
				t.Errorf("%q became %+v, then %+v, %v", text, p, again, err)
			}
		}
		p, err := ParseRedriveAllowPolicy(text)
		if err != nil || text == "" {
			return
		}
		canonical, err := canonicalRedriveAllow(AttrRedriveAllowPolicy, text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if again, err := ParseRedriveAllowPolicy(canonical); err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%q became %+v, then %+v, %v", text, p, again, err)
		}
	})
}
