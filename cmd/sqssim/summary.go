package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"sqsd/sim"
)

// summary is what a sweep found, for people and for programs.
type summary struct {
	Commit   string        `json:"commit"`
	Go       string        `json:"go"`
	Profiles []sim.Profile `json:"profiles"`
	Start    uint64        `json:"start"` // the first seed
	Seeds    int           `json:"seeds"`
	Passed   int           `json:"passed"`
	Failed   int           `json:"failed"`
	// Again and OtherStore count the seeds that were run again.
	Again      int `json:"again"`
	OtherStore int `json:"otherStore"`

	Operations     int     `json:"operations"`
	Commands       int     `json:"commands"`
	Events         int     `json:"events"`
	Virtual        string  `json:"virtual"`
	Took           string  `json:"took"`
	SeedsPerMinute float64 `json:"seedsPerMinute"`

	Failures   []summaryFailure `json:"failures"`
	Unknown    []string         `json:"unknown"` // checks without a verdict
	Marks      []summaryMark    `json:"marks"`
	NotReached []string         `json:"notReached"` // marks that should have been
}

// summaryFailure is one kind of failure.
type summaryFailure struct {
	Kind     string   `json:"kind"`
	Seeds    int      `json:"seeds"` // that fail so
	Seed     uint64   `json:"seed"`  // the lowest
	Text     string   `json:"text"`
	Commands []string `json:"commands"` // to look into it
}

// summaryMark is how often a rare situation was reached.
type summaryMark struct {
	Name     string  `json:"name"`
	Runs     int     `json:"runs"`
	Times    int     `json:"times"`
	Expected float64 `json:"expected"` // runs, at least
}

func (s *sweeping) summary() *summary {
	t, took := &s.total, s.now().Sub(s.began)
	sum := &summary{
		Commit: commit(), Go: runtime.Version(), Profiles: s.profiles, Start: s.start,
		Seeds: t.seeds, Passed: t.seeds - len(t.failed), Failed: len(t.failed), Again: t.again, OtherStore: t.otherStore,
		Operations: t.operations, Commands: t.commands, Events: t.events,
		Virtual: t.virtual.Round(time.Second).String(), Took: took.Round(time.Second).String(),
		SeedsPerMinute: float64(t.seeds) / max(took.Minutes(), 1.0/60),
		Unknown:        t.unknown, NotReached: t.missing(),
	}
	for _, k := range t.kinds {
		f := k.first
		sum.Failures = append(sum.Failures, summaryFailure{k.kind, k.seeds, f.job.Seed, f.text, f.commands})
	}
	names := slices.Clone(sim.Marks)
	for name := range t.marks { // order: sorted below
		if !slices.Contains(sim.Marks, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		sum.Marks = append(sum.Marks, summaryMark{name, t.marks[name].runs, t.marks[name].times, t.expected(name)})
	}
	return sum
}

// commit is what the program was built from, as far as the build knows.
func commit() string {
	name := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				name = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				name += " with changes"
			}
		}
	}
	return name
}

// write replaces a file by the summary, as a whole.
func (s *summary) write(file string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// print writes the summary for people.
func (s *summary) print(out io.Writer) {
	fmt.Fprintf(out, "%-76s %8s %10s\n", "rare situation", "runs", "times")
	for _, m := range s.Marks {
		if m.Runs > 0 {
			fmt.Fprintf(out, "%-76s %8d %10d\n", m.Name, m.Runs, m.Times)
		} else {
			fmt.Fprintf(out, "%-76s %8s\n", m.Name, "never")
		}
	}
	if len(s.Unknown) > 0 {
		fmt.Fprintf(out, "%d checks ended without a verdict:\n  %s\n", len(s.Unknown), strings.Join(s.Unknown, "\n  "))
	}
	for _, f := range s.Failures {
		fmt.Fprintf(out, "%d seeds fail as seed %d: %s\n%s", f.Seeds, f.Seed, f.Text, indented(f.Commands))
	}
	fmt.Fprintf(out, "%d operations, %d commands, %d events, %s of virtual time in %s; %d runs again and %d on the other store, "+
		"all with the hash of the first run unless said; seeds from %d, commit %s, %s\n", s.Operations, s.Commands, s.Events,
		s.Virtual, s.Took, s.Again, s.OtherStore, s.Start, s.Commit, s.Go)
	fmt.Fprintf(out, "%d passed, %d failed\n", s.Passed, s.Failed)
	if len(s.NotReached) > 0 {
		fmt.Fprintf(out, "%d rare situations were never reached:\n", len(s.NotReached))
		for _, name := range s.NotReached {
			fmt.Fprintf(out, "  %s\n", name)
		}
	}
}
