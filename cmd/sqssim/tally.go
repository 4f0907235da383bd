package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"sqsd/sim"
)

// tally is what the outcomes of a sweep add up to.
type tally struct {
	seeds, again, otherStore int
	runs                     map[sim.Profile]int // of seeds, the first ones
	hashes                   map[uint64]uint64   // of the first run of a seed, or of the second if that ended first
	failed                   map[uint64]bool
	kinds                    []*failureKind // in the order in which they were seen
	unknown                  []string
	virtual                  time.Duration
	events                   int
	operations, commands     int
	marks                    map[string]mark
}

// mark is how often a rare situation was reached.
type mark struct{ runs, times int }

// failureKind is failures that are taken for the same.
type failureKind struct {
	kind  string
	first failure // of the lowest seed
	seeds int
}

// failure is why a seed did not pass.
type failure struct {
	job  job
	kind string
	text string
}

// notDeterministic is the kind of failure of a seed whose runs differ.
const notDeterministic = "not deterministic"

func newTally() tally {
	return tally{
		runs: map[sim.Profile]int{}, hashes: map[uint64]uint64{}, failed: map[uint64]bool{}, marks: map[string]mark{},
	}
}

// add books an outcome and returns the failures that it brings. usual says that the run was on the sweep's own store.
func (t *tally) add(o outcome, usual bool) (failures []failure) {
	first := !o.job.Other && usual
	if first {
		t.seeds++
		t.runs[o.job.Profile]++
	}
	fail := func(kind, text string) {
		if t.failed[o.job.Seed] {
			return
		}
		f := failure{o.job, kind, text}
		t.failed[o.job.Seed] = true
		t.fail(f)
		failures = append(failures, f)
	}
	r := o.result
	switch {
	case o.err != nil:
		fail(errorKind(o.err), o.err.Error())
		return failures
	case r.Failure != "":
		fail(r.Kind, r.Failure)
	}
	if hash, known := t.hashes[r.Seed]; known && hash != r.Hash {
		fail(notDeterministic, fmt.Sprintf("not deterministic: trace %016x here and %016x in another process", r.Hash, hash))
	}
	t.hashes[r.Seed] = r.Hash
	t.virtual += r.Virtual
	t.events += r.Events
	t.commands += r.Commands
	switch {
	case o.job.Other:
		t.again++
	case !first:
		t.otherStore++
	default:
		t.operations += r.Operations
		for _, u := range r.Unknown {
			t.unknown = append(t.unknown, fmt.Sprintf("seed %d: %s", r.Seed, u))
		}
		for name, times := range r.Marks { // order: only sums
			m := t.marks[name]
			t.marks[name] = mark{m.runs + 1, m.times + times}
		}
	}
	return failures
}

// fail books a failure under its kind.
func (t *tally) fail(f failure) {
	i := slices.IndexFunc(t.kinds, func(k *failureKind) bool { return k.kind == f.kind })
	if i < 0 {
		t.kinds = append(t.kinds, &failureKind{f.kind, f, 1})
		return
	}
	k := t.kinds[i]
	k.seeds++
	if f.job.Seed < k.first.job.Seed {
		k.first = f
	}
}

// errorKind is the kind of failure of a run that did not end.
func errorKind(err error) string {
	for _, kind := range []error{errHung, errDied} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	return err.Error()
}

// String says what fails and what a person types to see it again or make it smaller.
func (f failure) String() string {
	return fmt.Sprintf("FAIL seed %d: %s\n     %s\n     %s\n",
		f.job.Seed, f.text, commandLine("replay", f.job), commandLine("shrink", f.job))
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

// expected is in how many of the sweep's runs a mark was to be reached.
func (t *tally) expected(mark string) (runs float64) {
	for profile, n := range t.runs { // order: a sum of a few numbers, rounded at the end
		if within := sim.Within(mark, profile); within > 0 {
			runs += float64(n) / float64(within)
		}
	}
	return runs
}

// sure is from how many expected runs on a mark must have been reached: one in a thousand sweeps would miss it if its
// runs were no more frequent than declared.
const sure = 7

// missing lists the marks that were never reached though they should have been, in order.
func (t *tally) missing() (names []string) {
	for _, name := range sim.Marks {
		if t.marks[name].runs == 0 && t.expected(name) >= sure {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names
}
