package suite

import (
	"context"
	"fmt"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
	"sqsd/cmd/sqsbench/internal/load"
)

// backlog is what a long queue does to a server.
type backlog struct {
	fillRate        float64
	filled, peak    int64 // resident memory with the queue full, and at most from the filling to the end of the drain
	restart         time.Duration
	first, last     float64 // drain rates
	drained, errors int64
}

// measureBacklog fills a queue, kills and restarts the server, and drains the queue; then once more after many
// messages have passed through it.
func measureBacklog(ctx context.Context, p *Plan) (section, error) {
	s := section{
		title: fmt.Sprintf("A backlog of %s messages of 1 KiB, one node", number(p.Backlog)),
		text: "The queue is filled with batches, the process is killed with -9 and started again (time from the start of the " +
			"process to the first message received), and the queue is drained with batches by 16 clients. Memory is the " +
			"resident set of the process.",
		command: fmt.Sprintf("sqsbench --mode prefill --count %d --track=false; sqsbench --mode drain --track=false", p.Backlog),
		head:    []string{"", "asked", "fresh queue", "after " + number(p.Passed) + " messages"},
	}
	sqsd, err := p.single(ctx, "sqsd")
	if err != nil {
		return s, err
	}
	defer killAll([]*server{sqsd})
	fresh, err := p.fillAndDrain(ctx, sqsd)
	if err != nil {
		return s, err
	}
	cycle := p.backlogConfig(sqsd, "cycle")
	cycle.Clients, cycle.Consumers, cycle.Batch, cycle.Count, cycle.Duration, cycle.Warmup = 8, 8, 10, p.Passed, 0, 0
	if _, err := load.Run(ctx, cycle); err != nil {
		return s, err
	}
	used, err := p.fillAndDrain(ctx, sqsd)
	if err != nil {
		return s, err
	}
	row := func(name, asked string, of func(backlog) string) { s.add(name, asked, of(fresh), of(used)) }
	row("fill, msgs/s", "", func(b backlog) string { return rate(b.fillRate) })
	row("resident memory, queue full, MB", "< 400", func(b backlog) string { return megabytes(b.filled) })
	row("resident memory, peak from fill to drain, MB", "< 400", func(b backlog) string { return megabytes(b.peak) })
	row("restart to first message, s", "< 3", func(b backlog) string { return fmt.Sprintf("%.2f", b.restart.Seconds()) })
	row("drain, first fifth, msgs/s", "", func(b backlog) string { return rate(b.first) })
	row("drain, last fifth, msgs/s", "", func(b backlog) string { return rate(b.last) })
	row("last fifth / first fifth", "≥ 0.8", func(b backlog) string { return fmt.Sprintf("**%.2f**", b.last/b.first) })
	row("messages drained", number(p.Backlog), func(b backlog) string { return number(b.drained) })
	row("errors", "0", func(b backlog) string { return number(b.errors) })
	return s, nil
}

func (p *Plan) backlogConfig(s *server, mode string) load.Config {
	cfg := p.config(mode)
	cfg.Queue, cfg.Endpoints, cfg.Track = "backlog", endpoints(s), false
	return cfg
}

func (p *Plan) fillAndDrain(ctx context.Context, s *server) (backlog, error) {
	var b backlog
	fill := p.backlogConfig(s, "prefill")
	fill.Count = p.Backlog
	filled, err := load.Run(ctx, fill)
	if err != nil {
		return b, err
	}
	b.fillRate = filled.MessagesPerSecond
	if b.filled, b.peak, err = s.memory(); err != nil {
		return b, err
	}
	if b.restart, err = s.restart(ctx, "backlog"); err != nil {
		return b, err
	}
	drain := p.backlogConfig(s, "drain")
	// The message that the restart was measured with is hidden for a second.
	drain.Wait = 2 * time.Second
	drained, err := load.Run(ctx, drain)
	if err != nil {
		return b, err
	}
	b.first, b.last, b.drained = drained.FirstFifthPerSecond, drained.LastFifthPerSecond, drained.Messages
	b.errors = total(filled.Errors) + total(drained.Errors)
	_, peak, err := s.memory()
	b.peak = max(b.peak, peak)
	return b, err
}

// restart kills the process, starts it again and returns how long it took to deliver a message of the queue.
func (s *server) restart(ctx context.Context, queue string) (time.Duration, error) {
	if err := s.kill(); err != nil {
		return 0, err
	}
	if err := s.start(); err != nil {
		return 0, err
	}
	return s.await(ctx, func(c *client.Client) error {
		if err := c.UseQueue(queue); err != nil {
			return err
		}
		got, err := c.Receive(1, 0, time.Second, nil)
		if err == nil && len(got) == 0 {
			return fmt.Errorf("queue %s is empty", queue)
		}
		return err
	})
}
