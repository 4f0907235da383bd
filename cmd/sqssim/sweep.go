package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cespare/xxhash/v2"

	"sqsd/sim"
)

// sweeping is a sweep: many seeds, and a sample of them again.
type sweeping struct {
	start      uint64
	count      uint64        // of seeds; 0 if only time ends the sweep
	lasts      time.Duration // 0 if only the count ends it
	profiles   []sim.Profile
	pebble     bool
	rerunEvery uint64
	limit      time.Duration // wall time of a run
	maxKinds   int           // of failures, after which the sweep ends; 0 if nothing does
	workers    int
	program    string // of the workers
	now        func() time.Time

	began    time.Time
	over     context.Context // ends the sweep early
	end      context.CancelFunc
	total    tally
	progress progress
}

// sweep runs many seeds, and a sample of them again.
func sweep(args []string) (bool, error) {
	flags := flag.NewFlagSet("sweep", flag.ExitOnError)
	s, finish := sweepFlags(flags)
	requireMarks := flags.Bool("require-marks", false, "fail if a rare situation was not reached in a sweep that should have reached it")
	file := flags.String("summary", "", "file for a summary in JSON, written at every new kind of failure and at the end")
	hashes := flags.String("hashes", "", "file for the trace hash of every seed")
	if err := parseFlags(flags, args); err != nil {
		return false, err
	}
	if err := finish(); err != nil {
		return false, err
	}
	var err error
	if s.program, err = self(); err != nil {
		return false, err
	}
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s.progress = newProgress(os.Stderr)
	var writing error
	s.run(interrupted, func() {
		if *file != "" {
			writing = errors.Join(writing, s.summary().write(*file))
		}
	})
	s.progress.end()
	if *hashes != "" {
		writing = errors.Join(writing, s.total.writeHashes(*hashes))
	}
	sum := s.summary()
	sum.print(os.Stdout)
	return len(s.total.failed) == 0 && !(*requireMarks && len(sum.NotReached) > 0), writing
}

// sweepFlags defines the flags of a sweep. finish reads what they say.
func sweepFlags(flags *flag.FlagSet) (s *sweeping, finish func() error) {
	s = &sweeping{now: time.Now}
	start := flags.String("start", "1", "first seed, or a text, as a commit or a date, from which one is made")
	profiles := flags.String("profiles", "default", "the profiles of one seed after the other, separated by commas")
	store := flags.String("store", "mem", "mem or pebble")
	flags.Uint64Var(&s.count, "count", 0, "number of seeds; 1000 if neither this nor a time is given")
	flags.DurationVar(&s.lasts, "for", 0, "time after which no further runs begin")
	flags.IntVar(&s.workers, "workers", runtime.NumCPU(), "runs at a time")
	flags.Uint64Var(&s.rerunEvery, "rerun-every", 20,
		"run every K-th seed again in another process, and one on the other store; 0 is none")
	flags.DurationVar(&s.limit, "run-limit", runLimit, "time after which a run counts as hung")
	flags.IntVar(&s.maxKinds, "max-kinds", 0, "end the sweep after so many kinds of failures; 0 is never")
	return s, func() (err error) {
		s.start = firstSeed(*start)
		for name := range strings.SplitSeq(*profiles, ",") {
			p, err := sim.ParseProfile(name)
			if err != nil {
				return err
			}
			s.profiles = append(s.profiles, p)
		}
		if s.count == 0 && s.lasts == 0 {
			s.count = 1000
		}
		if s.pebble, err = parseStore(*store); err != nil {
			return err
		}
		if s.workers < 1 {
			return errors.New("want at least one worker")
		}
		return nil
	}
}

// firstSeed is the seed that a text stands for: its number, or one of 40 bits that another text is mixed into.
func firstSeed(text string) uint64 {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	return xxhash.Sum64String(text) >> 24
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

// run makes the runs, until there are no more, time is up, enough kinds of failures are known or ctx ends. It calls
// newKind behind the first failure of a kind and at the end.
func (s *sweeping) run(ctx context.Context, newKind func()) {
	s.began, s.total = s.now(), newTally()
	s.over, s.end = context.WithCancel(ctx)
	defer s.end()
	jobs := make(chan job)
	go s.plan(jobs)
	for o := range runJobs(s.program, s.workers, jobs, s.over.Done()) {
		if o.err != nil && ctx.Err() != nil {
			continue // an interrupt from the terminal ends the workers, too
		}
		kinds := len(s.total.kinds)
		s.take(o)
		if len(s.total.kinds) > kinds {
			newKind()
		}
		if s.lasts > 0 && s.now().Sub(s.began) >= s.lasts || s.maxKinds > 0 && len(s.total.kinds) >= s.maxKinds {
			s.end()
		}
	}
	newKind()
}

// plan sends the jobs: every seed, each K-th a second time, and one between those on the other store.
func (s *sweeping) plan(jobs chan<- job) {
	defer close(jobs)
	send := func(j job) {
		select {
		case jobs <- j:
		case <-s.over.Done():
		}
	}
	for i := uint64(0); (s.count == 0 || i < s.count) && s.over.Err() == nil; i++ {
		j := job{Seed: s.start + i, Profile: s.profileOf(s.start + i), Pebble: s.pebble, Limit: s.limit}
		send(j)
		if s.rerunEvery == 0 {
			continue
		}
		if i%s.rerunEvery == 0 {
			j.Other = true
			send(j)
		} else if i%s.rerunEvery == s.rerunEvery/2 {
			j.Pebble = !s.pebble
			send(j)
		}
	}
}

// profileOf is the profile of a seed's run. It does not depend on where the sweep starts.
func (s *sweeping) profileOf(seed uint64) sim.Profile {
	return s.profiles[seed%uint64(len(s.profiles))]
}

// take books the outcome of a run.
func (s *sweeping) take(o outcome) {
	t := &s.total
	for _, f := range t.add(o, o.job.Pebble == s.pebble) {
		s.progress.end()
		fmt.Print(f)
	}
	of := "seeds"
	if s.count > 0 {
		of = fmt.Sprintf("of %d seeds", s.count)
	}
	s.progress.show("%d %s, %d failed, %d run again, %d on the other store, %.0f seeds/min", t.seeds, of, len(t.failed), t.again,
		t.otherStore, float64(t.seeds)/s.now().Sub(s.began).Minutes())
}
