package suite

import (
	"context"
	"fmt"
	"time"

	"sqsd/cmd/sqsbench/internal/load"
)

const (
	// fairRate is how many messages a second the consumers together can handle. The noisy tenant sends half again as much
	// as they can while the quiet ones send, so that its backlog outlasts these.
	fairRate    = 667
	fairTenants = 8
	fairEach    = 5 // messages a second of each quiet tenant
)

// measureFair measures how long messages of quiet tenants wait behind the backlog of a noisy one, with message group
// ids and without.
func measureFair(ctx context.Context, p *Plan) (section, error) {
	duration := 4 * p.Duration
	count := int64(fairRate * 3 / 2 * duration.Seconds())
	s := section{
		title: "Fair queues: a tenant's backlog and the others, one node",
		text: fmt.Sprintf("One tenant sends %s messages as fast as it goes. %d others send %d a second each for %v. Consumers "+
			"receive one message at a time and hold it before they delete it, at most %d messages a second in all. Dwell is "+
			"the time from the call of the send to the answer of the receive: with message group ids that name the tenants, "+
			"and without.", number(count), fairTenants, fairEach, duration, fairRate),
		command: fmt.Sprintf("sqsbench --mode fair --count %d --tenants %d --rate %d --duration %v --consumers N "+
			"--hold HOLD --groups=BOOL", count, fairTenants, fairEach, duration),
		head: []string{"consumers", "hold", "quiet tenants' dwell p50 / p99 ms", "without group ids", "p99 without / with",
			"noisy tenant's dwell p50 / p99 ms", "without group ids", "errors, duplicates, lost"},
	}
	sqsd, err := p.single(ctx, "sqsd")
	if err != nil {
		return s, err
	}
	defer killAll([]*server{sqsd})
	for _, consumers := range []int{4, 16, 64} {
		hold := time.Duration(consumers) * time.Second / fairRate
		cfg := p.config("fair")
		cfg.Endpoints, cfg.Fresh, cfg.Batch, cfg.Consumers, cfg.Hold = endpoints(sqsd), true, 10, consumers, hold
		cfg.Count, cfg.Tenants, cfg.Rate, cfg.Duration = count, fairTenants, fairEach, duration
		var sides []load.Report
		for _, groups := range []bool{true, false} {
			cfg.Groups, cfg.Queue = groups, fmt.Sprintf("fair-%d-%t", consumers, groups)
			r, err := load.Run(ctx, cfg)
			if err != nil {
				return s, err
			}
			sides = append(sides, r)
		}
		with, without := sides[0], sides[1]
		ratio := float64(without.Latencies[load.DwellQuiet].P99) / float64(with.Latencies[load.DwellQuiet].P99)
		s.add(fmt.Sprint(consumers), hold.Round(time.Millisecond).String(), quantiles(with, load.DwellQuiet),
			quantiles(without, load.DwellQuiet), fmt.Sprintf("**%.1f**", ratio), quantiles(with, load.DwellNoisy),
			quantiles(without, load.DwellNoisy), faults(sides))
	}
	return s, nil
}
