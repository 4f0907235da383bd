package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"sqsd/cmd/sqssim/internal/explain"
	"sqsd/model"
	"sqsd/sim"
)

// replay makes one run again and writes down what happened if it fails, or if it is asked to.
func replay(args []string) (bool, error) {
	var from source
	flags := flag.NewFlagSet("replay", flag.ExitOnError)
	from.flagsFor(flags)
	out := flags.String("out", "out", "directory for trace, plan, history and page of a failure")
	trace := flags.Bool("trace", false, "write the trace of a run that passes, too")
	if err := from.parse(flags, args); err != nil {
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
		if !*trace {
			return true, nil
		}
		_, _, same, err := writeTrace(*out, j, report)
		return same, err
	}
	fmt.Printf("FAIL %v\n", report.Violation)
	for _, v := range report.Also {
		fmt.Printf("also %v\n", v)
	}
	return false, writeFailure(*out, from.replay(j), j, report)
}

// writeTrace makes the run once more to see what happens in it, and writes that down. It says whether the same happened.
func writeTrace(dir string, j job, report *sim.Report) (again *sim.Report, recording *explain.Recording, same bool, err error) {
	if again, recording, err = record(j); err != nil {
		return nil, nil, false, err
	}
	same = again.Hash == report.Hash
	if !same {
		fmt.Printf("not deterministic: trace %016x the second time\n", again.Hash)
	}
	name := inDir(dir, report, ".trace")
	fmt.Printf("written: %s\n", name)
	return again, recording, same, writeFile(name, recording.Trace.Bytes())
}

// inDir is the path of a file about a run.
func inDir(dir string, report *sim.Report, what string) string {
	return filepath.Join(dir, fmt.Sprintf("seed-%d%s", report.Plan.Seed, what))
}

// writeFailure writes everything that helps to understand why a run fails.
func writeFailure(dir, command string, j job, report *sim.Report) error {
	path := func(what string) string { return inDir(dir, report, what) }
	again, recording, _, err := writeTrace(dir, j, report)
	if err != nil {
		return err
	}
	if err := writeHistory(path(".history.jsonl"), &report.History); err != nil {
		return err
	}
	if err := os.WriteFile(path(".plan"), []byte(report.Plan.Text(comment(report))), 0o644); err != nil {
		return err
	}
	fmt.Printf("written: %s, %s\n", path(".plan"), path(".history.jsonl"))
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
