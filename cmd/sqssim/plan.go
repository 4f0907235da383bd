package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"sqsd/sim"
)

// source says which run is meant: that of a seed, or that of a file with a plan.
type source struct {
	seed    uint64
	profile string
	file    string
	store   string
}

// flagsFor defines the flags of a source.
func (s *source) flagsFor(flags *flag.FlagSet) {
	flags.Uint64Var(&s.seed, "seed", 0, "the run's seed")
	flags.StringVar(&s.profile, "profile", "default", "default, lite, deep, moves or ruin")
	flags.StringVar(&s.file, "plan", "", "file with a plan, in the place of a seed")
	flags.StringVar(&s.store, "store", "mem", "mem or pebble")
}

// job is the run that is meant.
func (s *source) job() (j job, err error) {
	if j.Pebble, err = parseStore(s.store); err != nil {
		return j, err
	}
	if s.file == "" {
		j.Seed = s.seed
		j.Profile, err = sim.ParseProfile(s.profile)
		return j, err
	}
	if s.seed != 0 {
		return j, errors.New("want a seed or a plan, not both")
	}
	text, err := os.ReadFile(s.file)
	j.Plan = string(text)
	return j, err
}

// plan reads or draws the plan.
func (s *source) plan() (plan sim.Plan, pebble bool, err error) {
	j, err := s.job()
	if err != nil {
		return plan, false, err
	}
	if plan, err = j.plan(); err != nil {
		return plan, false, fmt.Errorf("%s: %w", s.file, err)
	}
	return plan, j.Pebble, nil
}

// replay is what a person types to see the run again.
func (s *source) replay(j job) string {
	if s.file != "" {
		return "go run ./cmd/sqssim replay --plan " + s.file
	}
	return commandLine("replay", j)
}

// printPlan makes a run and writes down what clients did and what went wrong in it.
func printPlan(args []string, out io.Writer) error {
	var s source
	flags := flag.NewFlagSet("plan", flag.ExitOnError)
	s.flagsFor(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	plan, pebble, err := s.plan()
	if err != nil {
		return err
	}
	report := sim.Run(plan, sim.Options{Pebble: pebble})
	_, err = io.WriteString(out, report.Plan.Text(comment(report)))
	return err
}

// comment is what stands at the head of a plan.
func comment(report *sim.Report) string {
	if report.Violation == nil {
		return report.Plan.String() + "\npassed"
	}
	return report.Plan.String() + "\n" + report.Violation.Error()
}
