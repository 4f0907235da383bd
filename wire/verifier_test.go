package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Names and secret of AWS's published examples.
const (
	exampleKey    = "AKIDEXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var exampleTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// lookupExample knows the example's key pair, one with a session token, one whose token has ended.
func lookupExample(accessKey string) (Credential, bool) {
	switch accessKey {
	case exampleKey:
		return Credential{Secret: exampleSecret}, true
	case "ASIATEMPORARY":
		return Credential{Secret: "temporary", SessionToken: "token/+=", Expires: exampleTime.Add(time.Hour)}, true
	case "ASIAEXPIRED":
		return Credential{Secret: "expired", SessionToken: "token", Expires: exampleTime}, true
	}
	return Credential{}, false
}

func newTestVerifier(t testing.TB, region string, now time.Time) *Verifier {
	t.Helper()
	v, err := NewVerifier(VerifierConfig{Lookup: lookupExample, Region: region, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Signatures published by AWS: the worked example of the IAM user guide and the Signature Version 4 test suite.
func TestPublishedSignaturesVerify(t *testing.T) {
	for _, c := range []struct{ name, service, url, contentType, signature string }{
		{"user guide", "iam", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
			"application/x-www-form-urlencoded; charset=utf-8", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
		{"get-vanilla", "service", "https://example.amazonaws.com/", "",
			"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla-query-order-key-case", "service", "https://example.amazonaws.com/?Param2=value2&Param1=value1", "",
			"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-slashes", "service", "https://example.amazonaws.com//example//", "",
			"9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
		{"get-relative-relative", "service", "https://example.amazonaws.com/example1/example2/../..", "",
			"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := NewVerifier(VerifierConfig{Lookup: lookupExample, Service: c.service, Region: "us-east-1",
				Now: func() time.Time { return exampleTime }})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, c.url, nil)
			headers := "host;x-amz-date"
			r.Header.Set("X-Amz-Date", "20150830T123600Z")
			if c.contentType != "" {
				headers = "content-type;" + headers
				r.Header.Set("Content-Type", c.contentType)
			}
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+exampleKey+"/20150830/us-east-1/"+c.service+
				"/aws4_request, SignedHeaders="+headers+", Signature="+c.signature)
			if accessKey, err := v.Verify(r, nil); err != nil || accessKey != exampleKey {
				t.Errorf("got %s, %v", accessKey, err)
			}
		})
	}
}

// signed is a request that the SDK's signer signs; change, which may be nil, spoils or completes it before that.
func signed(t testing.TB, method, url, body string, credentials aws.Credentials, change func(*http.Request)) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	if change != nil {
		change(r)
	}
	sum := sha256.Sum256([]byte(body))
	err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(sum[:]), "sqs", "eu-west-1", exampleTime)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	example   = aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: exampleSecret}
	temporary = aws.Credentials{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "temporary", SessionToken: "token/+="}
)

func TestHeadersSignedByTheSDKVerify(t *testing.T) {
	v := newTestVerifier(t, "eu-west-1", exampleTime.Add(time.Minute))
	for _, c := range []struct {
		name, method, url, body string
		credentials             aws.Credentials
		headers                 []string
	}{
		{"JSON", "POST", "http://sqs.test/", `{"QueueUrl":"q"}`, example, []string{"X-Amz-Target", "AmazonSQS.PurgeQueue"}},
		{"JSON with a session token", "POST", "http://sqs.test:9324/", "{}", temporary, nil},
		{"form", "POST", "http://sqs.test/000000000000/q", "Action=PurgeQueue", example, nil},
		{"parameters in the URL", "GET", "http://sqs.test/000000000000/q?Action=SendMessage&MessageBody=a%20b+c%2F%C3%A9~*'()&A=", "", example, nil},
		{"same parameter twice", "GET", "http://sqs.test/?b=2&b=1&a=%20", "", example, nil},
		{"path with escapes", "GET", "http://sqs.test/a%20b/%C3%A9/c+d/e%2Ff", "", example, nil},
		{"spaces in a header", "POST", "http://sqs.test/", "{}", example, []string{"X-Custom", "  a   b  ", "X-Amz-Meta", "x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := signed(t, c.method, c.url, c.body, c.credentials, func(r *http.Request) {
				for i := 0; i < len(c.headers); i += 2 {
					r.Header.Add(c.headers[i], c.headers[i+1])
				}
			})
			for range 2 { // with a derived key and with a kept one
				if accessKey, err := v.Verify(r, []byte(c.body)); err != nil || accessKey != c.credentials.AccessKeyID {
					t.Errorf("got %s, %v", accessKey, err)
				}
			}
		})
	}
}

