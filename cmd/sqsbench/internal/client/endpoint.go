package client

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Endpoint is the place of an SQS server.
type Endpoint struct {
	// Address is host:port.
	Address string
	// Host is the value of the Host header.
	Host string
	// TLS says that the URL's scheme was https.
	TLS bool
}

// ParseEndpoint reads an http or https URL. Any path is refused: JSON requests go to "/".
func ParseEndpoint(text string) (Endpoint, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Endpoint{}, fmt.Errorf("endpoint %q: %w", text, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return Endpoint{}, fmt.Errorf("endpoint %q: scheme is %q, want http or https", text, u.Scheme)
	}
	if u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return Endpoint{}, fmt.Errorf("endpoint %q: want scheme://host:port and nothing else", text)
	}
	e := Endpoint{Address: u.Host, Host: u.Host, TLS: u.Scheme == "https"}
	if u.Port() == "" {
		port := "80"
		if e.TLS {
			port = "443"
		}
		e.Address = net.JoinHostPort(u.Hostname(), port)
	}
	return e, nil
}

// ParseEndpoints reads a comma-separated list of at least one URL.
func ParseEndpoints(text string) ([]Endpoint, error) {
	var all []Endpoint
	for part := range strings.SplitSeq(text, ",") {
		e, err := ParseEndpoint(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// String is the URL of the endpoint.
func (e Endpoint) String() string {
	if e.TLS {
		return "https://" + e.Host
	}
	return "http://" + e.Host
}
