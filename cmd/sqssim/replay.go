package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"sqsd/model"
	"sqsd/sim"
)

// replay makes one run again and writes down what happened if it fails.
func replay(args []string) (bool, error) {
	flags := flag.NewFlagSet("replay", flag.ExitOnError)
	seed := flags.Uint64("seed", 0, "the run's seed")
	name := flags.String("profile", "default", "default, lite, deep or moves")
	store := flags.String("store", "mem", "mem or pebble")
	out := flags.String("out", "out", "directory for trace, history and page of a failure")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	j, err := parseJob(*seed, *name, *store)
	if err != nil {
		return false, err
	}
	plan := sim.NewPlan(j.Seed, j.Profile)
	fmt.Println(plan.String())
	report := sim.Run(plan, sim.Options{Pebble: j.Pebble})
	fmt.Printf("trace %016x\n", report.Hash)
	fmt.Printf("%d operations, %d commands, %d events, %v of virtual time, %s\n", report.Operations, report.Commands,
		report.Events, report.Virtual, runtime.Version())
	for _, u := range report.Unknown {
		fmt.Printf("unknown: %s\n", u)
	}
	if report.Violation == nil {
		fmt.Println("passed")
		return true, nil
	}
	fmt.Printf("FAIL %v\n", report.Violation)
	return false, writeFailure(*out, j, report)
}

// writeFailure makes the run once more to see what happens in it, and writes everything that helps to understand it.
func writeFailure(dir string, j job, report *sim.Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := func(what string) string { return filepath.Join(dir, fmt.Sprintf("seed-%d%s", j.Seed, what)) }
	again, recording := record(j)
	if again.Hash != report.Hash {
		fmt.Printf("not deterministic: trace %016x the second time\n", again.Hash)
	}
	if err := os.WriteFile(path(".trace"), recording.Trace.Bytes(), 0o644); err != nil {
		return err
	}
	if err := writeHistory(path(".history.jsonl"), &report.History); err != nil {
		return err
	}
	fmt.Printf("written: %s\nwritten: %s\n", path(".trace"), path(".history.jsonl"))
	if again.Violation == nil {
		return nil
	}
	return writePage(path(".html"), replayCommand(j), again, recording)
}

// writeHistory writes operations and commits, one JSON object a line.
func writeHistory(path string, h *model.History) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(file)
	for i := range h.Operations {
		if err := lines.Encode(struct {
			Operation *model.Operation
			Action    string
		}{&h.Operations[i], h.Operations[i].Request.Action()}); err != nil {
			return err
		}
	}
	for i := range h.Commits {
		if err := lines.Encode(struct {
			Commit *model.Commit
			Action string
		}{&h.Commits[i], h.Commits[i].Request.Action()}); err != nil {
			return err
		}
	}
	return file.Close()
}
