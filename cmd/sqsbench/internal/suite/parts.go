package suite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sqsd/cmd/sqsbench/internal/load"
)

// measureRatios compares one sqsd with the durable null server.
func measureRatios(ctx context.Context, p *Plan) (section, error) {
	s := section{
		title: "One node against the durable null server",
		text: "sqsd with its defaults: every change is in the log and synced before it is answered, visibility and receive " +
			"counts included. The durable null server logs sends and deletes, but not receives.",
		command: fmt.Sprintf("sqsbench compare --a SQSD --b NULL --mode MODE --clients N --rounds %d --duration %v --warmup %v",
			p.Rounds, p.Duration, p.Warmup),
		head: []string{"load", "sqsd msgs/s", "null msgs/s", "ratio", "asked", "ratio in each round",
			"sqsd p50 / p99 ms", "null p50 / p99 ms", "sqsd errors, duplicates, lost"},
	}
	for _, row := range []struct {
		load, mode string
		clients    int
		asked      float64
	}{
		{"SendMessage, 64 clients", "send", 64, 0.5},
		{"send → receive → delete on one queue, 64 clients", "loop", 64, 0.5},
		{"SendMessageBatch of ten, 16 clients", "sendbatch", 16, 0.4},
		{"SendMessage, 1 client", "send", 1, 0},
	} {
		c, err := p.compare(ctx, row.mode, row.clients)
		if err != nil {
			return s, err
		}
		asked := ""
		if row.asked > 0 {
			asked = fmt.Sprintf("%.1f", row.asked)
		}
		s.add(row.load, rate(c.A.Median), rate(c.B.Median), fmt.Sprintf("**%.2f**", c.Ratio), asked,
			fmt.Sprintf("%.2f", c.RoundRatios), ms(c.A.P50)+" / "+ms(c.A.P99), ms(c.B.P50)+" / "+ms(c.B.P99), faults(c.A.Rounds))
	}
	return s, nil
}

// compare measures a load on a fresh sqsd and a fresh null server.
func (p *Plan) compare(ctx context.Context, mode string, clients int) (load.Comparison, error) {
	sqsd, err := p.single(ctx, "sqsd")
	if err != nil {
		return load.Comparison{}, err
	}
	defer killAll([]*server{sqsd})
	null, err := p.durableNull(ctx)
	if err != nil {
		return load.Comparison{}, err
	}
	defer killAll([]*server{null})
	cfg := p.config(mode)
	cfg.Clients, cfg.Fresh = clients, true
	return load.Compare(ctx, cfg, endpoints(sqsd), endpoints(null), p.Rounds, p.Progress)
}

// measureConsumers shows that more consumers do not make a queue slower.
func measureConsumers(ctx context.Context, p *Plan) (section, error) {
	s := section{
		title: "Producers and consumers apart, one queue",
		text: "16 producers, at most 2,000 messages ahead of the consumers; each consumer receives one message and deletes " +
			"it. Messages that were deleted, per second.",
		command: fmt.Sprintf("sqsbench --mode cycle --clients 16 --consumers N --duration %v --warmup %v", p.Duration, p.Warmup),
		head:    []string{"consumers", "msgs/s", "receive p50 / p99 ms", "errors, duplicates, lost"},
	}
	sqsd, err := p.single(ctx, "sqsd")
	if err != nil {
		return s, err
	}
	defer killAll([]*server{sqsd})
	counts := []int{1, 4, 16, 64}
	reports := make(map[int][]load.Report)
	for range p.Rounds {
		for _, consumers := range counts {
			cfg := p.config("cycle")
			cfg.Consumers, cfg.Fresh, cfg.Endpoints = consumers, true, endpoints(sqsd)
			cfg.Queue = fmt.Sprintf("cycle-%d-%d", consumers, len(reports[consumers]))
			report, err := load.Run(ctx, cfg)
			if err != nil {
				return s, err
			}
			reports[consumers] = append(reports[consumers], report)
		}
	}
	for _, consumers := range counts {
		r := middle(reports[consumers])
		s.add(fmt.Sprint(consumers), rate(r.MessagesPerSecond), quantiles(r, "receive"), faults(reports[consumers]))
	}
	return s, nil
}

