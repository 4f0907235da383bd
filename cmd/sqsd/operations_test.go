package main

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rows are the first two cells of those rows of the tables in docs/operations.md whose first cell matches a pattern
// with one group.
func rows(t *testing.T, first string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	must(t, err)
	cells := map[string]string{}
	pattern := regexp.MustCompile("(?m)^\\| `" + first + "` \\|([^|]*)\\|")
	for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
		cells[m[1]] = strings.Trim(m[2], " `")
	}
	return cells
}

func TestOperationsListEveryFlagWithItsDefault(t *testing.T) {
	listed := rows(t, "--([a-z-]+)")
	inUsage := regexp.MustCompile(`\(default ([^ )]+)\)`)
	new(settings).flags().VisitAll(func(f *flag.Flag) {
		want := f.DefValue
		if m := inUsage.FindStringSubmatch(f.Usage); m != nil && want == "" {
			want = m[1]
		}
		if got, found := listed[f.Name]; !found || got != want {
			t.Errorf("--%s is listed (%v) with default %q, want %q", f.Name, found, got, want)
		}
		delete(listed, f.Name)
	})
	for name := range listed {
		t.Errorf("--%s is listed, but there is no such flag", name)
	}
}

func TestOperationsListEveryMetric(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "1")
	createQueue(t, p.client(), "q") // metrics by action show once there was one
	_, body := p.get(t, "/metrics")
	var shown, listed []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (sqsd_\w+) `).FindAllStringSubmatch(body, -1) {
		shown = append(shown, m[1])
	}
	for name := range rows(t, `(sqsd_\w+)`) {
		listed = append(listed, name)
	}
	slices.Sort(shown)
	slices.Sort(listed)
	if !slices.Equal(shown, listed) {
		t.Errorf("/metrics shows %q, the document lists %q", shown, listed)
	}
}
