package load

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

var rewrite = flag.Bool("rewrite", false, "rewrite golden files")

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func sampleReport() Report {
	return Report{
		Mode: "cycle", Endpoints: []string{"http://a:1", "http://b:2"}, Queue: "q", Clients: 4, Consumers: 8, BodyBytes: 1024, Batch: 1,
		Seconds: 2.5, Messages: 1000, MessagesPerSecond: 400,
		Latencies: map[string]Latency{
			"send":    {Calls: 1000, Messages: 1000, P50: 1500, P99: 3000, P999: 4500, Max: 5001},
			"receive": {Calls: 1010, Messages: 1000, P50: 20, P99: 30, P999: 45, Max: 1000000},
		},
		Errors: map[string]int64{"ServiceUnavailable": 2, "connection": 1}, EmptyReceives: 10,
		Tally: &Tally{Duplicates: 1, Lost: 2, Foreign: 3}, ClientCPUSeconds: 0.5,
	}
}

func TestReportGolden(t *testing.T) {
	report := sampleReport()
	var asJSON, asTable bytes.Buffer
	if err := report.WriteJSON(&asJSON); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", asJSON.Bytes())
	if err := report.WriteTable(&asTable); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", asTable.Bytes())
}

func TestComparisonGolden(t *testing.T) {
	c := Comparison{
		A: Side{Endpoints: []string{"http://a:1"}, Median: 300, P50: 10, P99: 20, Rounds: []Report{sampleReport(), sampleReport()}},
		B: Side{Endpoints: []string{"http://b:1"}, Median: 400, P50: 11, P99: 21, Rounds: []Report{{Errors: map[string]int64{}}}},
	}
	c.Ratio, c.RoundRatios = 0.75, []float64{0.7, 0.8}
	var table bytes.Buffer
	if err := c.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	golden(t, "comparison.txt", table.Bytes())
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{{[]float64{7}, 7}, {[]float64{9, 1}, 5}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		var rounds []Report
		for _, v := range test.values {
			rounds = append(rounds, Report{MessagesPerSecond: v})
		}
		if got := median(rounds, func(r Report) float64 { return r.MessagesPerSecond }); got != test.want {
			t.Errorf("median of %v is %v, want %v", test.values, got, test.want)
		}
	}
}

func TestRecorderKeepsQuantilesThroughAMerge(t *testing.T) {
	var l live
	one, two := newRecorder(&l), newRecorder(&l)
	for i := range 1000 {
		one.done(opSend, time.Duration(i+1)*time.Microsecond, 1)
		two.done(opSend, time.Duration(i+1001)*time.Microsecond, 2)
	}
	two.failed("X", 3)
	sum := newRecorder(&l)
	sum.add(one)
	sum.add(two)
	got := summarize(sum.latencies[opSend], sum.messages[opSend])
	if got.Calls != 2000 || got.Messages != 3000 || sum.errors["X"] != 3 {
		t.Errorf("got %+v, errors %v", got, sum.errors)
	}
	for name, quantile := range map[string]struct{ got, want int64 }{
		"p50": {got.P50, 1000}, "p99": {got.P99, 1980}, "p99.9": {got.P999, 1998}, "max": {got.Max, 2000},
	} {
		if diff := quantile.got - quantile.want; diff < -2 || diff > 2 {
			t.Errorf("%s is %d, want %d", name, quantile.got, quantile.want)
		}
	}
	if l.messages[opSend].Load() != 3000 || l.errors.Load() != 3 {
		t.Error("the live counters do not have the sum")
	}
}

func TestRecorderClampsToItsRange(t *testing.T) {
	r := newRecorder(&live{})
	for _, d := range []time.Duration{-time.Second, 0, time.Hour} {
		r.done(opWakeSent, d, 1)
	}
	h := r.latencies[opWakeSent]
	if h.Min() != lowest || !near(h, h.Max(), highest) {
		t.Errorf("min %d, max %d", h.Min(), h.Max())
	}
}

func near(h *hdrhistogram.Histogram, a, b int64) bool { return h.ValuesAreEquivalent(a, b) }

func TestResetForgetsTheWarmUp(t *testing.T) {
	r := newRecorder(&live{})
	r.done(opSend, time.Second, 5)
	r.failed("X", 1)
	r.empty = 3
	r.reset()
	sum := newRecorder(&live{})
	sum.add(r)
	if sum.latencies[opSend].TotalCount() != 0 || sum.messages[opSend] != 0 || len(sum.errors) != 0 || sum.empty != 0 {
		t.Errorf("left over: %+v", sum)
	}
}

func TestFifths(t *testing.T) {
	samples := []sample{{0, 0}, {1 * s, 200}, {2 * s, 400}, {6 * s, 800}, {8 * s, 1000}, {9 * s, 1000}}
	first, last := fifths(samples)
	if first != 200 || last != 100 {
		t.Errorf("got %v and %v, want 200 and 100", first, last)
	}
	if first, last := fifths(nil); first != 0 || last != 0 {
		t.Errorf("of nothing: %v and %v", first, last)
	}
}