// measureCluster measures three nodes on this machine.
func measureCluster(ctx context.Context, p *Plan) (section, error) {
	s := section{
		title: "Three nodes on this machine",
		text: "All three processes share the cores and the disk with the load generator; clients are spread over all nodes. " +
			"A send is answered when two nodes have it on disk.",
		command: fmt.Sprintf("sqsbench --endpoint NODE1,NODE2,NODE3 --mode MODE --clients N --duration %v --warmup %v", p.Duration, p.Warmup),
		head:    []string{"load", "msgs/s", "asked", "p50 / p99 ms", "errors, duplicates, lost"},
	}
	nodes, err := p.cluster(ctx, 3)
	if err != nil {
		return s, err
	}
	defer killAll(nodes)
	for _, row := range []struct {
		load, mode, call, asked string
		clients                 int
	}{
		{"SendMessage, 64 clients", "send", "send", "7,000", 64},
		{"SendMessage, 1 client", "send", "send", "", 1},
		{"send → receive → delete on one queue, 64 clients", "loop", "loop", "", 64},
		{"SendMessageBatch of ten, 16 clients", "sendbatch", "send", "", 16},
	} {
		var reports []load.Report
		for round := range p.Rounds {
			cfg := p.config(row.mode)
			cfg.Clients, cfg.Fresh, cfg.Endpoints = row.clients, true, endpoints(nodes...)
			cfg.Queue = fmt.Sprintf("%s-%d-%d", row.mode, row.clients, round)
			report, err := load.Run(ctx, cfg)
			if err != nil {
				return s, err
			}
			reports = append(reports, report)
		}
		r := middle(reports)
		s.add(row.load, rate(r.MessagesPerSecond), row.asked, quantiles(r, row.call), faults(reports))
	}
	return s, nil
}

// measureWakeup measures how long a waiting receive takes to notice a send.
func measureWakeup(ctx context.Context, p *Plan) (section, error) {
	s := section{
		title: "Long polls waking up, one node",
		text: "All receivers wait in a long poll for one message each, then as many messages are sent. From the answer of a send " +
			"(when the message is durable) to the answer of the receive that got it, and from the call of the send.",
		command: fmt.Sprintf("sqsbench --mode wakeup --clients SENDERS --consumers RECEIVERS --duration %v", p.Duration),
		head: []string{"receivers", "senders", "messages", "after the send's answer p50 / p99 ms", "asked p99",
			"after its call p50 / p99 ms", "receivers left without a message", "errors, duplicates, lost"},
	}
	sqsd, err := p.single(ctx, "sqsd")
	if err != nil {
		return s, err
	}
	defer killAll([]*server{sqsd})
	for _, n := range []struct{ receivers, senders int }{{1, 1}, {30, 1}, {30, 30}} {
		cfg := p.config("wakeup")
		cfg.Consumers, cfg.Clients, cfg.Fresh, cfg.Endpoints = n.receivers, n.senders, true, endpoints(sqsd)
		cfg.Queue, cfg.Warmup = fmt.Sprintf("wakeup-%d-%d", n.receivers, n.senders), min(p.Warmup, time.Second)
		r, err := load.Run(ctx, cfg)
		if err != nil {
			return s, err
		}
		s.add(fmt.Sprint(n.receivers), fmt.Sprint(n.senders), number(r.Messages), quantiles(r, "wake after send's answer"), "5",
			quantiles(r, "wake after send's call"), number(r.EmptyReceives), faults([]load.Report{r}))
	}
	return s, nil
}

// middle is the report with the median throughput.
func middle(reports []load.Report) load.Report {
	sorted := slices.Clone(reports)
	slices.SortFunc(sorted, func(a, b load.Report) int { return int(a.MessagesPerSecond - b.MessagesPerSecond) })
	return sorted[len(sorted)/2]
}
