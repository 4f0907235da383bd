package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

const keysFile = `
[worker]
aws_access_key_id = AKIAWORKER
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG

[visitor]
aws_access_key_id = ASIAVISITOR
aws_secret_access_key = visit
aws_session_token = token/+=
aws_credential_expiration = 2100-01-01T00:00:00Z

[guest of old]
aws_access_key_id = ASIAGONE
aws_secret_access_key = gone
aws_session_token = token
aws_credential_expiration = 2001-01-01T00:00:00Z
`

// startSigned starts a server that serves only signed requests, and returns its credentials file too.
func startSigned(t *testing.T, args ...string) (p *process, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "keys.ini")
	must(t, os.WriteFile(file, []byte(keysFile), 0o600))
	args = append(args, "--data-dir", t.TempDir(), "--groups", "2", "--credentials", file)
	p = start(t, args...)
	p.waitReady(t)
	return p, file
}

// as is a client with a key pair.
func (p *process) as(accessKey, secret, token string, options ...func(*sqs.Options)) *sqs.Client {
	options = append(options, func(o *sqs.Options) { o.Credentials = keyPair(accessKey, secret, token) })
	return p.client(options...)
}

// wantRefused checks the code of an error, which the SDK takes from the header with the code of the Query protocol.
func wantRefused(t *testing.T, err error, want string) {
	t.Helper()
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSignedRequestsAreServed(t *testing.T) {
	p, _ := startSigned(t)
	worker := p.as("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "")
	queueLife(t, worker, "life")
	url := createQueue(t, worker, "q")
	send(t, p.as("ASIAVISITOR", "visit", "token/+="), url, "hello")
	got, err := worker.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: url, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"SenderId"},
	})
	must(t, err)
	if len(got.Messages) != 1 || got.Messages[0].Attributes["SenderId"] != "ASIAVISITOR" {
		t.Errorf("received %+v, want one message of the visitor", got.Messages)
	}
}

func TestRequestsThatNobodyKnownSignedAreRefused(t *testing.T) {
	p, _ := startSigned(t)
	for _, c := range []struct {
		name, accessKey, secret, token, want string
		options                              func(*sqs.Options)
	}{
		{"wrong secret", "AKIAWORKER", "guess", "", "SignatureDoesNotMatch", nil},
		{"unknown key", "AKIANOBODY", "wJalrXUtnFEMI/K7MDENG", "", "InvalidClientTokenId", nil},
		{"wrong session token", "ASIAVISITOR", "visit", "other", "InvalidClientTokenId", nil},
		{"no session token", "ASIAVISITOR", "visit", "", "InvalidClientTokenId", nil},
		{"expired key pair", "ASIAGONE", "gone", "token", "ExpiredToken", nil},
		{"wrong region", "AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "", "SignatureDoesNotMatch",
			func(o *sqs.Options) { o.Region = "eu-west-1" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			options := []func(*sqs.Options){func(o *sqs.Options) { o.RetryMaxAttempts = 1 }}
			if c.options != nil {
				options = append(options, c.options)
			}
			_, err := p.as(c.accessKey, c.secret, c.token, options...).ListQueues(t.Context(), &sqs.ListQueuesInput{})
			wantRefused(t, err, c.want)
		})
	}
	resp, err := http.Post(p.endpoint, "application/x-www-form-urlencoded", strings.NewReader("Action=ListQueues"))
	must(t, err)
	wantAnswer(t, resp, http.StatusForbidden, "<Code>AccessDenied</Code>")
}

// wantAnswer checks a raw answer.
func wantAnswer(t *testing.T, resp *http.Response, status int, says string) {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	if resp.StatusCode != status || !strings.Contains(string(body), says) {
		t.Errorf("got %d %s, want %d with %s", resp.StatusCode, body, status, says)
	}
}

