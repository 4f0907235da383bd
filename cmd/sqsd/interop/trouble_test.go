//go:build interop

package interop

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sqsd/wire"
)

// trouble is what clients must get over: at /busy and at /ahead is the front end of the server with a backend that
// fails every other call, at /busy for whoever calls, at /ahead with a clock that is an hour ahead of the client's.
func trouble(t *testing.T, elsewhere http.HandlerFunc) http.Handler {
	t.Helper()
	ahead := func() time.Time { return time.Now().Add(time.Hour) }
	verifier, err := wire.NewVerifier(wire.VerifierConfig{
		Lookup: func(key string) (wire.Credential, bool) { return wire.Credential{Secret: secretKey}, key == accessKey },
		Now:    ahead, Region: region,
	})
	if err != nil {
		t.Fatal(err)
	}
	front := func(config wire.Config) http.Handler {
		h, err := wire.NewHandler(new(busyBackend), config)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	busy, late := front(wire.Config{}), front(wire.Config{Verifier: verifier})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch strings.TrimSuffix(r.URL.Path, "/") {
		case "/busy":
			r.URL.Path = "/"
			busy.ServeHTTP(w, r)
		case "/ahead":
			w.Header().Set("Date", ahead().UTC().Format(http.TimeFormat))
			late.ServeHTTP(w, r)
		default:
			elsewhere(w, r)
		}
	})
}

// busyBackend has no leader for every first of two calls, and lists no queues for the second.
type busyBackend struct{ calls atomic.Int64 }

func (b *busyBackend) Do(context.Context, wire.Request) (wire.Response, *wire.Error) {
	if b.calls.Add(1)%2 == 1 {
		return nil, wire.Errorf(wire.ServiceUnavailable, "There is no leader.")
	}
	return new(wire.ListQueuesResponse), nil
}

// damage changes the first digit of every digest of a name in the body of an answer.
func damage(body []byte, member string) []byte {
	digest := regexp.MustCompile(regexp.QuoteMeta(member) + `("?[>:]"?)[0-9a-f]`)
	return digest.ReplaceAllFunc(body, func(m []byte) []byte {
		flipped := byte('0')
		if bytes.HasSuffix(m, []byte("0")) {
			flipped = '1'
		}
		return append(bytes.Clone(m[:len(m)-1]), flipped)
	})
}
