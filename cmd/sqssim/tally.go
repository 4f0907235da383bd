package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sqsd/sim"
)

// tally is what the outcomes of a sweep add up to.
type tally struct {
	seeds, again, otherStore int
	runs                     map[sim.Profile]int // of seeds, the first ones
	latest                   map[uint64]traced   // by seed
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

// traced is a run that came to its end.
type traced struct {
	job  job
	hash uint64 // of its trace
}

// failure is why a seed did not pass.
type failure struct {
	job      job
	kind     string
	text     string
	commands []string // that a person types to look into it
}

// notDeterministic is the kind of failure of a seed whose runs differ.
const notDeterministic = "not deterministic"

func newTally() tally {
	return tally{
		runs: map[sim.Profile]int{}, latest: map[uint64]traced{}, failed: map[uint64]bool{}, marks: map[string]mark{},
	}
}

// add books an outcome and returns the failures that it brings. usual says that the run was on the sweep's own store.
func (t *tally) add(o outcome, usual bool) (failures []failure) {
	first := !o.job.Other && usual
	if first {
		t.seeds++
		t.runs[o.job.Profile]++
	}
	fail := func(kind, text string, commands ...string) {
		if t.failed[o.job.Seed] {
			return
		}
		f := failure{o.job, kind, text, commands}
		t.failed[o.job.Seed] = true
		t.fail(f)
		failures = append(failures, f)
	}
	r := o.result
	switch {
	case o.err != nil:
		fail(errorKind(o.err), o.err.Error(), commandLine("replay", o.job))
		return failures
	case r.Failure != "":
		fail(r.Kind, r.Failure, commandLine("replay", o.job), commandLine("shrink", o.job))
	}
	if before, known := t.latest[r.Seed]; known && before.hash != r.Hash {
		fail(notDeterministic, fmt.Sprintf("not deterministic: trace %016x here and %016x in another process", r.Hash, before.hash),
			compare(before.job, o.job)...)
	}
	t.latest[r.Seed] = traced{o.job, r.Hash}
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

// String says what fails and what a person types to look into it.
func (f failure) String() string {
	return fmt.Sprintf("FAIL seed %d: %s\n%s", f.job.Seed, f.text, indented(f.commands))
}

// indented writes commands below what they are for.
func indented(commands []string) string {
	var b strings.Builder
	for _, c := range commands {
		fmt.Fprintf(&b, "     %s\n", c)
	}
	return b.String()
}

// compare is what a person types to see where two runs of a seed differ.
func compare(a, b job) []string {
	traced := func(j job, dir string) string {
		return strings.Join(runtimeSettings(j.Other), " ") + " " + commandLine("replay", j) + " --trace --out " + dir
	}
	return []string{
		traced(a, "out/a"), traced(b, "out/b"), fmt.Sprintf("diff out/a/seed-%d.trace out/b/seed-%d.trace", a.Seed, b.Seed),
	}
}

// commandLine is what a person types to do something with a run.
func commandLine(what string, j job) string {
	c := fmt.Sprintf("go run ./cmd/sqssim %s --seed %d", what, j.Seed)
	if j.Profile != sim.Default {
		c += " --profile " + string(j.Profile)
	}
	return c + storeFlag(j.Pebble)
}

// planCommand is what a person types to make the run of a file's plan again.
func planCommand(file string, pebble bool) string {
	return "go run ./cmd/sqssim replay --plan " + file + storeFlag(pebble)
}

// storeFlag ends a command.
func storeFlag(pebble bool) string {
	if pebble {
		return " --store pebble"
	}
	return ""
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
