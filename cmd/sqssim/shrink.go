package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"sqsd/sim"
)

// shrinking looks for a small plan whose run fails as a given one does.
type shrinking struct {
	job      job    // that fails; its plan is that of the best run so far
	class    string // of its failure
	lanes    []lane
	stop     context.Context // ends the search
	best     result
	failing  sim.Failing // the same
	attempts int
	progress func(s *shrinking) // called when a smaller plan has been found; may be nil
}

// candidateLimit is the wall time that a candidate may take: shrunk plans run in milliseconds.
const candidateLimit = 30 * time.Second

// shrink makes a failing run smaller and writes the plan.
func shrink(args []string) error {
	var from source
	flags := flag.NewFlagSet("shrink", flag.ExitOnError)
	from.flagsFor(flags)
	budget := flags.Duration("budget", time.Minute, "time after which the smallest plan so far is taken, as on an interrupt")
	workers := flags.Int("workers", runtime.NumCPU(), "runs at a time")
	out := flags.String("out", "", "file for the plan; out/seed-N.min.plan if empty")
	if err := from.parse(flags, args); err != nil {
		return err
	}
	j, err := from.job()
	if err != nil {
		return err
	}
	program, err := self()
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	line := newProgress(os.Stderr)
	began := time.Now()
	s, err := shrinkJob(ctx, program, j, *workers, *budget, func(s *shrinking) {
		line.show("%s left after %d runs and %.0f s", s.size(), s.attempts, time.Since(began).Seconds())
	})
	line.end()
	if err != nil {
		return err
	}
	if *out == "" {
		*out = filepath.Join("out", fmt.Sprintf("seed-%d.min.plan", s.best.Seed))
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(*out, []byte(s.best.Plan), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s left after %d runs and %.0f s, written: %s\n", s.size(), s.attempts, time.Since(began).Seconds(), *out)
	fmt.Printf("FAIL %s\n%s", s.best.Failure, indented([]string{planCommand(*out, j.Pebble)}))
	return nil
}

// shrinkJob shrinks the plan of a failing job until nothing more can be left out, the budget is used up, or the context
// ends. The runs happen in processes of a program, several at a time.
func shrinkJob(ctx context.Context, program string, j job, workers int, budget time.Duration, progress func(*shrinking)) (*shrinking, error) {
	stop, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	s := &shrinking{job: j, stop: stop, progress: progress, lanes: make([]lane, max(1, workers))}
	for i := range s.lanes {
		s.lanes[i].program = program
		defer s.lanes[i].stop()
	}
	s.job.WantPlan = true
	first := s.lanes[0].do(s.job)
	switch {
	case first.err != nil:
		return nil, fmt.Errorf("a run that does not end cannot be shrunk: %w", first.err)
	case first.result.BadPlan != "":
		return nil, errors.New(first.result.BadPlan)
	case first.result.Class == "":
		return nil, errors.New("the run passes: there is nothing to shrink")
	}
	s.class = first.result.Class
	if err := s.accept(first.result); err != nil {
		return nil, err
	}
	s.job.Limit = candidateLimit
	sim.Shrink(s.failing, s.attempt)
	return s, nil
}

// accept takes a run for the best so far.
func (s *shrinking) accept(r result) (err error) {
	s.best = r
	s.failing.Operations = r.Shown
	s.failing.Plan, err = sim.ParsePlan(r.Plan)
	if s.progress != nil {
		s.progress(s)
	}
	return err
}

// attempt implements sim.Attempt. Candidates are run in order, one in each lane, until one fails as it should and all
// before it have been run.
func (s *shrinking) attempt(candidates int, candidate func(i int) sim.Plan) (int, sim.Failing) {
	var mutex sync.Mutex
	var all sync.WaitGroup
	next, first := 0, candidates
	var found result
	for l := range s.lanes {
		all.Go(func() {
			for {
				mutex.Lock()
				i := next
				next++
				mutex.Unlock()
				if i >= candidates || s.stop.Err() != nil {
					return
				}
				j := s.job
				plan := candidate(i)
				j.Plan = plan.Text("")
				o := s.lanes[l].do(j)
				mutex.Lock()
				s.attempts++
				if o.err == nil && o.result.Class == s.class && i < first {
					first, found = i, o.result
					next = candidates // those behind it need not be run
				}
				mutex.Unlock()
			}
		})
	}
	all.Wait()
	if first == candidates {
		return -1, sim.Failing{}
	}
	if err := s.accept(found); err != nil {
		panic(fmt.Sprintf("unreachable: the plan of a run cannot be read: %v", err))
	}
	return first, s.failing
}

// size says how much is left.
func (s *shrinking) size() string {
	steps, faults := s.failing.Plan.Size()
	return fmt.Sprintf("%d operations and %d faults", steps, faults)
}
