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
	var from source
	flags := flag.NewFlagSet("replay", flag.ExitOnError)
	from.flagsFor(flags)
	out := flags.String("out", "out", "directory for trace, plan, history and page of a failure")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	j, err := from.job()
	if err != nil {
		return false, err
	}
	plan, err := j.plan()
	if err != nil {
		return false, err
	}
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
	for _, v := range report.Also {
		fmt.Printf("also %v\n", v)
	}
	return false, writeFailure(*out, from.replay(j), j, report)
}

// writeFailure makes the run once more to see what happens in it, and writes everything that helps to understand it.
func writeFailure(dir, command string, j job, report *sim.Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := func(what string) string { return filepath.Join(dir, fmt.Sprintf("seed-%d%s", report.Plan.Seed, what)) }
	again, recording, err := record(j)
	if err != nil {
		return err
	}
	if again.Hash != report.Hash {
		fmt.Printf("not deterministic: trace %016x the second time\n", again.Hash)
	}
	if err := os.WriteFile(path(".trace"), recording.Trace.Bytes(), 0o644); err != nil {
		return err
	}
	if err := writeHistory(path(".history.jsonl"), &report.History); err != nil {
		return err
	}
	if err := os.WriteFile(path(".plan"), []byte(report.Plan.Text(comment(report))), 0o644); err != nil {
		return err
	}
	fmt.Printf("written: %s, %s, %s\n", path(".trace"), path(".plan"), path(".history.jsonl"))
	if again.Violation == nil {
		return nil
	}
	return writePage(path(".html"), []string{command}, again, recording)
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