func TestPresignedURLsOfTheSDKVerify(t *testing.T) {
	for _, credentials := range []aws.Credentials{example, temporary} {
		for life, want := range map[time.Duration]bool{0: true, time.Hour: true, time.Hour + time.Second: false, -15 * time.Minute: true} {
			r := presigned(t, credentials, "3600")
			// The credential of the temporary key lasts as long as the URL does.
			if credentials.SessionToken != "" && life == time.Hour {
				continue
			}
			accessKey, err := newTestVerifier(t, "eu-west-1", exampleTime.Add(life)).Verify(r, nil)
			if (err == nil) != want || want && accessKey != credentials.AccessKeyID {
				t.Errorf("%s after %s: got %q, %v", credentials.AccessKeyID, life, accessKey, err)
			}
		}
	}
}

// presigned is a request to a URL that the SDK's signer made.
func presigned(t testing.TB, credentials aws.Credentials, expires string) *http.Request {
	t.Helper()
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	r := httptest.NewRequest("GET", "http://sqs.test/000000000000/q?Action=PurgeQueue&X-Amz-Expires="+expires, nil)
	text, _, err := v4.NewSigner().PresignHTTP(t.Context(), credentials, r, empty, "sqs", "eu-west-1", exampleTime)
	if err != nil {
		t.Fatal(err)
	}
	return httptest.NewRequest("GET", text, nil)
}

func TestSDKClientIsAuthenticatedByAServer(t *testing.T) {
	backend := &fakeBackend{answer: &SendMessageResponse{MessageID: "1", MD5OfMessageBody: BodyMD5("b")}}
	v, err := NewVerifier(VerifierConfig{Lookup: lookupExample, Region: "eu-west-1", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newTestHandler(t, backend, Config{Verifier: v}))
	t.Cleanup(server.Close)
	client := sqs.New(sqs.Options{
		BaseEndpoint: aws.String(server.URL), Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return example, nil }),
	})
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String("b")}); err != nil {
		t.Fatal(err)
	}
	if sender := backend.got[0].(*SendMessageRequest).SenderID; sender != exampleKey {
		t.Errorf("the sender is %q", sender)
	}
}

func TestChangedSecretIsUsedAtOnce(t *testing.T) {
	secret := exampleSecret
	v, err := NewVerifier(VerifierConfig{
		Lookup: func(string) (Credential, bool) { return Credential{Secret: secret}, true },
		Now:    func() time.Time { return exampleTime },
	})
	if err != nil {
		t.Fatal(err)
	}
	old := signed(t, "GET", "http://sqs.test/", "", example, nil)
	if _, err := v.Verify(old, nil); err != nil {
		t.Fatal(err)
	}
	secret = "changed"
	if _, err := v.Verify(old, nil); err == nil || err.Code != InvalidSignature {
		t.Errorf("the old secret: %v", err)
	}
	changed := aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: secret}
	if _, err := v.Verify(signed(t, "GET", "http://sqs.test/", "", changed, nil), nil); err != nil {
		t.Errorf("the new secret: %v", err)
	}
}

func TestEmptySecretSignsNothing(t *testing.T) {
	v, err := NewVerifier(VerifierConfig{
		Lookup: func(string) (Credential, bool) { return Credential{}, true }, Now: func() time.Time { return exampleTime },
	})
	if err != nil {
		t.Fatal(err)
	}
	r := signed(t, "GET", "http://sqs.test/", "", aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: ""}, nil)
	if _, err := v.Verify(r, nil); err == nil || err.Code != UnrecognizedClient {
		t.Errorf("got %v", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	body := strings.Repeat("x", 1024)
	r := signed(b, "POST", "http://sqs.test/", body, example, nil)
	v := newTestVerifier(b, "eu-west-1", exampleTime)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r, []byte(body)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSigningKeysAreKeptForVerifiedRequestsOnlyAndBounded(t *testing.T) {
	v := newTestVerifier(t, "", exampleTime)
	for i := range maxSigningKeys + 10 {
		r := httptest.NewRequest("GET", "http://sqs.test/", nil)
		region := "r" + strings.Repeat("x", i%64) + string(rune('a'+i/64))
		err := v4.NewSigner().SignHTTP(t.Context(), example, r, hex.EncodeToString(sha256.New().Sum(nil)), "sqs", region, exampleTime)
		if err != nil {
			t.Fatal(err)
		}
		spoiled := r.Clone(t.Context())
		spoiled.Header.Set("Authorization", r.Header.Get("Authorization")+"0")
		before := len(v.keys)
		if _, err := v.Verify(spoiled, nil); err == nil || len(v.keys) != before {
			t.Fatalf("a wrong signature: %v, %d keys", err, len(v.keys))
		}
		if _, err := v.Verify(r, nil); err != nil || len(v.keys) > maxSigningKeys {
			t.Fatalf("%v, %d keys", err, len(v.keys))
		}
	}
}

func TestNewVerifierNeedsKeysAndAClock(t *testing.T) {
	for _, config := range []VerifierConfig{{}, {Lookup: lookupExample}, {Now: time.Now}} {
		if _, err := NewVerifier(config); err == nil {
			t.Errorf("%+v was accepted", config)
		}
	}
}
