package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"sqsd/cmd/sqssim/internal/explain"
	"sqsd/sim"
)

// explainRun shrinks a failing run and writes the page that shows why it fails.
func explainRun(args []string) (bool, error) {
	var from source
	flags := flag.NewFlagSet("explain", flag.ExitOnError)
	from.flagsFor(flags)
	budget := flags.Duration("budget", time.Minute, "time to shrink the run; 0 explains it as it is")
	out := flags.String("out", "", "file for the page; out/seed-N.html if empty")
	command := flags.String("command", "", "what the page names to see the run again; the usual command if empty")
	if err := from.parse(flags, args); err != nil {
		return false, err
	}
	j, err := from.job()
	if err != nil {
		return false, err
	}
	report, recording, err := record(j)
	if err != nil {
		return false, err
	}
	if report.Violation == nil {
		fmt.Println("passed: there is nothing to explain")
		return true, nil
	}
	if *out == "" {
		*out = filepath.Join("out", fmt.Sprintf("seed-%d.html", report.Plan.Seed))
	}
	if *command == "" {
		*command = from.replay(j)
	}
	commands := []string{*command}
	if *budget > 0 {
		small, err := shrinkFor(j, *budget)
		if err != nil {
			return false, err
		}
		plan := (*out)[:len(*out)-len(filepath.Ext(*out))] + ".min.plan"
		if report, recording, err = record(small); err != nil {
			return false, err
		}
		if err := writeFile(plan, []byte(small.Plan)); err != nil {
			return false, err
		}
		commands = append(commands, planCommand(plan, j.Pebble))
	}
	fmt.Printf("FAIL %v\n", report.Violation)
	return false, writePage(*out, commands, report, recording)
}

// shrinkFor is the job of the smallest plan that was found in some time.
func shrinkFor(j job, budget time.Duration) (job, error) {
	program, err := self()
	if err != nil {
		return j, err
	}
	s, err := shrinkJob(context.Background(), program, j, runtime.NumCPU(), budget, nil)
	if err != nil {
		return j, err
	}
	return job{Pebble: j.Pebble, Plan: s.best.Plan}, nil
}

// record makes a run and keeps everything that happens in it.
func record(j job) (*sim.Report, *explain.Recording, error) {
	plan, err := j.plan()
	if err != nil {
		return nil, nil, err
	}
	recording := &explain.Recording{}
	options := sim.Options{Pebble: j.Pebble}
	recording.Watch(&options)
	return sim.Run(plan, options), recording, nil
}

// mostShown is how many operations and faults a plan has at most that is shown on a page.
const mostShown = 200

// writePage writes the page of a failed run to a file.
func writePage(path string, commands []string, report *sim.Report, recording *explain.Recording) error {
	page, err := explain.New(report, recording)
	if err != nil {
		return err
	}
	page.Commands = commands
	if steps, faults := report.Plan.Size(); steps+faults <= mostShown {
		page.Plan = report.Plan.Text("")
	}
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

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
