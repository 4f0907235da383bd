package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestForwardedHeadersSayHowTheClientAddressedTheProxy(t *testing.T) {
	for _, c := range []struct {
		name, proto, host  string
		wantScheme, wantAs string
	}{
		{"both", "https", "queues.example.org", "https", "queues.example.org"},
		{"a port", "https", "queues.example.org:8443", "https", "queues.example.org:8443"},
		{"an address", "http", "[2001:db8::1]:80", "http", "[2001:db8::1]:80"},
		{"neither", "", "", "", "inner:9324"},
		{"only the scheme", "https", "", "https", "inner:9324"},
		{"a scheme that is none", "gopher", "queues.example.org", "", "queues.example.org"},
		{"a host with a path", "https", "queues.example.org/x", "https", "inner:9324"},
		{"a list of hosts", "https", "a.example.org, b.example.org", "https", "inner:9324"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/000000000000/q?a=b", nil)
			r.Host = "inner:9324"
			r.Header.Set("X-Forwarded-Proto", c.proto)
			r.Header.Set("X-Forwarded-Host", c.host)
			trustForwarded(http.HandlerFunc(func(_ http.ResponseWriter, seen *http.Request) {
				if seen.URL.Scheme != c.wantScheme || seen.Host != c.wantAs || seen.URL.RequestURI() == "" {
					t.Errorf("the handler sees %q and %q, want %q and %q", seen.URL.Scheme, seen.Host, c.wantScheme, c.wantAs)
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
			if r.Host != "inner:9324" || r.URL.Scheme != "" {
				t.Errorf("the server's own request was changed: %q, %q", r.URL.Scheme, r.Host)
			}
		})
	}
}

// proxied is a client that reaches the server through a proxy of the given name, which keeps nothing but the headers.
func (p *process) proxied(host string) *sqs.Client {
	return p.client(func(o *sqs.Options) {
		o.HTTPClient = roundTrip(func(r *http.Request) (*http.Response, error) {
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("X-Forwarded-Host", host)
			return http.DefaultTransport.RoundTrip(r)
		})
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestQueueURLsAreAsTheClientAddressedTheServer(t *testing.T) {
	for _, c := range []struct {
		name      string
		args      []string
		want      func(p *process) string // what the queue's URL begins with
		forwarded bool
	}{
		{"by Host", nil, func(p *process) string { return p.endpoint }, false},
		{"forwarded headers are not believed", nil, func(p *process) string { return p.endpoint }, true},
		{"forwarded headers are believed if told so", []string{"--trust-forwarded"},
			func(*process) string { return "https://queues.example.org" }, true},
		{"without them Host counts", []string{"--trust-forwarded"}, func(p *process) string { return p.endpoint }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, append(c.args, "--data-dir", t.TempDir(), "--groups", "1")...)
			client := p.client()
			if c.forwarded {
				client = p.proxied("queues.example.org")
			}
			want := c.want(p) + "/000000000000/q"
			if url := createQueue(t, client, "q"); *url != want {
				t.Errorf("CreateQueue answers %s, want %s", *url, want)
			}
			got, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q")})
			must(t, err)
			list, err := client.ListQueues(t.Context(), &sqs.ListQueuesInput{})
			must(t, err)
			if *got.QueueUrl != want || len(list.QueueUrls) != 1 || list.QueueUrls[0] != want {
				t.Errorf("GetQueueUrl answers %s and ListQueues %v, want %s", *got.QueueUrl, list.QueueUrls, want)
			}
		})
	}
}
