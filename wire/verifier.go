package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"sync"
	"time"
)

// Credential is what a server knows of an access key.
type Credential struct {
	// Secret signs requests; with an empty one none is accepted.
	Secret string
	// SessionToken must come with every request if it is not empty.
	SessionToken string
	// Expires is when the session token ends; never if zero.
	Expires time.Time
}

// VerifierConfig is what a [Verifier] is told.
type VerifierConfig struct {
	// Lookup finds an access key. It is called for every request, from many goroutines.
	Lookup func(accessKey string) (Credential, bool)
	// Now is the server's clock.
	Now func() time.Time
	// Region is the region that requests must be signed for; any if empty.
	Region string
	// Service is the service that requests must be signed for; "sqs" if empty.
	Service string
}

// Verifier checks that requests are signed by a known access key with Signature Version 4, in headers or in the URL
// (sqs-semantics 1.7, 1.8). It may be used from many goroutines.
type Verifier struct {
	config VerifierConfig

	mu   sync.Mutex
	keys map[signingScope]signingKey // of verified requests, at most maxSigningKeys
}

// signingScope is what a signing key depends on besides the secret.
type signingScope struct{ accessKey, date, region, service string }

type signingKey struct {
	secret string // from which the key was derived: an access key can get another
	key    []byte
}

const (
	// MaxClockSkew is how far the date of a signature may be from the server's clock.
	MaxClockSkew   = 15 * time.Minute
	maxSigningKeys = 1024
)

// NewVerifier makes a Verifier, or says what is wrong with the configuration.
func NewVerifier(config VerifierConfig) (*Verifier, error) {
	if config.Lookup == nil || config.Now == nil {
		return nil, errors.New("signature verifier: Lookup and Now are needed")
	}
	if config.Service == "" {
		config.Service = "sqs"
	}
	return &Verifier{config: config, keys: make(map[signingScope]signingKey)}, nil
}

// Verify finds the access key that signed a request with a body, or says why the request is refused.
func (v *Verifier) Verify(r *http.Request, body []byte) (accessKey string, refused *Error) {
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}
	s, err := readSignature(r, query)
	if err != nil {
		return "", err
	}
	credential, known := v.config.Lookup(s.accessKey)
	if !known || credential.Secret == "" || subtle.ConstantTimeCompare([]byte(s.token), []byte(credential.SessionToken)) != 1 {
		return "", Errorf(UnrecognizedClient, "The security token included in the request is invalid.")
	}
	now := v.config.Now()
	if !credential.Expires.IsZero() && !now.Before(credential.Expires) {
		return "", Errorf(ExpiredToken, "The security token included in the request is expired.")
	}
	if err := v.checkScope(s); err != nil {
		return "", err
	}
	if err := s.checkTime(now); err != nil {
		return "", err
	}
	if err := s.checkHeaders(r.Header); err != nil {
		return "", err
	}
	key := v.signingKey(s, credential.Secret)
	want := hmacSHA256(key, s.stringToSign(canonicalRequest(r, query, s, body)))
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(want)), []byte(s.value)) != 1 {
		return "", Errorf(InvalidSignature, "The request signature we calculated does not match the signature you provided. "+
			"Check your secret access key and signing method.")
	}
	v.keep(s, credential.Secret, key)
	return s.accessKey, nil
}

// checkScope refuses signatures that were made for something else.
func (v *Verifier) checkScope(s *signature) *Error {
	wrong := func(what, want string) *Error {
		return Errorf(InvalidSignature, "Credential should be scoped to a valid %s: %s.", what, want)
	}
	switch {
	case v.config.Region != "" && s.scope.region != v.config.Region:
		return wrong("region", v.config.Region)
	case s.scope.service != v.config.Service:
		return wrong("service", v.config.Service)
	case s.terminator != scopeTerminator:
		return wrong("terminator", scopeTerminator)
	case s.scope.date != s.timestamp[:len(scopeDate)]:
		return wrong("date", s.timestamp[:len(scopeDate)])
	}
	return nil
}

// signingKey is the key for a signature's scope.
func (v *Verifier) signingKey(s *signature, secret string) []byte {
	v.mu.Lock()
	cached, found := v.keys[s.scope]
	v.mu.Unlock()
	if found && cached.secret == secret {
		return cached.key
	}
	key := hmacSHA256([]byte("AWS4"+secret), s.scope.date)
	key = hmacSHA256(key, s.scope.region)
	key = hmacSHA256(key, s.scope.service)
	return hmacSHA256(key, scopeTerminator)
}

// keep remembers the key of a signature that was right; others could fill the memory with keys of their choice.
func (v *Verifier) keep(s *signature, secret string, key []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if cached, found := v.keys[s.scope]; found && cached.secret == secret {
		return
	}
	if len(v.keys) >= maxSigningKeys {
		clear(v.keys)
	}
	v.keys[s.scope] = signingKey{secret, key}
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
