package load

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sqsd/cmd/sqsbench/internal/client"
)

// Comparison is two servers measured in turns, A B A B …, because a shared machine is faster in one minute than in the
// next: what counts is the ratio.
type Comparison struct {
	A Side `json:"a"`
	B Side `json:"b"`
	// Ratio is A's median throughput over B's. RoundRatios are those of each round.
	Ratio       float64   `json:"ratio"`
	RoundRatios []float64 `json:"round_ratios"`
}

// Side is one of the two.
type Side struct {
	Endpoints []string `json:"endpoints"`
	// Median is the median of the rounds' throughputs, in messages per second.
	Median float64 `json:"median_messages_per_second"`
	// P50 and P99 are medians of the rounds' quantiles, in microseconds, of the mode's main call.
	P50    int64    `json:"p50_us"`
	P99    int64    `json:"p99_us"`
	Rounds []Report `json:"rounds"`
}

// Compare measures the same load on both sides for a number of rounds, each round on a queue of its own.
func Compare(ctx context.Context, cfg Config, a, b []client.Endpoint, rounds int, progress func(string)) (Comparison, error) {
	var c Comparison
	if rounds < 1 {
		return c, fmt.Errorf("%d rounds, want at least 1", rounds)
	}
	queue := cfg.Queue
	for round := range rounds {
		cfg.Queue = fmt.Sprintf("%s-%d", queue, round)
		for _, side := range []struct {
			endpoints []client.Endpoint
			into      *Side
		}{{a, &c.A}, {b, &c.B}} {
			cfg.Endpoints = side.endpoints
			report, err := Run(ctx, cfg)
			if err != nil {
				return c, err
			}
			side.into.Rounds = append(side.into.Rounds, report)
			progress(fmt.Sprintf("round %d of %d, %s: %.0f msgs/s",
				round+1, rounds, report.Endpoints[0], report.MessagesPerSecond))
		}
		c.RoundRatios = append(c.RoundRatios, c.A.Rounds[round].MessagesPerSecond/c.B.Rounds[round].MessagesPerSecond)
	}
	c.A.summarize()
	c.B.summarize()
	c.Ratio = c.A.Median / c.B.Median
	return c, nil
}

func (s *Side) summarize() {
	s.Endpoints = s.Rounds[0].Endpoints
	s.Median = median(s.Rounds, func(r Report) float64 { return r.MessagesPerSecond })
	s.P50 = int64(median(s.Rounds, func(r Report) float64 { return float64(r.main().P50) }))
	s.P99 = int64(median(s.Rounds, func(r Report) float64 { return float64(r.main().P99) }))
}

// main is the latency that stands for the run: of the whole loop, of sends, or else of receives.
func (r *Report) main() Latency {
	for _, op := range []operation{opLoop, opSend, opReceive} {
		if l, ok := r.Latencies[operationNames[op]]; ok {
			return l
		}
	}
	return Latency{}
}

func median(rounds []Report, of func(Report) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = of(r)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2
	}
	return values[middle]
}

// WriteJSON writes the comparison with all its rounds as one indented JSON object.
func (c *Comparison) WriteJSON(w io.Writer) error {
	err := json.MarshalWrite(w, c, json.Deterministic(true), jsontext.WithIndent("  "))
	if err == nil {
		_, err = io.WriteString(w, "\n")
	}
	return err
}

// WriteTable writes the medians and the ratio for people.
func (c *Comparison) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tmsgs/s (median)\tp50 ms\tp99 ms\terrors\tduplicates\tlost\t\n")
	for _, side := range []*Side{&c.A, &c.B} {
		var errors int64
		var tally Tally
		for _, r := range side.Rounds {
			for _, n := range r.Errors {
				errors += n
			}
			if r.Tally != nil {
				tally.Duplicates += r.Tally.Duplicates
				tally.Lost += r.Tally.Lost
			}
		}
		fmt.Fprintf(t, "%s\t%.0f\t%s\t%s\t%d\t%d\t%d\t\n", side.Endpoints[0], side.Median, ms(side.P50), ms(side.P99),
			errors, tally.Duplicates, tally.Lost)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "ratio of medians %.2f, of the rounds %.2f\n", c.Ratio, c.RoundRatios)
	return err
}
