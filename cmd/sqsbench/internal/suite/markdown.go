package suite

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"sqsd/cmd/sqsbench/internal/load"
)

// section is one measured table.
type section struct {
	title, text, command string
	head                 []string
	rows                 [][]string
}

func (s *section) add(cells ...string) { s.rows = append(s.rows, cells) }

// machine is what the figures depend on.
type machine struct {
	cores                    int
	model, kernel, goVersion string
}

func thisMachine() machine {
	return machine{cores: runtime.NumCPU(), model: cpuModel(), kernel: kernel(), goVersion: runtime.Version()}
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	return runtime.GOOS + " " + strings.TrimSpace(string(release))
}

// document is the whole of docs/benchmarks.md.
func document(p *Plan, m machine, sections []section) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Benchmarks

Made by the load generator of this repository, with

    go build -o bin/sqsd ./cmd/sqsd
    go run ./cmd/sqsbench suite --sqsd ./bin/sqsd \
      %s > docs/benchmarks.md

`+"`make bench`"+` measures again, on the machine it runs on and with the suite's defaults, which takes about half an hour.

- Machine: %d cores (%s), %s, %s. The load generator and all servers share it.
- Bodies are 1 KiB of random letters, unsigned requests, HTTP without TLS, one keep-alive connection per client.
- sqsd runs with its defaults: one fsync before every answer, shared by all that wait (group commit).
- The null server is the same HTTP stack and the same JSON front end as sqsd's on messages in memory; the durable one
  appends sends and deletes to one growing file (no preallocation) and waits for its fdatasync, by group commit, before
  it answers.
- A shared machine is faster in one minute than in the next. So both sides of a comparison are measured in turns,
  A B A B …, %d rounds of %v after a warm-up of %v; medians are given, and what counts is the ratio.
- Duplicates are messages delivered while somebody held them or after they were deleted; lost ones were acknowledged and
  never delivered. Send-only loads do not look for either.
- *asked* is what we want: ratios and messages per second at least, times at most.
- MODE is `+"`send`, `sendbatch`, or `loop`"+` for send → receive → delete.
`, p.flags(), m.cores, m.model, m.kernel, m.goVersion, p.Rounds, p.Duration, p.Warmup)
	for _, s := range sections {
		s.write(&b)
	}
	return b.String()
}

func (s *section) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n    %s\n\n", s.title, s.text, s.command)
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(s.head, " | "), strings.Repeat(" --- |", len(s.head)))
	for _, row := range s.rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
}

// rate is messages per second, rounded to what such a measurement can tell.
func rate(perSecond float64) string {
	n := int64(perSecond)
	switch {
	case n >= 10_000:
		n = (n + 50) / 100 * 100
	case n >= 1000:
		n = (n + 5) / 10 * 10
	}
	return number(n)
}

// number writes n with commas between thousands.
func number(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func ms(micros int64) string { return fmt.Sprintf("%.2f", float64(micros)/1000) }

func megabytes(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/1e6) }

func quantiles(r load.Report, call string) string {
	l := r.Latencies[call]
	return ms(l.P50) + " / " + ms(l.P99)
}

// faults sums up what must be nothing over all rounds.
func faults(reports []load.Report) string {
	var errors, duplicates, lost int64
	tracked := false
	for _, r := range reports {
		errors += total(r.Errors)
		if r.Tally != nil {
			tracked = true
			duplicates += r.Tally.Duplicates
			lost += r.Tally.Lost
		}
	}
	if !tracked {
		return fmt.Sprintf("%d, –, –", errors)
	}
	return fmt.Sprintf("%d, %d, %d", errors, duplicates, lost)
}

func total(errors map[string]int64) int64 {
	var sum int64
	for _, n := range errors {
		sum += n
	}
	return sum
}
