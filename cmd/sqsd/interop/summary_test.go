//go:build interop

package interop

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// summary says at the end what ran and what did not.
var summary struct {
	mu    sync.Mutex
	lines []string
}

func TestMain(m *testing.M) {
	code := m.Run()
	slices.Sort(summary.lines)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nclient\tpackages\tsession\t")
	for _, line := range summary.lines {
		fmt.Fprintln(w, line)
	}
	w.Flush()
	os.Exit(code)
}

// ran adds a client that ran, with how long its packages took to install and its session.
func ran(t *testing.T, name string, install, session time.Duration, covered string) {
	outcome := "passed"
	if t.Failed() {
		outcome = "FAILED"
	}
	say("%s\t%.1f s\t%.1f s\t%s %s", name, install.Seconds(), session.Seconds(), outcome, covered)
}

// skip skips the test of a client and says why.
func skip(t *testing.T, name string, why error) {
	t.Helper()
	say("%s\t\t\tSKIPPED: %s", name, strings.Join(strings.Fields(why.Error()), " "))
	t.Skipf("SKIPPED: %v", why)
}

func say(format string, args ...any) {
	summary.mu.Lock()
	defer summary.mu.Unlock()
	summary.lines = append(summary.lines, fmt.Sprintf(format, args...))
}
