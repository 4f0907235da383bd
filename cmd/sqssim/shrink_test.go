package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"sqsd/sim"
)

// failingPlan is one that fails because devices are too slow for clients' time limits. It needs no client for that.
func failingPlan(t *testing.T) string {
	t.Helper()
	plan := sim.Run(sim.NewPlan(2, sim.Lite), sim.Options{}).Plan
	var lines []string
	for line := range strings.Lines(plan.Text("")) {
		if strings.HasPrefix(line, "disk-latency ") {
			line = "disk-latency 400ms\n"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}

func TestShrinkingIsTheSameWithAnyNumberOfWorkers(t *testing.T) {
	program, err := self()
	if err != nil {
		t.Fatal(err)
	}
	j := job{Plan: failingPlan(t)}
	var plans []string
	for _, workers := range []int{1, 3} {
		s, err := shrinkJob(context.Background(), program, j, workers, 5*time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		if steps, faults := s.failing.Plan.Size(); steps+faults > 0 {
			t.Errorf("%d workers leave %s", workers, s.size())
		}
		again, err := sim.ParsePlan(s.best.Plan)
		if err != nil {
			t.Fatal(err)
		}
		if report := sim.Run(again, sim.Options{}); report.Violation == nil || sim.FailureClass(report.Violation) != s.class {
			t.Errorf("the shrunk plan gives %v, want %s", report.Violation, s.class)
		}
		plans = append(plans, s.best.Plan)
	}
	if plans[0] != plans[1] {
		t.Errorf("one worker gives\n%s\nthree give\n%s", plans[0], plans[1])
	}
}

func TestShrinkingEndsWithItsBudget(t *testing.T) {
	program, err := self()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	j := job{Plan: failingPlan(t)}
	s, err := shrinkJob(ctx, program, j, 2, time.Hour, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.attempts != 0 || s.best.Class == "" {
		t.Errorf("after an interrupt %d candidates are run and the best run fails with %q", s.attempts, s.best.Class)
	}
}

func TestARunThatPassesCannotBeShrunk(t *testing.T) {
	program, err := self()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shrinkJob(context.Background(), program, job{Seed: 2, Profile: sim.Lite}, 1, time.Minute, nil); err == nil {
		t.Error("a run that passes is shrunk")
	}
}
