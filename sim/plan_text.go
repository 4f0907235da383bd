package sim

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// planHeader is the first line of a plan's text. A text of another version is refused.
const planHeader = "sqssim plan 1"

// settings are the configuration of a run that follows a script: how that was drawn is of no account any more.
func (p *Plan) settings() []setting {
	c, l := &p.cluster, &p.cluster.limits
	const day = int64(longest)
	return []setting{
		{name: "seed", at: &p.Seed},
		{name: "profile", at: &p.Profile},
		{name: "variation", at: &p.Variation},
		{"nodes", &c.nodes, 1, 9},
		{"groups", &c.groups, 1, 64},
		{"spares", (*optionalInt)(&c.spares), 0, mostSpares},
		{name: "old", at: &c.old},
		{"clients", &p.work.clients, 1, 10_000},
		{name: "queues", at: &p.work.queues}, // that are drained at the end
		{"calm", &p.calm, 0, 0},
		{"chaos", &p.chaos, 0, day},
		{"settle", &p.settle, 0, day},
		{"quiet", &p.quiet, 0, day},
		{"tick", &c.tick, int64(time.Millisecond), int64(10 * time.Second)},
		{"election-ticks", &c.electionTicks, 2, 100},
		{"call-timeout", &c.callTimeout, int64(time.Millisecond), day},
		{"batching", &p.batching, 0, int64(time.Second)},
		{"max-entry", &c.maxEntry, 1, math.MaxInt32},
		{"max-pending", &c.maxPending, 1, math.MaxInt32},
		{"checkpoint", &c.checkpoint, 1, math.MaxInt32},
		{"batch-keys", &c.batchKeys, 1, math.MaxInt32},
		{"log-cache", &c.logCache, 0, math.MaxInt32},
		{"keep", &c.keep, 0, math.MaxInt32},
		{"chunk", &c.chunk, 1, math.MaxInt32},
		{"deleted-queue-window", &l.DeletedQueueWindow, 0, math.MaxInt32},
		{"purge-window", &l.PurgeWindow, 0, math.MaxInt32},
		{"max-in-flight", &l.MaxInFlight, 1, math.MaxInt32},
		{"due-batch", &l.DueBatch, 1, math.MaxInt32},
		{"hop", &p.work.hop, 0, int64(time.Minute)},
		{"link-latency", &p.link.latency, 1, int64(time.Minute)},
		{"link-jitter", &p.link.jitter, 0, int64(time.Minute)},
		{"link-loss", &p.link.loss, 0, 999},
		{"link-repeat", &p.link.repeat, 0, 1000},
		{"link-ordered", &p.link.ordered, 0, 0},
		{"disk-latency", &p.disk.latency, 1, int64(time.Minute)},
		{"disk-late", &p.disk.late, 0, 0},
		{"clock-max-skew", &p.clock.maxSkew, int64(time.Millisecond), day},
		{"clock-skew", &p.clock.skew, 0, day},
		{"clock-drift", &p.clock.drift, 0, fastest},
		{name: "core", at: (*optionalNodes)(&p.core)},
		{"link-far", (*optionalInt)(&p.link.far), 0, 100},
		{"link-farther", (*optionalTime)(&p.link.farther), 0, int64(time.Minute)},
		{"link-tail", (*optionalInt)(&p.link.tail), 0, 1000},
		{"link-bandwidth", (*optionalInt)(&p.link.bandwidth), 0, math.MaxInt32},
	}
}

// Text is the plan as ParsePlan reads it. It has a script, as plans in reports do. Each line of the comment becomes one of
// the text.
func (p *Plan) Text(comment string) string {
	var b strings.Builder
	fmt.Fprintln(&b, planHeader)
	for line := range strings.Lines(comment) {
		fmt.Fprintf(&b, "# %s\n", strings.TrimRight(line, "\n"))
	}
	for _, s := range p.settings() {
		if s.optional() && s.text() == nothing {
			continue
		}
		fmt.Fprintf(&b, "%s %s\n", s.name, s.text())
	}
	return b.String() + "\n" + p.Script.text()
}

// ParsePlan reads the text of a plan: a header, settings, an empty line, and a script in order of time. Lines that begin with # are
// comments. The error names the line or what is missing.
func ParsePlan(text string) (Plan, error) {
	p := Plan{Script: &Script{}}
	header, rest, _ := strings.Cut(text, "\n")
	if strings.TrimSpace(header) != planHeader {
		return p, fmt.Errorf("line 1 is %.40q, want %q", header, planHeader)
	}
	var words []string
	number, inScript := 1, false
	for line := range strings.Lines(rest) {
		number++
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			inScript = inScript || len(words) > 0
		case inScript:
			if err := p.Script.parseLine(line); err != nil {
				return p, fmt.Errorf("line %d: %w", number, err)
			}
		default:
			pair := strings.Fields(line)
			if len(pair) != 2 {
				return p, fmt.Errorf("line %d is %.40q, want a setting and its value", number, line)
			}
			words = append(words, pair...)
		}
	}
	if err := parseSettings(p.settings(), words); err != nil {
		return p, err
	}
	p.Script.sort()
	return p, p.check()
}

// check refuses plans in which promises could be broken without a bug.
func (p *Plan) check() error {
	switch {
	case p.clock.skew > p.clock.maxSkew:
		return fmt.Errorf("clock-skew %v is more than clock-max-skew %v", p.clock.skew, p.clock.maxSkew)
	case len(p.cluster.old) > 0 && int(slices.Max(p.cluster.old)) > p.cluster.nodes:
		return fmt.Errorf("old is %v, but the cluster has %d nodes", p.cluster.old, p.cluster.nodes)
	case p.calm && len(p.cluster.old) > 0:
		return fmt.Errorf("a calm run has no old binaries: their nodes are stopped")
	case p.calm && (p.link.loss > 0 || p.link.repeat > 0):
		return fmt.Errorf("links lose and repeat nothing in a calm run")
	}
	return cmp.Or(p.checkCore(), p.Script.check(p))
}
