//go:build interop

package interop

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder stands between one client and the server. It notes which actions succeeded in which protocol and which
// errors were answered. Paths below /damage/ lead to the server too, but a digest in its answers is damaged; those of
// trouble lead there.
type recorder struct {
	*httptest.Server
	proxy     *httputil.ReverseProxy
	mu        sync.Mutex
	succeeded map[string][]string // actions by protocol
	refused   []string            // legacy codes
}

func record(t *testing.T, server string) *recorder {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{succeeded: map[string][]string{}}
	r.proxy = &httputil.ReverseProxy{
		// The host stays as the client named it: it is signed, and it makes the queue URLs.
		Rewrite:        func(p *httputil.ProxyRequest) { p.SetURL(target); p.Out.Host = p.In.Host },
		ModifyResponse: r.note,
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	r.Server = httptest.NewServer(trouble(t, r.pass))
	t.Cleanup(r.Close)
	return r
}

// pass hands a request on to the server.
func (r *recorder) pass(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.proxy.ServeHTTP(w, req.WithContext(withCall(req, body)))
}

// note is called with the server's answer.
func (r *recorder) note(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if path, ok := strings.CutPrefix(resp.Request.URL.Path, "/damage/"); ok {
		member, _, _ := strings.Cut(path, "/")
		body = damage(body, member)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	c, _ := resp.Request.Context().Value(callKey{}).(call)
	if resp.StatusCode != http.StatusOK {
		r.refused = appendNew(r.refused, codeOf(resp.Header, body))
	} else {
		r.succeeded[c.protocol] = appendNew(r.succeeded[c.protocol], c.action)
	}
	return nil
}

var xmlCode = regexp.MustCompile(`<Code>([^<]*)</Code>`)

// codeOf is the legacy code of an error: a header says it in JSON, an element in Query.
func codeOf(header http.Header, body []byte) string {
	if m := xmlCode.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	code, _, _ := strings.Cut(header.Get("X-Amzn-Query-Error"), ";")
	return code
}

func appendNew(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}
