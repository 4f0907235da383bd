package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"sqsd/cmd/sqssim/internal/explain"
	"sqsd/sim"
)

// explainRun makes one run again and writes the page that shows why it fails.
func explainRun(args []string) (bool, error) {
	flags := flag.NewFlagSet("explain", flag.ExitOnError)
	seed := flags.Uint64("seed", 0, "the run's seed")
	name := flags.String("profile", "default", "default, lite, deep or moves")
	store := flags.String("store", "mem", "mem or pebble")
	out := flags.String("out", "", "file for the page; out/seed-N.html if empty")
	command := flags.String("command", "", "what the page names to see the run again; the usual command if empty")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	j, err := parseJob(*seed, *name, *store)
	if err != nil {
		return false, err
	}
	report, recording := record(j)
	if report.Violation == nil {
		fmt.Println("passed: there is nothing to explain")
		return true, nil
	}
	if *out == "" {
		*out = filepath.Join("out", fmt.Sprintf("seed-%d.html", *seed))
	}
	if *command == "" {
		*command = replayCommand(j)
	}
	fmt.Printf("FAIL %v\n", report.Violation)
	return false, writePage(*out, *command, report, recording)
}

// parseJob is the run that flags ask for.
func parseJob(seed uint64, profile, store string) (job, error) {
	p, err := sim.ParseProfile(profile)
	if err != nil {
		return job{}, err
	}
	pebble, err := parseStore(store)
	return job{Seed: seed, Profile: p, Pebble: pebble}, err
}

// record makes a run and keeps everything that happens in it.
func record(j job) (*sim.Report, *explain.Recording) {
	recording := &explain.Recording{}
	options := sim.Options{Pebble: j.Pebble}
	recording.Watch(&options)
	return sim.Run(sim.NewPlan(j.Seed, j.Profile), options), recording
}

// writePage writes the page of a failed run to a file.
func writePage(path, command string, report *sim.Report, recording *explain.Recording) error {
	page, err := explain.New(report, recording)
	if err != nil {
		return err
	}
	page.Commands = []string{command}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(page.Write(file), file.Close()); err != nil {
		return err
	}
	fmt.Printf("written: %s\n", path)
	return nil
}
