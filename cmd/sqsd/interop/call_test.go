//go:build interop

package interop

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// call is what a request asks for, and how.
type call struct{ protocol, action string }

type callKey struct{}

// withCall is the request's context with its call.
func withCall(r *http.Request, body []byte) context.Context {
	c := call{protocol: "JSON"}
	_, c.action, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if c.action == "" {
		c.protocol = "Query"
		if form, err := url.ParseQuery(string(body)); err == nil {
			c.action = form.Get("Action")
		}
	}
	return context.WithValue(r.Context(), callKey{}, c)
}
