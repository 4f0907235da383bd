package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"sqsd/sim"
)

// sweeping is the state of a sweep.
type sweeping struct {
	start, count uint64
	profile      sim.Profile
	workers      int
	rerunEvery   uint64
	pebble       bool

	began    time.Time
	hashes   map[uint64]uint64 // of the first runs of seeds that are run again, or of the second if that ended first
	failed   map[uint64]bool
	failures []failure
	total    totals
	progress progress
}

// failure is why a seed did not pass.
type failure struct {
	job  job
	text string
}

// totals add up over runs.
type totals struct {
	done, again, onPebble int
	unknown               []string
	virtual, took         time.Duration
	events, operations    int
	commands              int
	marks                 map[string]mark
}

// mark is how often a rare situation was reached.
type mark struct{ runs, times int }

// sweep runs a range of seeds, and a sample of them again.
func sweep(args []string) (bool, error) {
	s := &sweeping{hashes: map[uint64]uint64{}, failed: map[uint64]bool{}, began: time.Now()}
	s.total.marks = map[string]mark{}
	flags := flag.NewFlagSet("sweep", flag.ExitOnError)
	flags.Uint64Var(&s.start, "start", 1, "first seed")
	flags.Uint64Var(&s.count, "count", 1000, "number of seeds")
	flags.IntVar(&s.workers, "workers", runtime.NumCPU(), "runs at a time")
	flags.Uint64Var(&s.rerunEvery, "rerun-every", 20, "run every K-th seed again in another process, and one on the other store; 0 is none")
	profile, store := flags.String("profile", "default", "default, lite, deep or moves"), flags.String("store", "mem", "mem or pebble")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	var err error
	if s.profile, err = sim.ParseProfile(*profile); err != nil {
		return false, err
	}
	if s.pebble, err = parseStore(*store); err != nil {
		return false, err
	}
	if s.workers < 1 || s.count < 1 || flags.NArg() > 0 {
		return false, fmt.Errorf("want at least one worker and one seed, and no arguments but flags")
	}
	program, err := self()
	if err != nil {
		return false, err
	}
	jobs := make(chan job)
	go s.plan(jobs)
	s.progress = newProgress(os.Stderr)
	for o := range runJobs(program, s.workers, jobs, nil) {
		s.take(o)
	}
	s.progress.end()
	s.report(os.Stdout)
	return len(s.failed) == 0, nil
}

func parseStore(name string) (pebble bool, err error) {
	switch name {
	case "mem":
		return false, nil
	case "pebble":
		return true, nil
	}
	return false, fmt.Errorf("unknown store %q: want mem or pebble", name)
}

// plan sends the jobs: every seed, each K-th a second time, and one between those on the other store.
func (s *sweeping) plan(jobs chan<- job) {
	defer close(jobs)
	for i := range s.count {
		j := job{Seed: s.start + i, Profile: s.profile, Pebble: s.pebble}
		jobs <- j
		if s.rerunEvery == 0 {
			continue
		}
		if i%s.rerunEvery == 0 {
			j.Other = true
			jobs <- j
		} else if i%s.rerunEvery == s.rerunEvery/2 {
			j.Pebble = !s.pebble
			jobs <- j
		}
	}
}

// take books the outcome of a run.
func (s *sweeping) take(o outcome) {
	r := o.result
	first := !o.job.Other && o.job.Pebble == s.pebble
	switch {
	case o.err != nil:
		s.fail(o.job, o.err.Error())
		return
	case r.Failure != "":
		s.fail(o.job, r.Failure)
	}
	if hash, known := s.hashes[r.Seed]; known && hash != r.Hash {
		s.fail(o.job, fmt.Sprintf("not deterministic: trace %016x here and %016x in another process", r.Hash, hash))
	}
	s.hashes[r.Seed] = r.Hash
	t := &s.total
	t.virtual += r.Virtual
	t.took += r.Took
	t.events += r.Events
	t.commands += r.Commands
	switch {
	case o.job.Other:
		t.again++
	case !first:
		t.onPebble++
	default:
		t.done++
		t.operations += r.Operations
		for _, u := range r.Unknown {
			t.unknown = append(t.unknown, fmt.Sprintf("seed %d: %s", r.Seed, u))
		}
		for name, times := range r.Marks {
			m := t.marks[name]
			t.marks[name] = mark{m.runs + 1, m.times + times}
		}
	}
	rate := float64(t.done) / time.Since(s.began).Minutes()
	s.progress.show("%d of %d seeds, %d failed, %d run again, %d on the other store, %.0f seeds/min", t.done, s.count,
		len(s.failed), t.again, t.onPebble, rate)
}

func (s *sweeping) fail(j job, text string) {
	if s.failed[j.Seed] {
		return
	}
	s.failed[j.Seed] = true
	s.failures = append(s.failures, failure{j, text})
	s.progress.end()
	fmt.Fprint(os.Stdout, failure{j, text})
}

// String says what fails and what a person types to see it again or make it smaller.
func (f failure) String() string {
	return fmt.Sprintf("FAIL seed %d: %s\n     %s\n     %s\n", f.job.Seed, f.text, commandLine("replay", f.job), commandLine("shrink", f.job))
}

// commandLine is what a person types to do something with a run.
func commandLine(what string, j job) string {
	c := fmt.Sprintf("go run ./cmd/sqssim %s --seed %d", what, j.Seed)
	if j.Profile != sim.Default {
		c += " --profile " + string(j.Profile)
	}
	if j.Pebble {
		c += " --store pebble"
	}
	return c
}

// report ends the sweep with what was reached and how many seeds passed.
func (s *sweeping) report(out io.Writer) {
	t := &s.total
	var names []string
	for name := range t.marks {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(out, "%-60s %8s %10s\n", "rare situation", "runs", "times")
	for _, name := range names {
		fmt.Fprintf(out, "%-60s %8d %10d\n", name, t.marks[name].runs, t.marks[name].times)
	}
	for _, name := range sim.Marks {
		if _, reached := t.marks[name]; !reached {
			fmt.Fprintf(out, "%-60s %8s\n", name, "never")
		}
	}
	if len(t.unknown) > 0 {
		fmt.Fprintf(out, "%d checks ended without a verdict:\n  %s\n", len(t.unknown), strings.Join(t.unknown, "\n  "))
	}
	if len(s.failures) > 0 {
		slices.SortFunc(s.failures, func(a, b failure) int { return int(a.job.Seed) - int(b.job.Seed) })
		for _, f := range s.failures {
			fmt.Fprint(out, f)
		}
	}
	wall := time.Since(s.began)
	fmt.Fprintf(out, "%d operations, %d commands, %d events, %v of virtual time in %v; %d runs again and %d on the other store, "+
		"all with the hash of the first run unless said; %s\n", t.operations, t.commands, t.events, t.virtual.Round(time.Second),
		wall.Round(time.Second), t.again, t.onPebble, runtime.Version())
	fmt.Fprintf(out, "%d passed, %d failed\n", int(s.count)-len(s.failed), len(s.failed))
}
