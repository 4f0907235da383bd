//go:build interop

package interop

import "testing"

// What installers really say.
func TestOnlyWhatCannotBeHadIsSkipped(t *testing.T) {
	for _, c := range []struct {
		says    string
		skipped bool
	}{
		{"Failed to establish a new connection: [Errno 111] Connection refused", true},
		{"ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 503 Service Unavailable'))", true},
		{"The virtual environment was not created successfully because ensurepip is not\navailable.", true},
		{"ERROR: Could not find a version that satisfies the requirement six==1.99.0 (from versions: 0.9.0, 1.17.0)", false},
		{"ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", false},
		{"npm error code ECONNREFUSED\nnpm error syscall connect", true},
		{"npm error code E503\nnpm error 503 Service Unavailable", true},
		{"npm error code E404\nnpm error 404 Not Found", false},
		{"npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and", false},
		{"Could not transfer artifact a:b:jar:1 from/to central: Connect to 127.0.0.1:9 failed: Connection refused", true},
		{"Could not find artifact software.amazon.awssdk:sqs:jar:2.31.9999 in central", false},
		{`Get "http://127.0.0.1:9/": dial tcp 127.0.0.1:9: connect: connection refused`, true},
		{"dial tcp: lookup modules.invalid: no such host", true},
		{"verifying module: checksum mismatch", false},
	} {
		if skipped := unavailable.MatchString(c.says); skipped != c.skipped {
			t.Errorf("%q: skipped %v, want %v", c.says, skipped, c.skipped)
		}
	}
}
