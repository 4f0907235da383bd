package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Report is the result of a run.
type Report struct {
	Mode      string   `json:"mode"`
	Endpoints []string `json:"endpoints"`
	Queue     string   `json:"queue"`
	Clients   int      `json:"clients"`
	Consumers int      `json:"consumers,omitzero"`
	BodyBytes int      `json:"body_bytes"`
	Batch     int      `json:"batch"`
	// Seconds is the length of the measured part.
	Seconds float64 `json:"seconds"`
	// Messages went through in it: sent, or for modes that delete, deleted.
	Messages          int64   `json:"messages"`
	MessagesPerSecond float64 `json:"messages_per_second"`
	// FirstFifthPerSecond and LastFifthPerSecond are the rates at the start and the end of a drain.
	FirstFifthPerSecond float64            `json:"first_fifth_per_second,omitzero"`
	LastFifthPerSecond  float64            `json:"last_fifth_per_second,omitzero"`
	Latencies           map[string]Latency `json:"latencies"`
	// Errors counts failed calls and refused batch entries by code.
	Errors        map[string]int64 `json:"errors"`
	EmptyReceives int64            `json:"empty_receives"`
	// Tally is nil if messages were not tracked.
	Tally *Tally `json:"tally,omitzero"`
	// ClientCPUSeconds is the CPU time of the load generator itself.
	ClientCPUSeconds float64 `json:"client_cpu_seconds"`
}

// Latency summarizes the calls of one kind, in microseconds.
type Latency struct {
	Calls    int64 `json:"calls"`
	Messages int64 `json:"messages"`
	P50      int64 `json:"p50_us"`
	P99      int64 `json:"p99_us"`
	P999     int64 `json:"p999_us"`
	Max      int64 `json:"max_us"`
}

func (r *run) report(seen watched) Report {
	sum := newRecorder(&r.live)
	var last time.Time
	for _, w := range r.workers {
		sum.add(w.rec)
		if w.last.After(last) {
			last = w.last
		}
	}
	out := Report{
		Mode: r.mode.name, Queue: r.cfg.Queue, Clients: r.cfg.Clients, BodyBytes: r.cfg.Body, Batch: r.cfg.Batch,
		Messages:         sum.messages[r.mode.measures],
		Latencies:        make(map[string]Latency),
		Errors:           sum.errors,
		EmptyReceives:    sum.empty,
		ClientCPUSeconds: seen.cpu.Seconds(),
	}
	for _, e := range r.cfg.Endpoints {
		out.Endpoints = append(out.Endpoints, e.String())
	}
	if r.mode.name == "cycle" || r.mode.name == "wakeup" || r.mode.name == "fair" {
		out.Consumers = r.cfg.Consumers
	}
	if out.Messages > 0 {
		out.Seconds = last.Sub(r.measureFrom).Seconds()
		if !r.deadline.IsZero() && r.ctx.Err() != nil {
			out.Seconds = r.cfg.Duration.Seconds()
		}
		out.MessagesPerSecond = float64(out.Messages) / out.Seconds
	}
	if r.mode.name == "drain" {
		out.FirstFifthPerSecond, out.LastFifthPerSecond = fifths(seen.samples)
	}
	for op, h := range sum.latencies {
		if h != nil && h.TotalCount() > 0 {
			out.Latencies[operationNames[op]] = summarize(h, sum.messages[op])
		}
	}
	return out
}

func summarize(h *hdrhistogram.Histogram, messages int64) Latency {
	return Latency{
		Calls: h.TotalCount(), Messages: messages,
		P50: h.ValueAtQuantile(50), P99: h.ValueAtQuantile(99), P999: h.ValueAtQuantile(99.9), Max: h.Max(),
	}
}

// WriteJSON writes the report as one indented JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	err := json.MarshalWrite(w, r, json.Deterministic(true), jsontext.WithIndent("  "))
	if err == nil {
		_, err = io.WriteString(w, "\n")
	}
	return err
}

// WriteTable writes the report for people.
func (r *Report) WriteTable(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\tclients %d", r.Mode, r.Clients)
	if r.Consumers > 0 {
		fmt.Fprintf(t, ", consumers %d", r.Consumers)
	}
	fmt.Fprintf(t, ", body %d bytes, batch %d, queue %s at %s\n",
		r.BodyBytes, r.Batch, r.Queue, strings.Join(r.Endpoints, ", "))
	fmt.Fprintf(t, "messages\t%d in %.2f s\n", r.Messages, r.Seconds)
	fmt.Fprintf(t, "throughput\t%.0f msgs/s\n", r.MessagesPerSecond)
	if r.FirstFifthPerSecond > 0 {
		fmt.Fprintf(t, "first, last fifth\t%.0f, %.0f msgs/s\n", r.FirstFifthPerSecond, r.LastFifthPerSecond)
	}
	fmt.Fprintf(t, "client CPU\t%.2f s, %.1f µs a message\n",
		r.ClientCPUSeconds, 1e6*r.ClientCPUSeconds/float64(max(1, r.Messages)))
	if err := t.Flush(); err != nil {
		return err
	}

	t = tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\ncall\tcalls\tmessages\tp50 ms\tp99 ms\tp99.9 ms\tmax ms\t\n")
	for _, name := range slices.Sorted(maps.Keys(r.Latencies)) {
		l := r.Latencies[name]
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t\n", name, l.Calls, l.Messages, ms(l.P50), ms(l.P99), ms(l.P999), ms(l.Max))
	}
	if err := t.Flush(); err != nil {
		return err
	}

	fmt.Fprintf(out, "\nempty receives %d, errors %s\n", r.EmptyReceives, describe(r.Errors))
	if r.Tally != nil {
		fmt.Fprintf(out, "duplicates %d, lost %d, foreign %d\n", r.Tally.Duplicates, r.Tally.Lost, r.Tally.Foreign)
	}
	return nil
}

func ms(micros int64) string { return fmt.Sprintf("%.2f", float64(micros)/1000) }

func describe(errors map[string]int64) string {
	if len(errors) == 0 {
		return "none"
	}
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(errors)) {
		parts = append(parts, fmt.Sprintf("%d %s", errors[code], code))
	}
	return strings.Join(parts, ", ")
}
