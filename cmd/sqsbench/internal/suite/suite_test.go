package suite

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sqsd/cmd/sqsbench/internal/load"
	"sqsd/cmd/sqsbench/internal/null"
)

var rewrite = flag.Bool("rewrite", false, "rewrite golden files")

// childVariable makes the test binary serve as both programs of a plan: sqsd and the null server.
const childVariable = "SQSBENCH_SUITE_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		fmt.Fprintln(os.Stderr, beServer(os.Args[1:]))
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// beServer serves from memory at the address that follows --listen.
func beServer(args []string) error {
	for i, arg := range args {
		if arg == "--listen" {
			listener, err := net.Listen("tcp", args[i+1])
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			return null.Serve(ctx, listener, null.NewBackend(null.Options{}))
		}
	}
	return fmt.Errorf("no --listen in %v", args)
}

func plan(t *testing.T) Plan {
	t.Setenv(childVariable, "1")
	return Plan{Sqsd: os.Args[0], Self: os.Args[0], Dir: t.TempDir(), Rounds: 1, Duration: 50 * time.Millisecond, Progress: func(string) {}}
}

func TestSuiteStartsServersMeasuresAndWritesTables(t *testing.T) {
	p := plan(t)
	p.Parts = []string{"ratio", "wakeup", "fair"}
	got, err := Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Benchmarks\n", "## One node against the durable null server\n", "| SendMessageBatch of ten, 16 clients | ",
		"## Long polls waking up, one node\n", "| 30 | 30 | ",
		"## Fair queues: a tenant's backlog and the others, one node\n", "| 4 | 6ms | ", "| 64 | 96ms | ",
		"come back at once |", "with a delay of 2s |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the document lacks %q:\n%s", want, got)
		}
	}
}

func TestServerThatEndsIsReportedWithItsLog(t *testing.T) {
	p := plan(t)
	_, err := p.launch(t.Context(), "broken", "127.0.0.1:1", p.Sqsd, "no address")
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), p.data("broken.log")) {
		t.Errorf("got %v", err)
	}
}

func TestUnknownPartIsRefused(t *testing.T) {
	p := plan(t)
	p.Parts = []string{"ratoi"}
	if _, err := Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), Parts()) {
		t.Errorf("got %v", err)
	}
}

func TestKilledServerIsGone(t *testing.T) {
	p := plan(t)
	s, err := p.single(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if now, peak, err := s.memory(); err != nil || now <= 0 || peak < now {
		t.Errorf("memory %d, peak %d, %v", now, peak, err)
	}
	if err := s.kill(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", s.endpoint.Address); err == nil {
		conn.Close()
		t.Error("the killed server accepts connections")
	}
	if err := s.kill(); err != nil {
		t.Errorf("second kill: %v", err)
	}
}

func TestMemoryOfAProcessStatus(t *testing.T) {
	now, peak, err := memoryOf("Name:\tsqsd\nVmHWM:\t  300 kB\nVmRSS:\t     200 kB\nThreads:\t9\n")
	if now != 200<<10 || peak != 300<<10 || err != nil {
		t.Errorf("got %d, %d, %v", now, peak, err)
	}
	for _, bad := range []string{"", "VmRSS:\t1 kB\n", "VmHWM:\tmany kB\nVmRSS:\t1 kB\n"} {
		if _, _, err := memoryOf(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestDocumentGolden(t *testing.T) {
	s := section{title: "Title", text: "Text.", command: "sqsbench", head: []string{"load", "msgs/s"}}
	s.add("send", rate(12345))
	s.add("loop", rate(999))
	p := Plan{Rounds: 3, Duration: 4 * time.Second, Warmup: time.Second, Backlog: 1000, Passed: 9000,
		Parts: []string{"ratio", "fair"}}
	got := document(&p, machine{2, "Processor", "linux 6.1", "go1.26"}, []section{s})
	path := filepath.Join("testdata", "document.md")
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s", got)
	}
}

func TestNumbersAreRoundedAndGrouped(t *testing.T) {
	for rounded, want := range map[float64]string{0: "0", 999.6: "999", 1234: "1,230", 9999: "10,000", 12345: "12,300", 1234567: "1,234,600"} {
		if got := rate(rounded); got != want {
			t.Errorf("rate(%v) = %s, want %s", rounded, got, want)
		}
	}
}

func TestFaultsAddUpOverRounds(t *testing.T) {
	tracked := load.Report{Errors: map[string]int64{"a": 1, "b": 2}, Tally: &load.Tally{Duplicates: 1, Lost: 2, Foreign: 9}}
	if got := faults([]load.Report{tracked, tracked}); got != "6, 2, 4" {
		t.Errorf("got %s", got)
	}
	if got := faults([]load.Report{{Errors: map[string]int64{"a": 1}}}); got != "1, –, –" {
		t.Errorf("untracked: got %s", got)
	}
}
