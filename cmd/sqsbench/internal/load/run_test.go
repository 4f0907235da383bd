package load

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
	"sqsd/cmd/sqsbench/internal/null"
	"sqsd/wire"
)

// serve starts a null server behind a filter, which may answer a request itself by returning true.
func serve(t *testing.T, filter func(w http.ResponseWriter, r *http.Request) bool) []client.Endpoint {
	t.Helper()
	handler, err := wire.NewHandler(null.NewBackend(null.Options{}), wire.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if filter == nil || !filter(w, r) {
			handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	endpoints, err := client.ParseEndpoints(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return endpoints
}

func config(endpoints []client.Endpoint, mode string) Config {
	return Config{Endpoints: endpoints, Queue: "q", Mode: mode, Clients: 4, Consumers: 4, Body: 100, Count: 400,
		Visibility: 30 * time.Second, Backlog: 100, Timeout: 10 * time.Second, Track: true}
}

func mustRun(t *testing.T, cfg Config) Report {
	t.Helper()
	report, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestModesMoveTheMessagesTheyAreAskedTo(t *testing.T) {
	for _, test := range []struct {
		mode  string
		calls map[string]int64 // exact numbers of calls
		tally *Tally
	}{
		{"send", map[string]int64{"send": 400}, nil},
		{"sendbatch", map[string]int64{"send": 40}, nil},
		{"prefill", map[string]int64{"send": 40}, nil},
		{"loop", map[string]int64{"send": 400, "receive": 400, "delete": 400, "loop": 400}, &Tally{}},
		{"cycle", map[string]int64{"send": 400, "delete": 400}, &Tally{}},
	} {
		t.Run(test.mode, func(t *testing.T) {
			report := mustRun(t, config(serve(t, nil), test.mode))
			if report.Messages != 400 || len(report.Errors) != 0 || report.MessagesPerSecond <= 0 {
				t.Errorf("%d messages, errors %v", report.Messages, report.Errors)
			}
			for name, want := range test.calls {
				if got := report.Latencies[name].Calls; got != want {
					t.Errorf("%d calls of %s, want %d", got, name, want)
				}
			}
			if (report.Tally == nil) != (test.tally == nil) || report.Tally != nil && *report.Tally != *test.tally {
				t.Errorf("tally %+v, want %+v", report.Tally, test.tally)
			}
		})
	}
}

func TestWakeupGivesEveryWaitingReceiverOneMessage(t *testing.T) {
	cfg := config(serve(t, nil), "wakeup")
	cfg.Consumers, cfg.Count = 30, 60
	report := mustRun(t, cfg)
	if report.Messages != 60 || report.EmptyReceives != 0 || *report.Tally != (Tally{}) {
		t.Errorf("%d messages, %d empty receives, tally %+v", report.Messages, report.EmptyReceives, *report.Tally)
	}
	for _, name := range []string{"wake after send's call", "wake after send's answer"} {
		if got := report.Latencies[name].Calls; got != 60 {
			t.Errorf("%d measurements of %q, want 60", got, name)
		}
	}
}

func TestFairMeasuresTheDwellOfAllTenants(t *testing.T) {
	var groups sync.Map
	cfg := config(serve(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.Header.Get("X-Amz-Target"), "SendMessage") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			_, after, _ := strings.Cut(string(body), `"MessageGroupId":"`)
			group, _, _ := strings.Cut(after, `"`)
			groups.Store(group, true)
		}
		return false
	}), "fair")
	cfg.Tenants, cfg.Rate, cfg.Duration, cfg.Hold = 2, 100, 55*time.Millisecond, time.Millisecond
	for _, with := range []bool{true, false} {
		cfg.Groups = with
		groups.Clear()
		report := mustRun(t, cfg)
		quiet, noisy := report.Latencies[DwellQuiet].Calls, report.Latencies[DwellNoisy].Calls
		if noisy != 400 || quiet == 0 || report.Messages != noisy+quiet || *report.Tally != (Tally{}) {
			t.Errorf("%d messages, dwell of %d and %d, tally %+v", report.Messages, noisy, quiet, *report.Tally)
		}
		for _, tenant := range []string{"noisy", "quiet-0", "quiet-1"} {
			if _, seen := groups.Load(tenant); seen != with {
				t.Errorf("with group ids %t: a message of %q was sent: %t", with, tenant, seen)
			}
		}
	}
}

func TestFairsNoisyTenantFailsAndSendsWithADelay(t *testing.T) {
	var releases, delayed, sends atomic.Int64
	cfg := config(serve(t, func(_ http.ResponseWriter, r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch target := r.Header.Get("X-Amz-Target"); {
		case strings.Contains(target, "ChangeMessageVisibility"):
			releases.Add(1)
		case strings.Contains(target, "SendMessage"):
			sends.Add(1)
			if strings.Contains(string(body), `"MessageGroupId":"noisy","DelaySeconds":1`) {
				delayed.Add(1)
			}
		}
		return false
	}), "fair")
	cfg.Tenants, cfg.Rate, cfg.Duration, cfg.Hold, cfg.Groups, cfg.Count = 2, 100, 200*time.Millisecond, time.Millisecond, true, 40
	cfg.Fails = true
	report := mustRun(t, cfg)
	if releases.Load() == 0 || delayed.Load() > 0 || report.Latencies[DwellNoisy].Calls != 40 || *report.Tally != (Tally{}) {
		t.Errorf("%d releases, %d delayed, dwell of %d, tally %+v", releases.Load(), delayed.Load(), report.Latencies[DwellNoisy].Calls,
			*report.Tally)
	}
	cfg.Fails, cfg.Delay = false, time.Second
	sends.Store(0)
	report = mustRun(t, cfg)
	quiet := report.Latencies[DwellQuiet].Calls
	if delayed.Load() == 0 || delayed.Load()+quiet != sends.Load() || report.Latencies[DwellNoisy].Calls != 40 ||
		report.Latencies[DwellNoisy].P50 < 1_000_000 || *report.Tally != (Tally{}) {
		t.Errorf("%d of %d sends delayed, %d of quiet tenants, dwell of %+v, tally %+v", delayed.Load(), sends.Load(), quiet,
			report.Latencies[DwellNoisy], *report.Tally)
	}
}

func TestDrainEmptiesTheQueueAndCountsTheMessages(t *testing.T) {
	endpoints := serve(t, nil)
	mustRun(t, config(endpoints, "prefill"))
	cfg := config(endpoints, "drain")
	report := mustRun(t, cfg)
	if report.Messages != 400 || *report.Tally != (Tally{Foreign: 400}) {
		t.Errorf("drained %d, tally %+v", report.Messages, report.Tally)
	}
	if again := mustRun(t, cfg); again.Messages != 0 {
		t.Errorf("drained %d more", again.Messages)
	}
}

func TestTimedRunStopsAtItsDeadline(t *testing.T) {
	cfg := config(serve(t, nil), "loop")
	cfg.Count, cfg.Warmup, cfg.Duration = 0, 20*time.Millisecond, 80*time.Millisecond
	report := mustRun(t, cfg)
	if report.Seconds != 0.08 || report.Messages == 0 {
		t.Errorf("%d messages in %v s", report.Messages, report.Seconds)
	}
	if *report.Tally != (Tally{}) {
		t.Errorf("tally %+v", *report.Tally)
	}
}

func TestUnavailableServerIsReportedAndPrefillPaysWhatItOwes(t *testing.T) {
	var sends atomic.Int64
	endpoints := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		refuse := strings.HasSuffix(r.Header.Get("X-Amz-Target"), "SendMessageBatch") && sends.Add(1)%4 == 0
		if refuse {
			w.Header().Set("x-amzn-query-error", "ServiceUnavailable;Receiver")
			w.WriteHeader(503)
		}
		return refuse
	})
	report := mustRun(t, config(endpoints, "prefill"))
	if report.Messages != 400 || report.Errors["ServiceUnavailable"] == 0 {
		t.Errorf("%d messages, errors %v", report.Messages, report.Errors)
	}
}

