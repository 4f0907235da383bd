package main

import (
	"bufio"
	"encoding/json"
	"errors"
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
	out := flags.String("out", "out", "directory for trace, plan, history and porcupine's picture of a failure")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	plan, pebble, err := from.plan()
	if err != nil {
		return false, err
	}
	fmt.Println(plan.String())
	report := sim.Run(plan, sim.Options{Pebble: pebble})
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
	return false, writeFailure(*out, plan, pebble, report)
}

// writeFailure makes the run once more to get its text, and writes everything that helps to understand it.
func writeFailure(dir string, plan sim.Plan, pebble bool, report *sim.Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := func(what string) string { return filepath.Join(dir, fmt.Sprintf("seed-%d%s", plan.Seed, what)) }
	trace, err := os.Create(path(".trace"))
	if err != nil {
		return err
	}
	text := bufio.NewWriterSize(trace, 1<<20)
	again := sim.Run(plan, sim.Options{Pebble: pebble, Trace: text})
	if again.Hash != report.Hash {
		fmt.Printf("not deterministic: trace %016x the second time\n", again.Hash)
	}
	if err := text.Flush(); err != nil {
		return err
	}
	if err := trace.Close(); err != nil {
		return err
	}
	if err := writeHistory(path(".history.jsonl"), &report.History); err != nil {
		return err
	}
	if err := os.WriteFile(path(".plan"), []byte(report.Plan.Text(comment(report))), 0o644); err != nil {
		return err
	}
	fmt.Printf("written: %s, %s, %s\n", path(".trace"), path(".plan"), path(".history.jsonl"))
	if p := partition(report); p != nil {
		page, err := os.Create(path(".html"))
		if err != nil {
			return err
		}
		fmt.Printf("written: %s\n", path(".html"))
		return errors.Join(p.WriteHTML(page), page.Close())
	}
	return nil
}

// partition is the part of the history to draw: one that porcupine found illegal, or the message or queue that the
// violation names.
func partition(report *sim.Report) *model.Partition {
	if len(report.Offending) > 0 {
		return report.Offending[0]
	}
	v := report.Violation
	for _, p := range model.Search(&report.History, model.DefaultSteps()) {
		if p.Queue == v.Queue && p.Message == v.Message {
			return p
		}
	}
	return nil
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
