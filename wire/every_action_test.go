package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"sqsd/wire/wiretest"
)

// everyRefusal is a way to spoil a call so that it is refused whatever its action.
type everyRefusal struct {
	name string
	want Code
	// only is the protocol in which it can be said; both if empty.
	only   string
	config Config
	make   func(t *testing.T, protocol, operation, body string) *http.Request
	// needsQueue says that it concerns only actions on a queue.
	needsQueue bool
}

// TestRefusalsOfEveryAction spoils a valid call of each action. Cases are named by protocol, operation and query code.
func TestRefusalsOfEveryAction(t *testing.T) {
	for _, c := range everyRefusals(t) {
		for operation, body := range wiretest.Calls {
			if _, onQueue := actions[operation].request().(QueueRequest); c.needsQueue && !onQueue {
				continue
			}
			for _, protocol := range []string{"JSON", "Query"} {
				if c.only != "" && c.only != protocol {
					continue
				}
				t.Run(protocol+"/"+operation+"/"+c.want.Query()+"/"+c.name, func(t *testing.T) {
					backend := new(fakeBackend)
					w := httptest.NewRecorder()
					newTestHandler(t, backend, c.config).ServeHTTP(w, c.make(t, protocol, operation, body))
					expectRefusalIn(t, protocol, w, c.want)
					if len(backend.got) > 0 {
						t.Errorf("the backend got %+v", backend.got)
					}
				})
			}
		}
	}
}

func everyRefusals(t *testing.T) []everyRefusal {
	all := []everyRefusal{
		{name: "method PUT", want: UnknownOperation, make: func(_ *testing.T, protocol, operation, body string) *http.Request {
			r := httptest.NewRequest(http.MethodPut, "http://sqs.test/?Action="+operation, strings.NewReader(body))
			if protocol == "JSON" {
				r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
			}
			return r
		}},
		{name: "cut off", want: Serialization, make: func(t *testing.T, protocol, operation, body string) *http.Request {
			if protocol == "JSON" {
				return jsonCall(operation, body[:len(body)-1])
			}
			return formCall("/", wiretest.Form(t, operation, body)+"&x=%")
		}},
		{name: "body over the limit", want: InvalidParameterValue, config: Config{MaxBodyBytes: 10},
			make: func(t *testing.T, protocol, operation, body string) *http.Request {
				if protocol == "JSON" {
					return jsonCall(operation, body+strings.Repeat(" ", 10))
				}
				return formCall("/", wiretest.Form(t, operation, body))
			}},
		{name: "no QueueUrl", want: QueueDoesNotExist, only: "JSON", needsQueue: true, make: withoutQueue},
		{name: "no QueueUrl", want: InvalidAddress, only: "Query", needsQueue: true, make: withoutQueue},
	}
	return append(all, unauthenticated(t)...)
}

func withoutQueue(t *testing.T, protocol, operation, body string) *http.Request {
	body = strings.Replace(body, `"QueueUrl"`, `"Other"`, 1)
	if protocol == "JSON" {
		return jsonCall(operation, body)
	}
	return formCall("/", wiretest.Form(t, operation, body))
}

// unauthenticated has one case for each code of signatureRefusals and credentialRefusals.
func unauthenticated(t *testing.T) (all []everyRefusal) {
	config := Config{Verifier: newTestVerifier(t, "eu-west-1", exampleTime)}
	seen := map[Code]bool{}
	add := func(name string, want Code, credentials aws.Credentials, spoil func(*http.Request)) {
		if seen[want] {
			return
		}
		seen[want] = true
		all = append(all, everyRefusal{name: name, want: want, config: config,
			make: func(t *testing.T, protocol, operation, body string) *http.Request {
				parameters, mark := body, asJSON(operation)
				if protocol == "Query" {
					parameters, mark = wiretest.Form(t, operation, body), asForm
				}
				r := signed(t, "POST", "http://sqs.test/", parameters, credentials, mark)
				spoil(r)
				return r
			}})
	}
	for _, c := range signatureRefusals {
		add(c.name, c.want, example, c.spoil)
	}
	for _, c := range credentialRefusals {
		add(c.name, c.want, c.credentials, func(*http.Request) {})
	}
	return all
}