func TestLossAndDuplicateAreFound(t *testing.T) {
	var receives atomic.Int64
	const twice = `{"Messages":[{"MessageId":"twice","ReceiptHandle":"h","Body":"x","MD5OfBody":"y"}]}`
	endpoints := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.Header.Get("X-Amz-Target") {
		case "AmazonSQS.SendMessage":
			if receives.Load() == 0 {
				io.WriteString(w, `{"MessageId":"never stored"}`)
				return true
			}
		case "AmazonSQS.ReceiveMessage":
			if receives.Add(1) <= 2 {
				io.WriteString(w, twice)
				return true
			}
		}
		return false
	})
	cfg := config(endpoints, "loop")
	cfg.Clients, cfg.Count = 1, 5
	report := mustRun(t, cfg)
	if *report.Tally != (Tally{Duplicates: 1, Lost: 1, Foreign: 1}) {
		t.Errorf("tally %+v", *report.Tally)
	}
}

func TestDeadServerEndsTheRun(t *testing.T) {
	dead := []client.Endpoint{{Address: "127.0.0.1:1", Host: "127.0.0.1:1"}}
	if _, err := Run(t.Context(), config(dead, "send")); err == nil || !strings.Contains(err.Error(), "create queue q") {
		t.Errorf("got %v", err)
	}
}

func TestCancelledRunSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	endpoints := serve(t, func(http.ResponseWriter, *http.Request) bool {
		if calls.Add(1) == 10 {
			cancel()
		}
		return false
	})
	cfg := config(endpoints, "send")
	cfg.Count = 1 << 40
	if _, err := Run(ctx, cfg); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestFreshRunLeavesNoQueue(t *testing.T) {
	deleted := false
	cfg := config(serve(t, func(_ http.ResponseWriter, r *http.Request) bool {
		deleted = deleted || r.Header.Get("X-Amz-Target") == "AmazonSQS.DeleteQueue"
		return false
	}), "prefill")
	cfg.Fresh = true
	mustRun(t, cfg)
	if !deleted {
		t.Error("the queue was not deleted")
	}
}

func TestCompareTakesTurnsAndGivesTheRatio(t *testing.T) {
	var order []string
	side := func(name string) []client.Endpoint {
		return serve(t, func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("X-Amz-Target") == "AmazonSQS.CreateQueue" {
				order = append(order, name)
			}
			return false
		})
	}
	a, b := side("a"), side("b")
	got, err := Compare(t.Context(), config(nil, "send"), a, b, 3, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if turns := strings.Join(order, ""); turns != "ababab" {
		t.Errorf("order %s", turns)
	}
	if got.Ratio != got.A.Median/got.B.Median || len(got.RoundRatios) != 3 || got.A.P50 <= 0 {
		t.Errorf("got %+v", got)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"mode":                      func(c *Config) { c.Mode = "sned" },
		"no endpoint":               func(c *Config) { c.Endpoints = nil },
		"no queue":                  func(c *Config) { c.Queue = "" },
		"batch over ten":            func(c *Config) { c.Batch = 11 },
		"no clients":                func(c *Config) { c.Clients = 0 },
		"no body":                   func(c *Config) { c.Body = 0 },
		"batch over a MiB":          func(c *Config) { c.Body, c.Batch = 200_000, 10 },
		"no end":                    func(c *Config) { c.Count = 0 },
		"prefill without count":     func(c *Config) { c.Mode, c.Count, c.Duration = "prefill", 0, time.Second },
		"backlog under the batches": func(c *Config) { c.Mode, c.Backlog = "cycle", 3 },
		"wait over SQS's":           func(c *Config) { c.Wait = 21 * time.Second },
		"no timeout":                func(c *Config) { c.Timeout = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config([]client.Endpoint{{}}, "send")
			if _, err := cfg.check(); err != nil {
				t.Fatal(err)
			}
			spoil(&cfg)
			if _, err := cfg.check(); err == nil {
				t.Error("accepted")
			}
		})
	}
}
