package client

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const patience = 10 * time.Second

// connect makes a client of a server whose answers are written by handler.
func connect(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	endpoint, err := ParseEndpoint(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := New(NewConn(endpoint, nil), patience)
	t.Cleanup(c.Close)
	if err := c.UseQueue("http://host/1/q"); err != nil {
		t.Fatal(err)
	}
	return c
}

// answer checks the operation and the payload of one request and answers it.
func answer(t *testing.T, operation, payload, reply string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if got := r.Header.Get("X-Amz-Target"); got != "AmazonSQS."+operation {
			t.Errorf("target %q, want %s", got, operation)
		}
		if got := r.Header.Get("Content-Type"); got != "application/x-amz-json-1.0" {
			t.Errorf("content type %q", got)
		}
		if string(body) != payload {
			t.Errorf("payload\n%s, want\n%s", body, payload)
		}
		io.WriteString(w, reply)
	}
}

func body(t *testing.T, text string) Body {
	t.Helper()
	b, err := NewBody(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSendWritesBodyAndReadsID(t *testing.T) {
	c := connect(t, answer(t, "SendMessage", `{"QueueUrl":"http://host/1/q","MessageBody":"a \"b\""}`,
		`{"MD5OfMessageBody":"x", "MessageId": "id-1"}`))
	id, err := c.Send(body(t, `a "b"`))
	if id != "id-1" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
}

func TestSendsNameTheGroupAndTheDelay(t *testing.T) {
	c := connect(t, answer(t, "SendMessage", `{"QueueUrl":"http://host/1/q","MessageBody":"a","MessageGroupId":"g","DelaySeconds":2}`,
		`{"MessageId":"m"}`))
	if err := c.UseGroup("g"); err != nil {
		t.Fatal(err)
	}
	c.UseDelay(2 * time.Second)
	if _, err := c.Send(body(t, "a")); err != nil {
		t.Error(err)
	}
	c = connect(t, answer(t, "SendMessageBatch",
		`{"QueueUrl":"http://host/1/q","Entries":[{"Id":"0","MessageBody":"a","MessageGroupId":"g","DelaySeconds":900}]}`,
		`{"Successful":[{"Id":"0","MessageId":"m"}]}`))
	c.UseDelay(900 * time.Second)
	if err := c.UseGroup("g"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SendBatch([]Body{body(t, "a")}, nil); err != nil {
		t.Error(err)
	}
}

func TestSendBatchReturnsAcceptedAndReportsRefused(t *testing.T) {
	c := connect(t, answer(t, "SendMessageBatch",
		`{"QueueUrl":"http://host/1/q","Entries":[{"Id":"0","MessageBody":"a"},{"Id":"1","MessageBody":"b"}]}`,
		`{"Successful":[{"Id":"1","MessageId":"m1"}],"Failed":[{"Id":"0","Code":"InternalFailure","SenderFault":false}]}`))
	ids, err := c.SendBatch([]Body{body(t, "a"), body(t, "b")}, nil)
	failure, ok := errors.AsType[*BatchFailure](err)
	if !ok || failure.Failed != 1 || failure.Code != "InternalFailure" || CodeOf(err) != "InternalFailure" {
		t.Errorf("error %v", err)
	}
	if len(ids) != 1 || ids[0] != "m1" {
		t.Errorf("ids %v", ids)
	}
}

func TestSendBatchCountsEntriesLeftOut(t *testing.T) {
	c := connect(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"SendMessageBatchResultEntry":[]}`) })
	_, err := c.SendBatch([]Body{body(t, "a")}, nil)
	if failure, ok := errors.AsType[*BatchFailure](err); !ok || failure.Failed != 1 {
		t.Errorf("error %v, want one entry refused", err)
	}
}

func TestReceiveAsksForAllAndReadsMessages(t *testing.T) {
	c := connect(t, answer(t, "ReceiveMessage",
		`{"QueueUrl":"http://host/1/q","MaxNumberOfMessages":10,"WaitTimeSeconds":2,"VisibilityTimeout":30}`,
		`{"Messages":[{"MessageId":"m1","ReceiptHandle":"h\u0031","Body":"}]"},{"ReceiptHandle":"h2","MessageId":"m2"}]}`))
	got, err := c.Receive(10, 2*time.Second, 30*time.Second, nil)
	if err != nil || len(got) != 2 || got[0] != (Delivery{"m1", "h1"}) || got[1] != (Delivery{"m2", "h2"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDeleteAcceptsEmptyBody(t *testing.T) {
	c := connect(t, answer(t, "DeleteMessage", `{"QueueUrl":"http://host/1/q","ReceiptHandle":"h1"}`, ""))
	if err := c.Delete("h1"); err != nil {
		t.Error(err)
	}
}

func TestReleaseSetsTheTimeoutToNothing(t *testing.T) {
	c := connect(t, answer(t, "ChangeMessageVisibility",
		`{"QueueUrl":"http://host/1/q","ReceiptHandle":"h1","VisibilityTimeout":0}`, ""))
	if err := c.Release("h1"); err != nil {
		t.Error(err)
	}
}

func TestDeleteBatchListsHandles(t *testing.T) {
	c := connect(t, answer(t, "DeleteMessageBatch",
		`{"QueueUrl":"http://host/1/q","Entries":[{"Id":"0","ReceiptHandle":"h1"},{"Id":"1","ReceiptHandle":"h2"}]}`,
		`{"Successful":[{"Id":"0"},{"Id":"1"}]}`))
	if err := c.DeleteBatch([]Delivery{{"m1", "h1"}, {"m2", "h2"}}); err != nil {
		t.Error(err)
	}
}

func TestRefusalCarriesCodeStatusAndText(t *testing.T) {
	for _, test := range []struct{ name, header, body, code string }{
		{"header", "AWS.SimpleQueueService.NonExistentQueue;Sender", `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}`,
			"AWS.SimpleQueueService.NonExistentQueue"},
		{"type only", "", `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}`, "QueueDoesNotExist"},
		{"neither", "", `{"message":"gone"}`, "HTTP 400"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := connect(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.header != "" {
					w.Header().Set("x-amzn-query-error", test.header)
				}
				w.WriteHeader(400)
				io.WriteString(w, test.body)
			})
			err := c.Delete("h")
			refused, ok := errors.AsType[*Error](err)
			if !ok || refused.Status != 400 || refused.Code != test.code || refused.Text != "gone" || CodeOf(err) != test.code {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTimeoutClosesTheConnectionAndIsNamed(t *testing.T) {
	release := make(chan struct{})
	first := true
	c := connect(t, func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			<-release
		}
		io.WriteString(w, `{"MessageId":"late or not"}`)
	})
	c.Timeout = 10 * time.Millisecond
	_, err := c.Send(body(t, "a"))
	if CodeOf(err) != "timeout" {
		t.Errorf("error %v is called %q", err, CodeOf(err))
	}
	close(release)
	c.Timeout = patience
	if id, err := c.Send(body(t, "a")); id != "late or not" || err != nil {
		t.Errorf("after the timeout: %q, %v", id, err)
	}
}

func TestClosedConnectionIsDialledAgain(t *testing.T) {
	remotes := map[string]bool{}
	c := connect(t, func(w http.ResponseWriter, r *http.Request) {
		remotes[r.RemoteAddr] = true
		w.Header().Set("Connection", "close")
	})
	for range 3 {
		if err := c.Delete("h"); err != nil {
			t.Fatal(err)
		}
	}
	if len(remotes) != 3 {
		t.Errorf("%d connections, want 3", len(remotes))
	}
}

func TestConnectionIsKeptAlive(t *testing.T) {
	remotes := map[string]bool{}
	c := connect(t, func(w http.ResponseWriter, r *http.Request) { remotes[r.RemoteAddr] = true })
	for range 3 {
		if err := c.Delete("h"); err != nil {
			t.Fatal(err)
		}
	}
	if len(remotes) != 1 {
		t.Errorf("%d connections, want 1", len(remotes))
	}
}

func TestRefusedConnectionIsNamed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	c := New(NewConn(Endpoint{Address: address, Host: address}, nil), patience)
	if err := c.Delete("h"); CodeOf(err) != "connection" {
		t.Errorf("error %v is called %q", err, CodeOf(err))
	}
}

func TestTLSRefusesAnUnknownAuthority(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = nil
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	endpoint, err := ParseEndpoint(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := New(NewConn(endpoint, nil), patience)
	if err := c.Delete("h"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want a certificate error", err)
	}
}

// A signature is right if the server computes the same from the request as it arrived.
func TestSignatureMatchesTheRequestAsSent(t *testing.T) {
	credentials := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret", SessionToken: "token"}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signer := &Signer{signer: v4.NewSigner(), credentials: credentials, region: "eu-west-1", now: func() time.Time { return at }}
	payload := `{"QueueUrl":"http://host/1/q","ReceiptHandle":"h"}`
	var got, want string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		again, err := http.NewRequest(r.Method, "http://"+r.Host+r.RequestURI, nil)
		if err != nil {
			t.Error(err)
			return
		}
		again.ContentLength = r.ContentLength
		again.Header.Set("Content-Type", r.Header.Get("Content-Type"))
		again.Header.Set("X-Amz-Target", r.Header.Get("X-Amz-Target"))
		if err := v4.NewSigner().SignHTTP(r.Context(), credentials, again, sha256Hex(t, r.Body), "sqs", "eu-west-1", at); err != nil {
			t.Error(err)
		}
		want = again.Header.Get("Authorization")
	}))
	defer server.Close()
	endpoint, err := ParseEndpoint(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn := NewConn(endpoint, signer)
	defer conn.Close()
	if _, err := conn.Do("DeleteMessage", []byte(payload), patience); err != nil {
		t.Fatal(err)
	}
	if got == "" || got != want {
		t.Errorf("Authorization\n%s, want\n%s", got, want)
	}
}

func sha256Hex(t *testing.T, r io.Reader) string {
	t.Helper()
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		t.Error(err)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func TestEndpoints(t *testing.T) {
	got, err := ParseEndpoints("http://127.0.0.1:9324/, https://sqs.example.org")
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if got[0] != (Endpoint{"127.0.0.1:9324", "127.0.0.1:9324", false}) || got[1] != (Endpoint{"sqs.example.org:443", "sqs.example.org", true}) {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"", "127.0.0.1:9324", "ftp://host", "http://", "http://host/123/queue", "http://a,"} {
		if got, err := ParseEndpoints(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}
