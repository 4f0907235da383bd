package wire

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The canonical form of a request: what its signature is computed over (sqs-semantics 1.7).

// queryParameter is a decoded parameter of a URL.
type queryParameter struct{ name, value string }

// parseQuery decodes the parameters of a URL in their order.
func parseQuery(text string) ([]queryParameter, *Error) {
	var query []queryParameter
	for parameter := range strings.SplitSeq(text, "&") {
		if parameter == "" {
			continue
		}
		if len(query) == MaxFormParameters {
			return nil, Errorf(InvalidParameterValue, "A URL can have at most %d parameters.", MaxFormParameters)
		}
		name, value, _ := strings.Cut(parameter, "=")
		name, badName := url.QueryUnescape(name)
		value, badValue := url.QueryUnescape(value)
		if badName != nil || badValue != nil {
			return nil, Errorf(Serialization, "The URL has a parameter that is not valid URL encoding.")
		}
		query = append(query, queryParameter{name, value})
	}
	return query, nil
}

func canonicalRequest(r *http.Request, query []queryParameter, s *signature, body []byte) string {
	var b strings.Builder
	payload := sha256.Sum256(body)
	for _, line := range []string{r.Method, canonicalPath(r.URL.EscapedPath()), canonicalQuery(query)} {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	for _, name := range s.signedHeaders {
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(canonicalHeader(r, name))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(s.signedHeaders, ";"))
	b.WriteByte('\n')
	b.WriteString(hex.EncodeToString(payload[:]))
	return b.String()
}

// stringToSign is the text that is signed for a canonical request.
func (s *signature) stringToSign(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	scope := strings.Join([]string{s.scope.date, s.scope.region, s.scope.service, scopeTerminator}, "/")
	return strings.Join([]string{signatureAlgorithm, s.timestamp, scope, hex.EncodeToString(sum[:])}, "\n")
}

// canonicalPath normalizes a path as it was sent and encodes it, which makes it encoded twice.
func canonicalPath(sent string) string {
	clean := path.Clean("/" + sent)
	if strings.HasSuffix(sent, "/") && clean != "/" {
		clean += "/"
	}
	segments := strings.Split(clean, "/")
	for i, segment := range segments {
		segments[i] = uriEncode(segment)
	}
	return strings.Join(segments, "/")
}

// canonicalQuery is the parameters, but for the signature itself, in the order of their encoded names and values.
func canonicalQuery(query []queryParameter) string {
	var encoded []queryParameter
	for _, p := range query {
		if p.name != "X-Amz-Signature" {
			encoded = append(encoded, queryParameter{uriEncode(p.name), uriEncode(p.value)})
		}
	}
	slices.SortFunc(encoded, func(a, b queryParameter) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	for i, p := range encoded {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name)
		b.WriteByte('=')
		b.WriteString(p.value)
	}
	return b.String()
}

// canonicalHeader is the value of a header, trimmed and with single spaces. The HTTP server keeps two headers elsewhere.
func canonicalHeader(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch {
	case name == "host":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.Join(strings.FieldsFunc(value, func(c rune) bool { return c == ' ' }), " ")
	}
	return strings.Join(trimmed, ",")
}

// uriEncode encodes every byte but letters, digits and - . _ ~, as RFC 3986 has it.
func uriEncode(text string) string {
	const hexDigits = "0123456789ABCDEF"
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		if c := text[i]; isLetterOrDigit(c) || c == '-' || c == '.' || c == '_' || c == '~' {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(b)
}
