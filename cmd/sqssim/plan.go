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

// parse reads the flags, and refuses what would make another run than is meant.
func (s *source) parse(flags *flag.FlagSet, args []string) error {
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch planned := s.file != ""; {
	case planned == given["seed"]:
		return errors.New("want either --seed N or --plan FILE")
	case planned && given["profile"]:
		return errors.New("want no --profile beside --plan: a plan says everything")
	}
	return nil
}

// parseFlags reads the flags of a command that takes nothing else.
func parseFlags(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("want nothing but flags, not %q", flags.Arg(0))
	}
	return nil
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
		return planCommand(s.file, j.Pebble)
	}
	return commandLine("replay", j)
}

// printPlan makes a run and writes down what clients did and what went wrong in it.
func printPlan(args []string, out io.Writer) error {
	var s source
	flags := flag.NewFlagSet("plan", flag.ExitOnError)
	s.flagsFor(flags)
	if err := s.parse(flags, args); err != nil {
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
