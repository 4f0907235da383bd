package wire

import (
	"reflect"
	"strings"
	"testing"
)

func TestQueueAttributeValues(t *testing.T) {
	type values = map[string]string // given value to stored value
	for name, c := range map[string]struct {
		good values
		bad  []string
		code Code
	}{
		AttrDelaySeconds:           {values{"0": "0", "900": "900", "007": "7"}, []string{"901", "-1", "", "1.0", " 1", "x"}, InvalidAttributeValue},
		AttrMaximumMessageSize:     {values{"1024": "1024", "1048576": "1048576"}, []string{"1023", "1048577"}, InvalidAttributeValue},
		AttrMessageRetentionPeriod: {values{"60": "60", "1209600": "1209600"}, []string{"59", "1209601", "99999999999999999999"}, InvalidAttributeValue},
		AttrReceiveMessageWaitTime: {values{"0": "0", "20": "20"}, []string{"21"}, InvalidAttributeValue},
		AttrVisibilityTimeout:      {values{"0": "0", "43200": "43200"}, []string{"43201"}, InvalidAttributeValue},
		AttrManagedSSE:             {values{"true": "true", "False": "false"}, []string{"", "1", "yes"}, InvalidAttributeValue},
		AttrKMSMasterKeyID:         {values{"alias/aws/sqs": "alias/aws/sqs", "": ""}, []string{"\x00", strings.Repeat("k", 2049)}, InvalidAttributeValue},
		AttrKMSReusePeriod:         {values{"60": "60", "86400": "86400"}, []string{"59", "86401", ""}, InvalidAttributeValue},
		AttrFIFOQueue:              {values{"true": "true"}, []string{"false", ""}, InvalidAttributeValue},
		AttrContentBasedDedup:      {values{"TRUE": "true", "false": "false"}, []string{"0"}, InvalidAttributeValue},
		AttrDedupScope:             {values{"queue": "queue", "messageGroup": "messageGroup"}, []string{"Queue"}, InvalidAttributeValue},
		AttrFIFOThroughputLimit:    {values{"perQueue": "perQueue", "perMessageGroupId": "perMessageGroupId"}, []string{"x"}, InvalidAttributeValue},
		AttrPolicy: {values{
			"": "",
			`{"Statement":{"Effect":"Allow","Action":"*"}}`:                      `{"Statement":{"Effect":"Allow","Action":"*"}}`,
			`{ "Version":"2012-10-17", "Statement":[{"Effect":"Deny"}] }`:        `{ "Version":"2012-10-17", "Statement":[{"Effect":"Deny"}] }`,
			policyOf(`"Principal":{"AWS":[` + list(`"111111111111"`, 50) + `]}`): policyOf(`"Principal":{"AWS":[` + list(`"111111111111"`, 50) + `]}`),
			policyOf(`"Principal":"*"`):                                          policyOf(`"Principal":"*"`),
			policyOf(`"Principal":{"AWS":"arn:aws:iam::111111111111:user/a:b","Service":["sns.amazonaws.com"]}`): policyOf(
				`"Principal":{"AWS":"arn:aws:iam::111111111111:user/a:b","Service":["sns.amazonaws.com"]}`),
			policyOf(`"Condition":{"ArnEquals":{"k":[` + list("1", 20) + `]}}`): policyOf(`"Condition":{"ArnEquals":{"k":[` + list("1", 20) + `]}}`),
		}, []string{
			"x", "[]", "{}", `{"Statement":[]}`, `{"Statement":"x"}`, `{"Statement":[{"Effect":"Maybe"}]}`, `{"Statement":[1]}`,
			`{"Statement":[` + list(`{"Effect":"Allow"}`, 21) + `]}`,
			policyOf(`"Action":[` + list(`"SQS:SendMessage"`, 8) + `]`),
			policyOf(`"Principal":{"AWS":[` + list(`"111111111111"`, 51) + `]}`),
			policyOf(`"Principal":"someone"`), policyOf(`"Principal":[]`), policyOf(`"Principal":{}`), policyOf(`"Principal":{"AWS":1}`),
			policyOf(`"Principal":{"Human":"*"}`), policyOf(`"Principal":{"AWS":["*","1"]}`), policyOf(`"NotPrincipal":{"AWS":""}`),
			policyOf(`"Principal":{"AWS":"arn:aws:iam::1:root"}`), policyOf(`"Principal":{"AWS":"arn:aws:sqs::111111111111:q"}`),
			policyOf(`"Condition":{"StringEquals":{` + keys(11) + `}}`),
			policyOf(`"Sid":"` + strings.Repeat("x", MaxPolicyBytes) + `"`),
		}, InvalidAttributeValue},
		AttrRedrivePolicy: {values{
			"": "",
			` {"maxReceiveCount":"3", "x":1, "deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d"}`: `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d","maxReceiveCount":3}`,
			`{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":1000}`:                            `{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":1000}`,
		}, []string{
			"x", "[]", "{}", `{"maxReceiveCount":3}`, `{"deadLetterTargetArn":"arn:aws:sqs:r:0:d"}`,
			`{"deadLetterTargetArn":"d","maxReceiveCount":3}`, `{"deadLetterTargetArn":"arn:aws:sns:r:0:d","maxReceiveCount":3}`,
			`{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":0}`,
			`{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":1001}`,
			`{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":"many"}`,
		}, InvalidParameterValue},
		AttrRedriveAllowPolicy: {values{
			"":                                    "",
			`{ "redrivePermission": "allowAll" }`: `{"redrivePermission":"allowAll"}`,
			`{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:0:s"]}`: `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:0:s"]}`,
		}, []string{
			"x", "{}", `{"redrivePermission":"some"}`, `{"redrivePermission":"byQueue"}`,
			`{"redrivePermission":"byQueue","sourceQueueArns":[]}`, `{"redrivePermission":"byQueue","sourceQueueArns":["s"]}`,
			`{"redrivePermission":"byQueue","sourceQueueArns":[` + list(`"arn:aws:sqs:r:0:s"`, 11) + `]}`,
			`{"redrivePermission":"allowAll","sourceQueueArns":["arn:aws:sqs:r:0:s"]}`,
			`{"redrivePermission":"denyAll","sourceQueueArns":["arn:aws:sqs:r:0:s"]}`,
		}, InvalidParameterValue},
	} {
		t.Run(name, func(t *testing.T) {
			for given, want := range c.good {
				attributes := Pairs{{name, given}}
				if err := canonicalAttributes(attributes, true); err != nil || attributes[0].Value != want {
					t.Errorf("%q became %q, %v; want %q", given, attributes[0].Value, err, want)
				}
			}
			for _, given := range c.bad {
				if err := canonicalAttributes(Pairs{{name, given}}, true); err == nil || err.Code != c.code {
					t.Errorf("%q: got %v, want %s", given, err, c.code.Query())
				}
			}
		})
	}
}

