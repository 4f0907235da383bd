package wire

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// signature is what a request says of its Signature Version 4.
type signature struct {
	accessKey     string
	scope         signingScope
	terminator    string // of the scope as given
	signedHeaders []string
	value         string // hex
	token         string // session token, may be empty
	timestamp     string // in the form of signatureTime
	time          time.Time
	// expires is how long a presigned URL is good for; 0 if the signature is in a header.
	expires time.Duration
}

const (
	signatureAlgorithm = "AWS4-HMAC-SHA256"
	signatureTime      = "20060102T150405Z"
	scopeDate          = "20060102"
	scopeTerminator    = "aws4_request"
	maxPresignedLife   = 7 * 24 * time.Hour
)

// readSignature finds the signature in a request's headers or in its URL.
func readSignature(r *http.Request, query []queryParameter) (*signature, *Error) {
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		return readAuthorization(r, authorization)
	}
	given := func(name string) bool {
		return slices.ContainsFunc(query, func(p queryParameter) bool { return p.name == name })
	}
	switch {
	case given("X-Amz-Algorithm") || given("X-Amz-Credential") || given("X-Amz-Signature"):
		return readPresigned(query)
	case given("AWSAccessKeyId") && given("Signature"):
		return nil, legacySignature()
	}
	return nil, Errorf(AccessDenied, "Access to the resource %s is denied.", clip(r.URL.Path))
}

func legacySignature() *Error {
	return Errorf(InvalidSecurity, "The request must be signed with %s.", signatureAlgorithm)
}

func incomplete(format string, args ...any) *Error {
	return Errorf(IncompleteSignature, format, args...)
}

// readAuthorization reads the form in headers:
// AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=….
func readAuthorization(r *http.Request, authorization string) (*signature, *Error) {
	algorithm, rest, _ := strings.Cut(authorization, " ")
	switch {
	case algorithm == "AWS" || strings.HasPrefix(algorithm, "AWS3"):
		return nil, legacySignature()
	case algorithm != signatureAlgorithm:
		return nil, incomplete("Unsupported algorithm %s, must be %s.", clip(algorithm), signatureAlgorithm)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; !found || twice {
			return nil, incomplete("The part %s of the Authorization header is not a key and a value, or comes twice.", clip(part))
		}
		parts[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if parts[name] == "" {
			return nil, incomplete("The Authorization header requires the parameter %s.", name)
		}
	}
	s := &signature{value: parts["Signature"], token: r.Header.Get("X-Amz-Security-Token")}
	s.signedHeaders = strings.Split(parts["SignedHeaders"], ";")
	if err := s.readCredential(parts["Credential"]); err != nil {
		return nil, err
	}
	if date := r.Header.Get("X-Amz-Date"); date != "" {
		return s, s.readTime(date)
	}
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return nil, incomplete("A signed request requires the header X-Amz-Date or the header Date.")
	}
	return s, s.readTime(date.UTC().Format(signatureTime))
}

// readPresigned reads the form in the URL.
func readPresigned(query []queryParameter) (*signature, *Error) {
	parts := map[string]string{}
	for _, p := range query {
		if _, twice := parts[p.name]; twice && strings.HasPrefix(p.name, "X-Amz-") {
			return nil, incomplete("The parameter %s comes twice.", clip(p.name))
		}
		parts[p.name] = p.value
	}
	for _, name := range []string{
		"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature",
	} {
		if parts[name] == "" {
			return nil, incomplete("A presigned URL requires the parameter %s.", name)
		}
	}
	if parts["X-Amz-Algorithm"] != signatureAlgorithm {
		return nil, incomplete("Unsupported algorithm, must be %s.", signatureAlgorithm)
	}
	s := &signature{value: parts["X-Amz-Signature"], token: parts["X-Amz-Security-Token"]}
	s.signedHeaders = strings.Split(parts["X-Amz-SignedHeaders"], ";")
	seconds, err := strconv.Atoi(parts["X-Amz-Expires"])
	if err != nil || seconds < 1 || seconds > int(maxPresignedLife/time.Second) {
		return nil, incomplete("X-Amz-Expires must be a number from 1 to %d.", maxPresignedLife/time.Second)
	}
	s.expires = time.Duration(seconds) * time.Second
	if err := s.readCredential(parts["X-Amz-Credential"]); err != nil {
		return nil, err
	}
	return s, s.readTime(parts["X-Amz-Date"])
}

// readCredential reads {access key}/{date}/{region}/{service}/aws4_request. The access key may have slashes.
func (s *signature) readCredential(text string) *Error {
	parts := strings.Split(text, "/")
	key := len(parts) - 4
	if key < 1 || slices.Contains(parts, "") {
		return incomplete("The Credential must be an access key and a scope of date, region, service and terminator.")
	}
	s.accessKey = strings.Join(parts[:key], "/")
	s.scope = signingScope{s.accessKey, parts[key], parts[key+1], parts[key+2]}
	s.terminator = parts[key+3]
	return nil
}

func (s *signature) readTime(text string) *Error {
	at, err := time.Parse(signatureTime, text)
	if err != nil || len(text) != len(signatureTime) {
		return incomplete("The date %s is not of the form %s.", clip(text), signatureTime)
	}
	s.time, s.timestamp = at, text
	return nil
}

// checkTime refuses signatures that are too old or from the future.
func (s *signature) checkTime(now time.Time) *Error {
	life := s.expires
	if life == 0 {
		life = MaxClockSkew
	}
	clock := now.UTC().Format(signatureTime)
	if now.After(s.time.Add(life)) {
		return Errorf(InvalidSignature, "Signature expired: %s is now earlier than %s (%s - %s).", s.timestamp,
			now.UTC().Add(-life).Format(signatureTime), clock, life)
	}
	if s.time.After(now.Add(MaxClockSkew)) {
		return Errorf(InvalidSignature, "Signature not yet current: %s is still later than %s (%s + %s).", s.timestamp,
			now.UTC().Add(MaxClockSkew).Format(signatureTime), clock, MaxClockSkew)
	}
	return nil
}

// checkHeaders refuses signatures that leave out a header that decides what the request means: host, and all of AWS's.
func (s *signature) checkHeaders(header http.Header) *Error {
	if !slices.Contains(s.signedHeaders, "host") {
		return Errorf(InvalidSignature, "Host must be a signed header.")
	}
	for name := range header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !slices.Contains(s.signedHeaders, lower) {
			return Errorf(InvalidSignature, "%s must be a signed header.", clip(name))
		}
	}
	return nil
}
