package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// signatureRefusals follow sqs-semantics 1.8: how a well-signed call of either protocol is spoiled, and the answer.
var signatureRefusals = []struct {
	name  string
	want  Code
	spoil func(r *http.Request)
}{
	{"no signature", AccessDenied, func(r *http.Request) { r.Header.Del("Authorization") }},
	{"unknown access key", UnrecognizedClient, replaceAuthorization(exampleKey, "AKIDUNKNOWN")},
	{"session token for a key without", UnrecognizedClient, set("X-Amz-Security-Token", "token")},
	{"signature changed", InvalidSignature, replaceAuthorization("Signature=", "Signature=0")},
	{"path changed", InvalidSignature, func(r *http.Request) { r.URL.Path = "/000000000000/other" }},
	{"parameter added", InvalidSignature, func(r *http.Request) { r.URL.RawQuery = "Action=PurgeQueue" }},
	{"signed header changed", InvalidSignature, set("Content-Type", "text/plain")},
	{"host changed", InvalidSignature, func(r *http.Request) { r.Host = "other.test" }},
	{"method changed", InvalidSignature, func(r *http.Request) { r.Method = "PUT" }},
	{"header of AWS added", InvalidSignature, set("X-Amz-Other", "x")},
	{"host not signed", InvalidSignature, replaceAuthorization("host;", "")},
	{"clock skew, old", InvalidSignature, set("X-Amz-Date", "20150830T122059Z")},
	{"clock skew, ahead", InvalidSignature, set("X-Amz-Date", "20150830T125101Z")},
	{"scope: region", InvalidSignature, replaceAuthorization("/eu-west-1/", "/us-east-1/")},
	{"scope: service", InvalidSignature, replaceAuthorization("/sqs/", "/sns/")},
	{"scope: terminator", InvalidSignature, replaceAuthorization("aws4_request", "aws5_request")},
	{"scope: date", InvalidSignature, replaceAuthorization("/20150830/", "/20150829/")},
	{"header: other algorithm", IncompleteSignature, replaceAuthorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")},
	{"header: other scheme", IncompleteSignature, set("Authorization", "Basic eA==")},
	{"header: nothing after the algorithm", IncompleteSignature, set("Authorization", "AWS4-HMAC-SHA256")},
	{"header: no credential", IncompleteSignature, replaceAuthorization("Credential=", "Cred=")},
	{"header: no signed headers", IncompleteSignature, replaceAuthorization("SignedHeaders=", "SH=")},
	{"header: no signature", IncompleteSignature, replaceAuthorization("Signature=", "S=")},
	{"header: signature twice", IncompleteSignature, replaceAuthorization("Signature=", "Signature=1, Signature=")},
	{"header: part without a value", IncompleteSignature, replaceAuthorization("Signature=", "x, Signature=")},
	{"header: short scope", IncompleteSignature, replaceAuthorization("/eu-west-1", "")},
	{"header: empty access key", IncompleteSignature, replaceAuthorization("Credential="+exampleKey, "Credential=")},
	{"no date", IncompleteSignature, func(r *http.Request) { r.Header.Del("X-Amz-Date") }},
	{"bad date", IncompleteSignature, set("X-Amz-Date", "2015-08-30T12:36:00Z")},
	{"signature of version 2", InvalidSecurity, set("Authorization", "AWS "+exampleKey+":c2lnbmF0dXJl")},
	{"signature of version 2 in the URL", InvalidSecurity, func(r *http.Request) {
		r.Header.Del("Authorization")
		r.URL.RawQuery = "AWSAccessKeyId=" + exampleKey + "&SignatureVersion=2&Signature=c2lnbmF0dXJl"
	}},
}

func replaceAuthorization(old, new string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
	}
}

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// credentialRefusals are calls that are signed with credentials that will not do.
var credentialRefusals = []struct {
	name        string
	want        Code
	credentials aws.Credentials
}{
	{"session token missing", UnrecognizedClient,
		aws.Credentials{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "temporary"}},
	{"session token wrong", UnrecognizedClient,
		aws.Credentials{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "temporary", SessionToken: "other"}},
	{"session token expired", ExpiredToken,
		aws.Credentials{AccessKeyID: "ASIAEXPIRED", SecretAccessKey: "expired", SessionToken: "token"}},
	{"wrong secret", InvalidSignature,
		aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: "other"}},
}

func TestSignatureRefusals(t *testing.T) {
	for _, protocol := range []string{"JSON", "Query"} {
		for _, c := range signatureRefusals {
			t.Run(protocol+"/"+c.want.Query()+"/"+c.name, func(t *testing.T) {
				r := signedCall(t, protocol, example)
				c.spoil(r)
				expectUnauthenticated(t, protocol, r, c.want)
			})
		}
		for _, c := range credentialRefusals {
			t.Run(protocol+"/"+c.want.Query()+"/"+c.name, func(t *testing.T) {
				expectUnauthenticated(t, protocol, signedCall(t, protocol, c.credentials), c.want)
			})
		}
	}
}

// signedCall is a well-signed call of either protocol.
func signedCall(t *testing.T, protocol string, credentials aws.Credentials) *http.Request {
	if protocol == "JSON" {
		return signed(t, "POST", "http://sqs.test/000000000000/q", `{"QueueUrl":"q"}`, credentials, asJSON("PurgeQueue"))
	}
	return signed(t, "POST", "http://sqs.test/000000000000/q", "Action=PurgeQueue", credentials, asForm)
}

