package main

import (
	"cmp"
	"context"
	"encoding/json"
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
	workers int
	shrink  bool
	budget  time.Duration // to shrink each catch
	out     string        // directory for the shrunk plans; none are written if empty
	left    []int         // operations and faults of each shrunk plan
	explain string        // directory for a page of each catch; none if empty
}

// huntMutants builds every planted bug and sweeps seeds until one fails. A mutant that survives is an error of the
// simulator.
func huntMutants(args []string) (bool, error) {
	h := &hunt{}
	flags := flag.NewFlagSet("mutants", flag.ExitOnError)
	only := flags.String("only", "", "classes or names to try, separated by commas; own for all without a number; all if empty")
	flags.Uint64Var(&h.seeds, "seeds", 500, "seeds within which each must be caught")
	flags.IntVar(&h.workers, "workers", runtime.NumCPU(), "runs at a time")
	flags.BoolVar(&h.shrink, "shrink", false, "shrink the plan of each catch")
	flags.DurationVar(&h.budget, "budget", time.Minute, "time to shrink each")
	flags.StringVar(&h.out, "out", "", "directory for the shrunk plans; none are written if empty")
	flags.StringVar(&h.explain, "explain", "", "directory for a page that explains each catch; none if empty")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	all, err := mutants.All()
	if err != nil {
		return false, err
	}
	if h.root, err = sourceRoot(); err != nil {
		return false, err
	}
	if h.dir, err = os.MkdirTemp("", "sqssim-mutants-"); err != nil {
		return false, err
	}
	defer os.RemoveAll(h.dir)
	fmt.Printf("%-9s %-42s %6s %-5s %8s %-s  %s\n", "class", "mutant", "seeds", "broke", "seconds", h.columns(nil, 0), "seen as")
	survived, broken, tried := 0, 0, 0
	for _, m := range all {
		if !wanted(*only, m) {
			continue
		}
		tried++
		caught, err := h.try(m)
		switch {
		case err != nil:
			broken++
			fmt.Printf("%-9s %-42s does not apply or build: %v\n", m.Class, m.Name, err)
		case !caught:
			survived++
		}
	}
	if len(h.left) > 0 {
		slices.Sort(h.left)
		fmt.Printf("operations and faults left: median %d, most %d\n", h.left[len(h.left)/2], h.left[len(h.left)-1])
	}
	fmt.Printf("%d caught, %d survived, %d could not be built\n", tried-survived-broken, survived, broken)
	return survived+broken == 0 && tried > 0, nil
}

// wanted says whether a mutant is among those asked for.
func wanted(only string, m mutants.Mutant) bool {
	list := strings.Split(only, ",")
	return only == "" || slices.Contains(list, m.Class) || slices.Contains(list, m.Name) ||
		!m.Numbered() && slices.Contains(list, "own")
}

// sourceRoot is the directory of the module's source, at or above the working directory.
func sourceRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod here or above: mutants are built from the source")
		}
	}
}

// try builds one mutant, sweeps seeds and prints a line of the table.
func (h *hunt) try(m mutants.Mutant) (caught bool, err error) {
	program, err := h.build(m)
	if err != nil {
		return false, err
	}
	profile, err := sim.ParseProfile(cmp.Or(m.Profile, string(sim.Default)))
	if err != nil {
		return false, err
	}
	began := time.Now()
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
	var first *outcome
	for o := range runJobs(program, h.workers, jobs, cancel) {
		if o.result.Promise != "" && (first == nil || o.result.Seed < first.result.Seed) {
			if first == nil {
				close(cancel)
			}
			first = &o
		}
	}
	took := time.Since(began).Seconds()
	if first == nil {
		fmt.Printf("%-9s %-42s %6s %-5s %8.1f  SURVIVED: %s\n", m.Class, m.Name, "-", "-", took, m.Description)
		return false, nil
	}
	seen := first.result.Failure
	var small *shrinking
	began = time.Now()
	if h.shrink {
		if small, err = h.shrinkCatch(program, m, first.job); err != nil {
			return true, err
		}
		seen = small.best.Failure
	}
	seen, _, _ = strings.Cut(seen, "\n")
	fmt.Printf("%-9s %-42s %6d %-5s %8.1f %s  %s\n", m.Class, m.Name, first.result.Seed, first.result.Promise, took,
		h.columns(small, time.Since(began)), seen)
	if h.explain == "" {
		return true, nil
	}
	return true, h.explainCatch(m, program, first.job.Seed)
}

// explainCatch lets the program with the mutant in it write the page of its failure.
func (h *hunt) explainCatch(m mutants.Mutant, program string, seed uint64) error {
	page := filepath.Join(h.explain, m.Name+".html")
	command := fmt.Sprintf("go run ./cmd/sqssim mutants --only %s --explain DIR", m.Name)
	number := strconv.FormatUint(seed, 10)
	out, err := exec.Command(program, "explain", "--seed", number, "--out", page, "--command", command).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // the run fails, as it should
		fmt.Printf("%47s page: %s\n", "", page)
		return nil
	}
	return fmt.Errorf("explain seed %d: %w\n%s", seed, err, out)
}

// columns are what the table says of a shrunk plan; of none, their heads.
func (h *hunt) columns(s *shrinking, took time.Duration) string {
	switch {
	case !h.shrink:
		return ""
	case s == nil:
		return fmt.Sprintf("%10s %6s %7s", "operations", "faults", "seconds")
	}
	steps, faults := s.failing.Plan.Size()
	return fmt.Sprintf("%10d %6d %7.1f", steps, faults, took.Seconds())
}

// shrinkCatch shrinks the plan with which a mutant was caught.
func (h *hunt) shrinkCatch(program string, m mutants.Mutant, j job) (*shrinking, error) {
	s, err := shrinkJob(context.Background(), program, j, h.workers, h.budget, nil)
	if err != nil {
		return nil, err
	}
	steps, faults := s.failing.Plan.Size()
	h.left = append(h.left, steps+faults)
	if h.out == "" {
		return s, nil
	}
	if err := os.MkdirAll(h.out, 0o755); err != nil {
		return nil, err
	}
	return s, os.WriteFile(filepath.Join(h.out, m.Name+".plan"), []byte(s.best.Plan), 0o644)
}

// build makes a program with the mutant in it.
func (h *hunt) build(m mutants.Mutant) (program string, err error) {
	changed, err := m.Apply(func(file string) (string, error) {
		text, err := os.ReadFile(filepath.Join(h.root, file))
		return string(text), err
	})
	if err != nil {
		return "", err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range changed {
		mutated := filepath.Join(h.dir, m.Name+"-"+strings.ReplaceAll(file, "/", "-"))
		if err := os.WriteFile(mutated, []byte(text), 0o644); err != nil {
			return "", err
		}
		overlay.Replace[filepath.Join(h.root, file)] = mutated
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	overlayFile := filepath.Join(h.dir, m.Name+".json")
	if err := os.WriteFile(overlayFile, list, 0o644); err != nil {
		return "", err
	}
	program = filepath.Join(h.dir, m.Name)
	build := exec.Command("go", "build", "-overlay", overlayFile, "-ldflags=-w", "-o", program, "./cmd/sqssim")
	build.Dir = h.root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}
