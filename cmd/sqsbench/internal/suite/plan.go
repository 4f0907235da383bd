package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
	"sqsd/cmd/sqsbench/internal/load"
)

// Plan says what to measure, and how long.
type Plan struct {
	// Sqsd is the program under test, Self this program, which also is the null server.
	Sqsd, Self string
	// Dir is where data and logs go; it should be on the disk that the figures are about. It must exist.
	Dir string
	// Rounds is how often each side of a comparison is measured, Duration and Warmup how long each time.
	Rounds           int
	Duration, Warmup time.Duration
	// Backlog is the length of the long queue, Passed how many messages pass through it before it is measured again.
	Backlog, Passed int64
	// Parts are the names of the parts to run; empty runs all.
	Parts []string
	// Progress is told what is going on.
	Progress func(line string)
}

// flags are those that make the suite measure the same.
func (p *Plan) flags() string {
	text := fmt.Sprintf("--rounds %d --duration %v --warmup %v --backlog %d --passed %d",
		p.Rounds, p.Duration, p.Warmup, p.Backlog, p.Passed)
	if len(p.Parts) > 0 {
		text += " --only " + strings.Join(p.Parts, ",")
	}
	return text
}

// part is one section of the document.
type part struct {
	name    string
	measure func(context.Context, *Plan) (section, error)
}

var parts = []part{
	{"ratio", measureRatios},
	{"consumers", measureConsumers},
	{"cluster", measureCluster},
	{"wakeup", measureWakeup},
	{"fair", measureFair},
	{"backlog", measureBacklog},
}

// Parts lists the names of the parts.
func Parts() string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// Run measures and returns the document.
func Run(ctx context.Context, plan Plan) (string, error) {
	chosen, err := choose(plan.Parts)
	if err != nil {
		return "", err
	}
	var sections []section
	for _, p := range chosen {
		plan.Progress("part " + p.name)
		s, err := p.measure(ctx, &plan)
		if err != nil {
			return "", fmt.Errorf("part %s: %w", p.name, err)
		}
		sections = append(sections, s)
	}
	return document(&plan, thisMachine(), sections), nil
}

func choose(names []string) ([]part, error) {
	if len(names) == 0 {
		return parts, nil
	}
	var chosen []part
	for _, name := range names {
		found := false
		for _, p := range parts {
			if p.name == name {
				chosen, found = append(chosen, p), true
			}
		}
		if !found {
			return nil, fmt.Errorf("part %q is unknown; the parts are %s", name, Parts())
		}
	}
	return chosen, nil
}

// config is the load that all parts start from: 1 KiB bodies.
func (p *Plan) config(mode string) load.Config {
	return load.Config{Mode: mode, Queue: mode, Clients: 16, Consumers: 16, Body: 1024, Duration: p.Duration, Warmup: p.Warmup,
		Wait: time.Second, Visibility: 30 * time.Second, Backlog: 2000, Timeout: 30 * time.Second, Track: true, Progress: p.Progress}
}

// single starts one sqsd that is a cluster of its own.
func (p *Plan) single(ctx context.Context, name string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return p.launch(ctx, name, address, p.Sqsd, "--data-dir", p.data(name), "--listen", address)
}

// durableNull starts a null server with a log.
func (p *Plan) durableNull(ctx context.Context) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return p.launch(ctx, "null", address, p.Self, "null", "--listen", address, "--wal", p.data("null.wal"))
}

// cluster starts a number of sqsd nodes that form one cluster.
func (p *Plan) cluster(ctx context.Context, n int) ([]*server, error) {
	var listen, peers, peerList []string
	for i := range n {
		a, err := freeAddress()
		if err != nil {
			return nil, err
		}
		b, err := freeAddress()
		if err != nil {
			return nil, err
		}
		listen, peers = append(listen, a), append(peers, b)
		peerList = append(peerList, fmt.Sprintf("%d=%s", i+1, b))
	}
	var nodes []*server
	for i := range n {
		name := fmt.Sprintf("node%d", i+1)
		s, err := p.server(name, listen[i], p.Sqsd, "--id", fmt.Sprint(i+1), "--data-dir", p.data(name), "--listen", listen[i],
			"--peers", strings.Join(peerList, ","), "--peer-listen", peers[i])
		if err == nil {
			err = s.start()
		}
		if err != nil {
			killAll(nodes)
			return nil, err
		}
		nodes = append(nodes, s)
	}
	for _, s := range nodes {
		if _, err := s.await(ctx, answers); err != nil {
			killAll(nodes)
			return nil, err
		}
	}
	return nodes, nil
}

func (p *Plan) data(name string) string { return filepath.Join(p.Dir, name) }

func (p *Plan) server(name, address, binary string, args ...string) (*server, error) {
	endpoint, err := client.ParseEndpoint("http://" + address)
	if err != nil {
		return nil, err
	}
	return &server{name: name, binary: binary, args: args, log: p.data(name + ".log"), endpoint: endpoint}, nil
}

// launch starts a server with empty data and waits for its first answer.
func (p *Plan) launch(ctx context.Context, name, address, binary string, args ...string) (*server, error) {
	s, err := p.server(name, address, binary, args...)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(p.data(name)); err != nil {
		return nil, err
	}
	if err := s.start(); err != nil {
		return nil, err
	}
	if _, err := s.await(ctx, answers); err != nil {
		killAll([]*server{s})
		return nil, err
	}
	return s, nil
}

func killAll(servers []*server) {
	for _, s := range servers {
		s.kill()
	}
}

func endpoints(servers ...*server) []client.Endpoint {
	var all []client.Endpoint
	for _, s := range servers {
		all = append(all, s.endpoint)
	}
	return all
}