func expectUnauthenticated(t *testing.T, protocol string, r *http.Request, want Code) {
	t.Helper()
	backend := new(fakeBackend)
	w := httptest.NewRecorder()
	newTestHandler(t, backend, Config{Verifier: newTestVerifier(t, "eu-west-1", exampleTime)}).ServeHTTP(w, r)
	expectRefusalIn(t, protocol, w, want)
	if len(backend.got) > 0 {
		t.Errorf("the backend got %v", backend.got)
	}
}

func TestBodyThatWasNotSignedIsRefused(t *testing.T) {
	r := signedCall(t, "Query", example)
	r.Body = http.NoBody
	expectUnauthenticated(t, "Query", r, InvalidSignature)
}

func TestDateHeaderServesWithoutAmzDate(t *testing.T) {
	v := newTestVerifier(t, "eu-west-1", exampleTime)
	r := signed(t, "GET", "http://sqs.test/", "", example, set("Date", exampleTime.Format(http.TimeFormat)))
	r.Header.Del("X-Amz-Date")
	if _, err := v.Verify(r, nil); err == nil || err.Code != InvalidSignature {
		t.Errorf("a header that was signed is gone: %v", err)
	}
	const authorization = "AWS4-HMAC-SHA256 Credential=" + exampleKey + "/20150830/eu-west-1/sqs/aws4_request,SignedHeaders=date;host,Signature="
	r.Header.Set("Authorization", authorization+"d5e09b6f0293c467355948fa45dc8f9ffe77d0aa6cb80c1280e9820869a9418b")
	if _, err := v.Verify(r, nil); err != nil {
		t.Error(err)
	}
}

func TestPresignedRefusals(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           Code
	}{
		{"past its expiry", "X-Amz-Date=20150830T123600Z", "X-Amz-Date=20150830T113559Z", InvalidSignature},
		{"from the future", "X-Amz-Date=20150830T123600Z", "X-Amz-Date=20150830T125101Z", InvalidSignature},
		{"parameter changed", "Action=PurgeQueue", "Action=DeleteQueue", InvalidSignature},
		{"expiry changed", "X-Amz-Expires=3600", "X-Amz-Expires=3601", InvalidSignature},
		{"expiry 0", "X-Amz-Expires=3600", "X-Amz-Expires=0", IncompleteSignature},
		{"expiry over a week", "X-Amz-Expires=3600", "X-Amz-Expires=604801", IncompleteSignature},
		{"expiry no number", "X-Amz-Expires=3600", "X-Amz-Expires=soon", IncompleteSignature},
		{"no expiry", "X-Amz-Expires=3600", "", IncompleteSignature},
		{"no algorithm", "X-Amz-Algorithm=", "x=", IncompleteSignature},
		{"other algorithm", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", IncompleteSignature},
		{"no credential", "X-Amz-Credential=", "x=", IncompleteSignature},
		{"no date", "X-Amz-Date=", "x=", IncompleteSignature},
		{"bad date", "X-Amz-Date=2", "X-Amz-Date=x", IncompleteSignature},
		{"no signed headers", "X-Amz-SignedHeaders=", "x=", IncompleteSignature},
		{"no signature", "X-Amz-Signature=", "x=", IncompleteSignature},
		{"date twice", "X-Amz-Date=", "X-Amz-Date=20150830T123600Z&X-Amz-Date=", IncompleteSignature},
		{"unknown access key", exampleKey, "AKIDUNKNOWN", UnrecognizedClient},
	} {
		t.Run("Query/"+c.want.Query()+"/"+c.name, func(t *testing.T) {
			r := presigned(t, example, "3600")
			if !strings.Contains(r.URL.RawQuery, c.old) {
				t.Fatalf("%s is not in %s", c.old, r.URL.RawQuery)
			}
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, c.old, c.new, 1)
			expectUnauthenticated(t, "Query", r, c.want)
		})
	}
}

func TestClockSkewOfFifteenMinutesIsAccepted(t *testing.T) {
	for _, skew := range []time.Duration{-MaxClockSkew, MaxClockSkew} {
		if _, err := newTestVerifier(t, "eu-west-1", exampleTime.Add(skew)).Verify(signed(t, "GET", "http://sqs.test/", "", example, nil), nil); err != nil {
			t.Errorf("%s: %v", skew, err)
		}
	}
}

// FuzzSignature changes what a caller can choose freely; a signature that is still accepted must be the right one.
func FuzzSignature(f *testing.F) {
	good := signed(f, "GET", "http://sqs.test/?Action=ListQueues", "", example, nil)
	f.Add(good.Header.Get("Authorization"), "Action=ListQueues", "20150830T123600Z", "/")
	f.Add("", presigned(f, example, "60").URL.RawQuery, "", "/000000000000/q")
	f.Add("AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f,SignedHeaders=host;;,Signature=", "%", "Sun, 30 Aug 2015 12:36:00 GMT", "//../%2F")
	f.Fuzz(func(t *testing.T, authorization, query, date, path string) {
		r := httptest.NewRequest("GET", "http://sqs.test/", nil)
		r.URL.Path, r.URL.RawQuery = path, query
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", date)
		r.Header.Set("Date", date)
		accessKey, err := newTestVerifier(t, "eu-west-1", exampleTime).Verify(r, nil)
		switch {
		case err == nil && accessKey != exampleKey:
			t.Errorf("accepted as %q", accessKey)
		case err != nil && (!err.Code.Known() || err.Text == "" || len(err.Text) > maxErrorText):
			t.Errorf("refused with %v", err)
		}
	})
}
