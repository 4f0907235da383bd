package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"sqsd/sim"
	"sqsd/sim/mutants"
)

// hunt is a search for mutants.
type hunt struct {
	root    string // of the source
	dir     string // for mutated files and programs
	seeds   uint64
	median  int // that the seeds to the catches may have
	workers int // of each mutant
	shrink  bool
	budget  time.Duration // to shrink each catch
	out     string        // directory for the shrunk plans; none are written if empty
	explain string        // directory for a page of each catch; none if empty
}

// huntMutants builds every planted bug and sweeps seeds until one fails. A mutant that survives is an error of the
// simulator.
func huntMutants(args []string) (bool, error) {
	h := &hunt{}
	flags := flag.NewFlagSet("mutants", flag.ExitOnError)
	only := flags.String("only", "", "classes or names to try, separated by commas; own for all without a number; all if empty")
	flags.Uint64Var(&h.seeds, "seeds", 2000, "seeds within which each must be caught")
	flags.IntVar(&h.median, "median", 100, "seeds within which half of them must be caught")
	flags.IntVar(&h.workers, "workers", runtime.NumCPU(), "builds and runs at a time")
	flags.BoolVar(&h.shrink, "shrink", false, "shrink the plan of each catch")
	flags.DurationVar(&h.budget, "budget", time.Minute, "time to shrink each")
	flags.StringVar(&h.out, "out", "", "directory for the shrunk plans; none are written if empty")
	flags.StringVar(&h.explain, "explain", "", "directory for a page that explains each catch; none if empty")
	if err := parseFlags(flags, args); err != nil {
		return false, err
	}
	all, err := mutants.All()
	if err != nil {
		return false, err
	}
	all = slices.DeleteFunc(all, func(m mutants.Mutant) bool { return !wanted(*only, m) })
	if len(all) == 0 || h.workers < 1 {
		return false, errors.New("want at least one mutant and one worker")
	}
	if h.root, err = sourceRoot(); err != nil {
		return false, err
	}
	if h.dir, err = os.MkdirTemp("", "sqssim-mutants-"); err != nil {
		return false, err
	}
	defer os.RemoveAll(h.dir)
	fmt.Printf("%-9s %-42s %6s %-5s %8s %8s %-s  %s\n", "class", "mutant", "seeds", "broke", "build s", "runs s", h.columns(nil), "seen as")
	return h.sum(h.tryAll(all)), nil
}

// tryAll tries mutants, several at a time, and prints the table in their order. One mutant's seeds are run one after the
// other if there are enough mutants: what another worker ran meanwhile would mostly be in vain.
func (h *hunt) tryAll(all []mutants.Mutant) []catch {
	lanes := min(h.workers, len(all))
	h.workers /= lanes
	results := make([]chan catch, len(all))
	for i := range results {
		results[i] = make(chan catch, 1)
	}
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range all {
			next <- i
		}
	}()
	for range lanes {
		go func() {
			for i := range next {
				results[i] <- h.try(all[i])
			}
		}()
	}
	var catches []catch
	for _, r := range results {
		c := <-r
		fmt.Println(h.row(&c))
		catches = append(catches, c)
	}
	return catches
}

// sum ends the table and says whether the simulator is good enough.
func (h *hunt) sum(catches []catch) bool {
	var seeds, left []int
	for _, c := range catches {
		if c.err == nil && c.seed > 0 {
			seeds = append(seeds, int(c.seed))
		}
		if c.small != nil {
			steps, faults := c.small.failing.Plan.Size()
			left = append(left, steps+faults)
		}
	}
	slices.Sort(seeds)
	slices.Sort(left)
	if len(left) > 0 {
		fmt.Printf("operations and faults left: median %d, most %d\n", left[len(left)/2], left[len(left)-1])
	}
	fmt.Printf("caught %d of %d", len(seeds), len(catches))
	if len(seeds) == 0 {
		fmt.Println()
		return false
	}
	median := seeds[len(seeds)/2]
	fmt.Printf("; seeds to catch: median %d, worst %d; allowed are %d and %d\n", median, seeds[len(seeds)-1], h.median, h.seeds)
	return len(seeds) == len(catches) && median <= h.median
}

// catch is what came of a mutant.
type catch struct {
	mutant      mutants.Mutant
	err         error // it does not apply or build, or something else went wrong
	seed        uint64
	promise     string
	text        string     // of the failure
	small       *shrinking // nil if the catch was not shrunk
	page        string     // file that explains it; empty if none does
	built, took time.Duration
	shrunk      time.Duration
}

