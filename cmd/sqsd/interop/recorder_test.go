//go:build interop

package interop

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// actions are all actions of the API.
var actions = []string{
	"AddPermission", "CancelMessageMoveTask", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "CreateQueue",
	"DeleteMessage", "DeleteMessageBatch", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl",
	"ListDeadLetterSourceQueues", "ListMessageMoveTasks", "ListQueueTags", "ListQueues", "PurgeQueue", "ReceiveMessage",
	"RemovePermission", "SendMessage", "SendMessageBatch", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue",
	"UntagQueue",
}

// recorder stands between one client and the server and notes which actions succeeded in which protocol.
type recorder struct {
	*httptest.Server
	mu        sync.Mutex
	succeeded map[string][]string // actions by protocol
}

func record(t *testing.T, server string) *recorder {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{succeeded: map[string][]string{}}
	proxy := &httputil.ReverseProxy{
		// The host stays as the client named it: it is signed, and it makes the queue URLs.
		Rewrite:        func(p *httputil.ProxyRequest) { p.SetURL(target); p.Out.Host = p.In.Host },
		ModifyResponse: r.note,
	}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, req.WithContext(withCall(req, body)))
	}))
	t.Cleanup(r.Close)
	return r
}

// note is called with the server's answer.
func (r *recorder) note(resp *http.Response) error {
	if c, ok := resp.Request.Context().Value(callKey{}).(call); ok && resp.StatusCode == http.StatusOK {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !slices.Contains(r.succeeded[c.protocol], c.action) {
			r.succeeded[c.protocol] = append(r.succeeded[c.protocol], c.action)
		}
	}
	return nil
}

// expectEveryAction fails the test for actions that the client did not call with success, and for other protocols.
func (r *recorder) expectEveryAction(t *testing.T, protocol string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, action := range actions {
		if !slices.Contains(r.succeeded[protocol], action) {
			t.Errorf("%s was not called over %s with success", action, protocol)
		}
	}
	for other := range r.succeeded {
		if other != protocol {
			t.Errorf("%v was called over %s", r.succeeded[other], other)
		}
	}
}
