package main

import (
	"net/http"
	"net/url"
	"regexp"
)

// forwardedHost is what a Host header can be: a name or an address, perhaps with a port.
var forwardedHost = regexp.MustCompile(`^([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$`)

// trustForwarded lets a proxy say by X-Forwarded-Proto and X-Forwarded-Host how its client addressed it: queue URLs
// begin with that, and the signed host is that one. Values that make no sense, and lists, which come from several
// proxies in a row, are ignored.
func trustForwarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, host := r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-Host")
		seen := *r
		seen.URL = new(url.URL)
		*seen.URL = *r.URL
		if scheme == "http" || scheme == "https" {
			seen.URL.Scheme = scheme
		}
		if forwardedHost.MatchString(host) {
			seen.Host = host
		}
		next.ServeHTTP(w, &seen)
	})
}
