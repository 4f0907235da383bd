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
	fmt.Fprintln(w, "\ntest\tpackages\tsession\t")
	for _, line := range summary.lines {
		fmt.Fprintln(w, line)
	}
	w.Flush()
	os.Exit(code)
}

// ran adds a test that ran, with how long the packages of its client took to install and its session.
func ran(t *testing.T, install, session time.Duration, covered string) {
	outcome := "passed"
	if t.Failed() {
		outcome = "FAILED"
	}
	say(t, "%.1f s\t%.1f s\t%s %s", install.Seconds(), session.Seconds(), outcome, covered)
}

// skip skips a test and says why.
func skip(t *testing.T, why error) {
	t.Helper()
	say(t, "\t\tSKIPPED: %s", strings.Join(strings.Fields(why.Error()), " "))
	t.Skipf("SKIPPED: %v", why)
}

func say(t *testing.T, format string, args ...any) {
	summary.mu.Lock()
	defer summary.mu.Unlock()
	summary.lines = append(summary.lines, strings.TrimPrefix(t.Name(), "Test")+"\t"+fmt.Sprintf(format, args...))
}