func policyOf(members string) string { return `{"Statement":{"Effect":"Allow",` + members + `}}` }

func list(element string, n int) string { return strings.Repeat(element+",", n-1) + element }

func keys(n int) string {
	var members []string
	for i := range n {
		members = append(members, `"`+strings.Repeat("k", i+1)+`":1`)
	}
	return strings.Join(members, ",")
}

func TestQueueAttributeNamesThatCannotBeSet(t *testing.T) {
	names := []string{"", "NoSuch", "All", "delayseconds"}
	names = append(names, AttrQueueARN, AttrCreatedTimestamp, AttrLastModifiedTimestamp)
	names = append(names, AttrMessages, AttrMessagesDelayed, AttrMessagesNotVisible)
	names = append(names, AttrFIFOQueue, AttrContentBasedDedup, AttrDedupScope, AttrFIFOThroughputLimit)
	for _, name := range names {
		if err := canonicalAttributes(Pairs{{name, "true"}}, false); err == nil || err.Code != InvalidAttributeName {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestKMSKeyExcludesManagedEncryptionInOneCall(t *testing.T) {
	both := Pairs{{AttrKMSMasterKeyID, "key"}, {AttrManagedSSE, "true"}}
	if err := canonicalAttributes(both, false); err == nil || err.Code != InvalidAttributeName {
		t.Errorf("got %v", err)
	}
	either := Pairs{{AttrKMSMasterKeyID, "key"}, {AttrManagedSSE, "false"}}
	if err := canonicalAttributes(either, false); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestDefaultAttributesOfAStandardQueue(t *testing.T) {
	want := Pairs{
		{"DelaySeconds", "0"}, {"MaximumMessageSize", "1048576"}, {"MessageRetentionPeriod", "345600"},
		{"ReceiveMessageWaitTimeSeconds", "0"}, {"SqsManagedSseEnabled", "true"}, {"VisibilityTimeout", "30"},
	}
	if got := DefaultAttributes(false); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestDefaultAttributesOfAFIFOQueue(t *testing.T) {
	got := DefaultAttributes(true)
	for name, want := range map[string]string{
		"FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "queue",
		"FifoThroughputLimit": "perQueue", "VisibilityTimeout": "30",
	} {
		if value, _ := got.Get(name); value != want {
			t.Errorf("%s is %q", name, value)
		}
	}
}

func TestMergeAttributes(t *testing.T) {
	fresh := DefaultAttributes(false)
	keyed := MergeAttributes(fresh, Pairs{{AttrKMSReusePeriod, "60"}, {AttrKMSMasterKeyID, "key"}})
	expect := func(what string, p Pairs, name, want string) {
		t.Helper()
		if got, _ := p.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
	expect("a KMS key turns managed encryption off", keyed, AttrManagedSSE, "false")
	expect("a value that is not the default is kept", keyed, AttrKMSReusePeriod, "60")
	plain := MergeAttributes(keyed, Pairs{{AttrKMSReusePeriod, "300"}, {AttrKMSMasterKeyID, ""}})
	expect("an empty value removes the key", plain, AttrKMSMasterKeyID, "")
	expect("without the key managed encryption stays off", plain, AttrManagedSSE, "false")
	if _, found := plain.Get(AttrKMSReusePeriod); found {
		t.Error("the default reuse period is listed")
	}
	if !reflect.DeepEqual(fresh, DefaultAttributes(false)) {
		t.Error("merging changed its argument")
	}
}

func TestCreateQueueComparesOnlyGivenAttributes(t *testing.T) {
	current := MergeAttributes(DefaultAttributes(false), Pairs{{AttrPolicy, `{"a":1,"b":[2]}`}, {AttrVisibilityTimeout, "5"}})
	for _, c := range []struct {
		name  string
		given Pairs
		want  string
	}{
		{"none", nil, ""},
		{"equal to the default", Pairs{{AttrDelaySeconds, "0"}}, ""},
		{"equal to what was set", Pairs{{AttrVisibilityTimeout, "5"}}, ""},
		{"the old default after a change", Pairs{{AttrVisibilityTimeout, "30"}}, AttrVisibilityTimeout},
		{"the same JSON in another form", Pairs{{AttrPolicy, `{ "b": [2.0], "a": 1 }`}}, ""},
		{"other JSON", Pairs{{AttrPolicy, `{"a":1,"b":[3]}`}}, AttrPolicy},
		{"no policy against one", Pairs{{AttrPolicy, ""}}, AttrPolicy},
		{"no key against none", Pairs{{AttrKMSMasterKeyID, ""}}, ""},
		{"the value that absence means", Pairs{{AttrKMSReusePeriod, "300"}}, ""},
		{"the first of two", Pairs{{AttrDelaySeconds, "1"}, {AttrVisibilityTimeout, "1"}}, AttrDelaySeconds},
	} {
		if got := DifferingAttribute(current, c.given); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
