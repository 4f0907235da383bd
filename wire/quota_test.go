package wire

import (
	"net/http"
	"strings"
	"testing"
)

// quota is a row of sqs-semantics part 8, as far as one request alone can keep or break it.
type quota struct {
	name     string // of the row
	accepted []refusal
	refused  []refusal
}

// TestQuotas calls with the largest and least values that are accepted, and with the next ones, which are refused. Cases
// are named by row, what becomes of them, protocol, operation and, if refused, query code.
func TestQuotas(t *testing.T) {
	for _, q := range quotas {
		for _, c := range q.accepted {
			for protocol, w := range callBoth(t, newTestHandler(t, new(fakeBackend), Config{}), c.operation, c.body) {
				t.Run(q.name+"/accepted/"+protocol+"/"+c.operation+"/"+c.name, func(t *testing.T) {
					if w.Code != http.StatusOK {
						t.Errorf("%d %s", w.Code, w.Body)
					}
				})
			}
		}
		for _, c := range q.refused {
			backend := new(fakeBackend)
			for protocol, w := range callBoth(t, newTestHandler(t, backend, Config{}), c.operation, c.body) {
				t.Run(q.name+"/refused/"+protocol+"/"+c.operation+"/"+c.want.Query()+"/"+c.name, func(t *testing.T) {
					expectRefusalIn(t, protocol, w, c.want)
					if len(backend.got) > 0 {
						t.Errorf("the backend got %+v", backend.got)
					}
				})
			}
		}
	}
}

func good(name, operation, body string) refusal { return refusal{name, operation, body, 0} }

func setting(name, value string) string {
	return sendTo + `"Attributes":{"` + name + `":"` + strings.ReplaceAll(value, `"`, `\"`) + `"}}`
}

// valued are edges of a number that a queue attribute has.
func valued(attribute string, code Code, numbers ...string) (cases []refusal) {
	for _, n := range numbers {
		cases = append(cases, refusal{attribute + " " + n, "SetQueueAttributes", setting(attribute, n), code})
	}
	return cases
}

func redrive(count string) string {
	return setting("RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d","maxReceiveCount":`+count+`}`)
}

func allowed(n int) string {
	return setting("RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":[`+list(`"arn:aws:sqs:r:0:s"`, n)+`]}`)
}

// sized is a message whose body and attribute have n bytes together.
func sized(n int) string {
	const attribute = 1 + 6 + 3 // name, type, value
	return sendTo + `"MessageBody":"` + text(n-attribute) + `","MessageAttributes":{"a":{"DataType":"String","StringValue":"abc"}}}`
}

func inGroup(group, dedup string) string {
	return sendToFIFO + `"MessageBody":"b","MessageGroupId":"` + group + `","MessageDeduplicationId":"` + dedup + `"}`
}

// policySized is a policy of n bytes.
func policySized(n int) string {
	const around = len(`{"Statement":{"Effect":"Allow","Sid":""}}`)
	return policyOf(`"Sid":"` + text(n-around) + `"`)
}

func statements(n int) string { return `{"Statement":[` + list(`{"Effect":"Allow"}`, n) + `]}` }

func principals(n int) string {
	return policyOf(`"Principal":{"AWS":[` + list(`"111111111111"`, n) + `]}`)
}

func conditions(n int) string { return policyOf(`"Condition":{"StringEquals":{` + keys(n) + `}}`) }

func permitted(n int) string { return policyOf(`"Action":[` + list(`"SQS:SendMessage"`, n) + `]`) }
