package disktest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sqsd/node/disk"
)

func apply(t *testing.T, s disk.Store, fill func(*disk.Batch)) {
	t.Helper()
	var b disk.Batch
	fill(&b)
	if err := s.Apply(&b); err != nil {
		t.Fatal(err)
	}
}

func wantValue(t *testing.T, r disk.Reader, key, want string) {
	t.Helper()
	if got, err := r.Get([]byte(key)); err != nil || string(got) != want {
		t.Errorf("Get(%q) = %q, %v; want %q", key, got, err, want)
	}
}

func wantMissing(t *testing.T, r disk.Reader, key string) {
	t.Helper()
	if got, err := r.Get([]byte(key)); !errors.Is(err, disk.ErrNotFound) {
		t.Errorf("Get(%q) = %q, %v; want ErrNotFound", key, got, err)
	}
}

func wantAll(t *testing.T, r disk.Reader, want string) {
	t.Helper()
	if got := scan(t, r, "\x00", "\xff\xff\xff"); got != want {
		t.Errorf("the store holds %q, want %q", got, want)
	}
}

// scan returns "key=value" of the keys in [lo, hi), and checks that they ascend within bounds.
func scan(t *testing.T, r disk.Reader, lo, hi string) string {
	t.Helper()
	var all []string
	last := []byte(nil)
	err := r.Scan([]byte(lo), []byte(hi), func(key, value []byte) bool {
		if last != nil && bytes.Compare(last, key) >= 0 || string(key) < lo || string(key) >= hi {
			t.Errorf("Scan(%q, %q) went from %q to %q", lo, hi, last, key)
		}
		last = bytes.Clone(key)
		all = append(all, fmt.Sprintf("%s=%s", key, value))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}