// row is a mutant's line of the table.
func (h *hunt) row(c *catch) string {
	m := &c.mutant
	switch {
	case c.err != nil:
		return fmt.Sprintf("%-9s %-42s FAILED: %v", m.Class, m.Name, c.err)
	case c.seed == 0:
		return fmt.Sprintf("%-9s %-42s %6s %-5s %8.1f %8.1f  SURVIVED: %s", m.Class, m.Name, "-", "-", c.built.Seconds(), c.took.Seconds(),
			m.Description)
	}
	seen, _, _ := strings.Cut(c.text, "\n")
	row := fmt.Sprintf("%-9s %-42s %6d %-5s %8.1f %8.1f %s  %s", m.Class, m.Name, c.seed, c.promise, c.built.Seconds(), c.took.Seconds(),
		h.columns(c), seen)
	if c.page != "" {
		row += fmt.Sprintf("\n%47s page: %s", "", c.page)
	}
	return row
}

// columns are what the table says of a shrunk plan; of none, their heads.
func (h *hunt) columns(c *catch) string {
	switch {
	case !h.shrink:
		return ""
	case c == nil:
		return fmt.Sprintf("%10s %6s %7s", "operations", "faults", "seconds")
	}
	steps, faults := c.small.failing.Plan.Size()
	return fmt.Sprintf("%10d %6d %7.1f", steps, faults, c.shrunk.Seconds())
}

// try builds one mutant and sweeps seeds until one fails.
func (h *hunt) try(m mutants.Mutant) (c catch) {
	c.mutant = m
	began := time.Now()
	program, err := h.build(m)
	c.built = time.Since(began)
	if err != nil {
		c.err = err
		return c
	}
	defer os.Remove(program)
	profile, err := sim.ParseProfile(cmp.Or(m.Profile, string(sim.Default)))
	if err != nil {
		c.err = err
		return c
	}
	began = time.Now()
	first := h.sweep(program, profile)
	c.took = time.Since(began)
	if first == nil {
		return c
	}
	c.seed, c.promise, c.text = first.result.Seed, first.result.Promise, first.result.Failure
	if h.shrink {
		began = time.Now()
		if c.small, c.err = h.shrinkCatch(program, m, first.job); c.err != nil {
			return c
		}
		c.shrunk, c.text = time.Since(began), c.small.best.Failure
	}
	if h.explain != "" {
		c.page, c.err = h.explainCatch(m, program, first.job)
	}
	return c
}

// sweep runs the seeds of a program in order and returns the first that fails, or nil.
func (h *hunt) sweep(program string, profile sim.Profile) (first *outcome) {
	jobs, cancel := make(chan job), make(chan struct{})
	go func() {
		defer close(jobs)
		for seed := uint64(1); seed <= h.seeds; seed++ {
			select {
			case jobs <- job{Seed: seed, Profile: profile}:
			case <-cancel:
				return
			}
		}
	}()
	for o := range runJobs(program, h.workers, jobs, cancel) {
		if o.result.Promise != "" && (first == nil || o.result.Seed < first.result.Seed) {
			if first == nil {
				close(cancel)
			}
			first = &o
		}
	}
	return first
}

// wanted says whether a mutant is among those asked for.
func wanted(only string, m mutants.Mutant) bool {
	list := strings.Split(only, ",")
	return only == "" || slices.Contains(list, m.Class) || slices.Contains(list, m.Name) ||
		!m.Numbered() && slices.Contains(list, "own")
}

// explainCatch lets the program with the mutant in it write the page of its failure.
func (h *hunt) explainCatch(m mutants.Mutant, program string, j job) (page string, err error) {
	page = filepath.Join(h.explain, m.Name+".html")
	command := fmt.Sprintf("go run ./cmd/sqssim mutants --only %s --explain DIR", m.Name)
	out, err := exec.Command(program, "explain", "--seed", strconv.FormatUint(j.Seed, 10), "--profile", string(j.Profile),
		"--out", page, "--command", command).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // the run fails, as it should
		return page, nil
	}
	return "", fmt.Errorf("explain seed %d: %w\n%s", j.Seed, err, out)
}

// shrinkCatch shrinks the plan with which a mutant was caught.
func (h *hunt) shrinkCatch(program string, m mutants.Mutant, j job) (*shrinking, error) {
	s, err := shrinkJob(context.Background(), program, j, h.workers, h.budget, nil)
	if err != nil {
		return nil, err
	}
	if h.out == "" {
		return s, nil
	}
	if err := os.MkdirAll(h.out, 0o755); err != nil {
		return nil, err
	}
	return s, os.WriteFile(filepath.Join(h.out, m.Name+".plan"), []byte(s.best.Plan), 0o644)
}
