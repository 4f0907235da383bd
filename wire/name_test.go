package wire

import (
	"strings"
	"testing"
)

func TestQueueNames(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "A-b_9": true, strings.Repeat("x", 80): true, strings.Repeat("x", 75) + ".fifo": true, "q.fifo": true,
		"": false, ".fifo": false, "a.b": false, "a b": false, "é": false, "q.FIFO": false, "q.fifo.fifo": false,
		strings.Repeat("x", 81): false, strings.Repeat("x", 76) + ".fifo": false,
	} {
		if got := IsQueueName(name); got != want {
			t.Errorf("IsQueueName(%q) = %v", name, got)
		}
	}
}

func TestQueueURLNamesAQueueByItsLastTwoSegments(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"http://localhost:9324/000000000000/q", "q"},
		{"https://proxy.example.org/deep/path/000000000000/q.fifo", "q.fifo"},
		{"/000000000000/q", "q"},
		{"000000000000/q", "q"},
		{"q", "q"},
		{"http://localhost:9324/123456789012/q", ""},
		{"http://localhost:9324/q", ""},
		{"http://localhost:9324/000000000000/", ""},
		{"http://localhost:9324/000000000000/q/", ""},
		{"http://localhost:9324/000000000000/q?x=1", ""},
		{"http://localhost:9324/", ""},
		{"not a name", ""},
	} {
		name, ok := QueueNameOf(c.url, DefaultAccount)
		if ok != (c.want != "") || ok && name != c.want {
			t.Errorf("QueueNameOf(%q) = %q, %v; want %q", c.url, name, ok, c.want)
		}
	}
}

// The token is a format that clients keep between calls: a change of this text needs a new version.
func TestPageTokenFormat(t *testing.T) {
	const version1 = "AW9yZGVycy5maWZv"
	if got := pageToken("orders.fifo"); got != version1 {
		t.Errorf("pageToken = %s", got)
	}
	if after, ok := parsePageToken(version1); !ok || after != "orders.fifo" {
		t.Errorf("parsePageToken = %q, %v", after, ok)
	}
	for _, bad := range []string{"!", "orders", "AQ", "Am9yZGVycw", "AW9y ZGVycw", "AW9y\nZGVycw", version1 + "=", strings.Repeat("A", 161)} {
		if after, ok := parsePageToken(bad); ok {
			t.Errorf("parsePageToken(%q) = %q", bad, after)
		}
	}
}

func FuzzPageToken(f *testing.F) {
	f.Add("AW9yZGVycy5maWZv")
	f.Add("AW9y\r\nZGVycw")
	f.Fuzz(func(t *testing.T, token string) {
		if after, ok := parsePageToken(token); ok && (!IsQueueName(after) || pageToken(after) != token) {
			t.Errorf("%q became %q", token, after)
		}
	})
}
