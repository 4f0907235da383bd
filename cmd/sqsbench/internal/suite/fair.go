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
	fairDelay   = 2 * time.Second
)

// fairCase is one row: how many consumers, and what the noisy tenant does.
type fairCase struct {
	consumers int
	noisy     string
	fails     bool
	delay     time.Duration
}

var fairCases = []fairCase{
	{consumers: 4, noisy: "has a backlog"},
	{consumers: 16, noisy: "has a backlog"},
	{consumers: 64, noisy: "has a backlog"},
	{consumers: 16, noisy: "has a backlog, and its messages fail and come back at once", fails: true},
	{consumers: 16, noisy: fmt.Sprintf("sends its backlog with a delay of %v", fairDelay), delay: fairDelay},
}

// measureFair measures how long messages of quiet tenants wait behind the backlog of a noisy one, with message group
// ids and without.
func measureFair(ctx context.Context, p *Plan) (section, error) {
	duration := 4 * p.Duration
	count := int64(fairRate * 3 / 2 * duration.Seconds())
	s := section{
		title: "Fair queues: a tenant's backlog and the others, one node",
		text: fmt.Sprintf("One tenant sends %s messages as fast as it goes. %d others send %d a second each for %v. Consumers "+
			"receive one message at a time and hold it before they delete it, at most %d messages a second in all. Messages that "+
			"fail do so as long as anybody sends. Dwell is the time from the call of the send to the first receive's answer: with "+
			"message group ids that name the tenants, and without.", number(count), fairTenants, fairEach, duration, fairRate),
		command: fmt.Sprintf("sqsbench --mode fair --count %d --tenants %d --rate %d --duration %v --consumers N "+
			"--hold HOLD --fails=BOOL --delay DELAY --groups=BOOL", count, fairTenants, fairEach, duration),
		head: []string{"consumers", "hold", "noisy tenant", "quiet tenants' dwell p50 / p99 ms", "without group ids",
			"p99 without / with", "noisy tenant's dwell p50 / p99 ms", "without group ids", "errors, duplicates, lost"},
	}
	sqsd, err := p.single(ctx, "sqsd")
	if err != nil {
		return s, err
	}
	defer killAll([]*server{sqsd})
	for i, c := range fairCases {
		hold := time.Duration(c.consumers) * time.Second / fairRate
		cfg := p.config("fair")
		cfg.Endpoints, cfg.Fresh, cfg.Batch, cfg.Consumers, cfg.Hold = endpoints(sqsd), true, 10, c.consumers, hold
		cfg.Count, cfg.Tenants, cfg.Rate, cfg.Duration = count, fairTenants, fairEach, duration
		cfg.Fails, cfg.Delay = c.fails, c.delay
		var sides []load.Report
		for _, groups := range []bool{true, false} {
			cfg.Groups, cfg.Queue = groups, fmt.Sprintf("fair-%d-%t", i, groups)
			r, err := load.Run(ctx, cfg)
			if err != nil {
				return s, err
			}
			sides = append(sides, r)
		}
		with, without := sides[0], sides[1]
		ratio := float64(without.Latencies[load.DwellQuiet].P99) / float64(with.Latencies[load.DwellQuiet].P99)
		s.add(fmt.Sprint(c.consumers), hold.Round(time.Millisecond).String(), c.noisy, quantiles(with, load.DwellQuiet),
			quantiles(without, load.DwellQuiet), fmt.Sprintf("**%.1f**", ratio), quantiles(with, load.DwellNoisy),
			quantiles(without, load.DwellNoisy), faults(sides))
	}
	return s, nil
}