func TestTheRegionThatRequestsAreSignedForIsTheServers(t *testing.T) {
	p, _ := startSigned(t, "--region", "eu-west-1")
	c := p.as("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "", func(o *sqs.Options) { o.Region = "eu-west-1" })
	createQueue(t, c, "q")
	_, err := p.as("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "").ListQueues(t.Context(), &sqs.ListQueuesInput{})
	wantRefused(t, err, "SignatureDoesNotMatch")
}

// The SDK corrects its clock when it is told of its skew, so these requests are signed by hand.
func TestSignaturesFarFromTheServersClockAreRefused(t *testing.T) {
	p, _ := startSigned(t)
	for _, c := range []struct {
		name   string
		skew   time.Duration
		status int
		says   string
	}{
		{"a little behind", -14 * time.Minute, http.StatusOK, "<ListQueuesResponse"},
		{"a little ahead", 14 * time.Minute, http.StatusOK, "<ListQueuesResponse"},
		{"far behind", -16 * time.Minute, http.StatusForbidden, "Signature expired"},
		{"far ahead", 16 * time.Minute, http.StatusForbidden, "Signature not yet current"},
	} {
		t.Run(c.name, func(t *testing.T) {
			const body = "Action=ListQueues&Version=2012-11-05"
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.endpoint+"/", strings.NewReader(body))
			must(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			key, err := keyPair("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "")(t.Context())
			must(t, err)
			must(t, v4.NewSigner().SignHTTP(t.Context(), key, r, payloadHash(body), "sqs", "us-east-1", time.Now().Add(c.skew)))
			resp, err := http.DefaultClient.Do(r)
			must(t, err)
			wantAnswer(t, resp, c.status, c.says)
		})
	}
}

func payloadHash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func TestAPresignedURLIsServedUntilItExpires(t *testing.T) {
	p, _ := startSigned(t)
	createQueue(t, p.as("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", ""), "q")
	key, err := keyPair("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "")(t.Context())
	must(t, err)
	presign := func(at time.Time) string {
		const query = "/?Action=ListQueues&Version=2012-11-05&X-Amz-Expires=60"
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.endpoint+query, nil)
		must(t, err)
		signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), key, r, payloadHash(""), "sqs", "us-east-1", at)
		must(t, err)
		return signed
	}
	fresh := presign(time.Now())
	for url, want := range map[string]struct {
		status int
		says   string
	}{
		fresh:                                   {http.StatusOK, "/000000000000/q</QueueUrl>"},
		strings.Replace(fresh, "=60", "=61", 1): {http.StatusForbidden, "<Code>SignatureDoesNotMatch</Code>"},
		presign(time.Now().Add(-2 * time.Minute)): {http.StatusForbidden, "Signature expired"},
	} {
		resp, err := http.Get(url)
		must(t, err)
		wantAnswer(t, resp, want.status, want.says)
	}
}

func TestAProxysClientsSignForTheNameThatTheyKnow(t *testing.T) {
	p, _ := startSigned(t, "--trust-forwarded")
	// The client signs for the proxy's name; the proxy connects to the server and lets it know that name.
	c := p.as("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "", func(o *sqs.Options) {
		inner := strings.TrimPrefix(p.endpoint, "http://")
		o.BaseEndpoint = new("http://queues.example.org")
		o.HTTPClient = roundTrip(func(r *http.Request) (*http.Response, error) {
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("X-Forwarded-Host", r.URL.Host)
			r.URL.Host, r.Host = inner, inner
			return http.DefaultTransport.RoundTrip(r)
		})
	})
	if url := createQueue(t, c, "q"); *url != "https://queues.example.org/000000000000/q" {
		t.Errorf("the queue's URL is %s", *url)
	}
}

func TestKeyPairsComeAndGoWithTheFile(t *testing.T) {
	p, file := startSigned(t)
	createQueue(t, p.as("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", ""), "q")
	replace := func(text string) {
		t.Helper()
		must(t, os.WriteFile(file+".new", []byte(text), 0o600))
		must(t, os.Rename(file+".new", file))
	}
	replace("[worker]\naws_access_key_id = AKIAWORKER\naws_secret_access_key = rotated\n" +
		"[late]\naws_access_key_id = AKIALATE\naws_secret_access_key = late\n")
	p.waitServed(t, p.as("AKIALATE", "late", ""))
	p.waitServed(t, p.as("AKIAWORKER", "rotated", ""))
	_, err := p.as("AKIAWORKER", "wJalrXUtnFEMI/K7MDENG", "").ListQueues(t.Context(), &sqs.ListQueuesInput{})
	wantRefused(t, err, "SignatureDoesNotMatch")
	_, err = p.as("ASIAVISITOR", "visit", "token/+=").ListQueues(t.Context(), &sqs.ListQueuesInput{})
	wantRefused(t, err, "InvalidClientTokenId")

	replace("[late]\nnonsense\n")
	p.waitLog(t, "the credentials stay as they were")
	if !strings.Contains(p.stderr.String(), "line 2") {
		t.Errorf("the log does not name the line: %s", p.stderr)
	}
	p.waitServed(t, p.as("AKIALATE", "late", ""))
}

// waitServed waits until a client's requests are served.
func (p *process) waitServed(t *testing.T, c *sqs.Client) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		_, err := c.ListQueues(t.Context(), &sqs.ListQueuesInput{})
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the client is still refused: %v", err)
		}
	}
}

func TestWithCredentialsAnyAddressIsListenedAt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.ini")
	must(t, os.WriteFile(file, []byte(keysFile), 0o600))
	p := start(t, "--data-dir", t.TempDir(), "--credentials", file, "--listen", "0.0.0.0:0")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(p.endpoint, "http://"))
	must(t, err)
	p.endpoint = "http://127.0.0.1:" + port
	_, err = p.client().ListQueues(t.Context(), &sqs.ListQueuesInput{})
	wantRefused(t, err, "InvalidClientTokenId")
	if said := p.stdout.String(); !strings.Contains(said, "AWS_SHARED_CREDENTIALS_FILE="+file) ||
		strings.Contains(said, "--no-sign-request") {
		t.Errorf("what it prints does not help to sign: %s", said)
	}
}

func TestABrokenCredentialsFileIsRefusedAtTheStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.ini")
	must(t, os.WriteFile(file, []byte("[worker]\naws_access_key_id = A\n"), 0o600))
	code, stderr := try(t, "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0", "--credentials", file)
	if code != exitUsage || !strings.Contains(stderr, file+": line 1: the profile has no aws_secret_access_key") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
