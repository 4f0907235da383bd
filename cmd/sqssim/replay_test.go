package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestReplayWritesTheTraceOfARunThatPassesIfAsked(t *testing.T) {
	var traces [][]byte
	for _, more := range [][]string{{"--trace"}, {"--trace", "--store", "pebble"}, nil} {
		dir := filepath.Join(t.TempDir(), "new")
		ok, err := replay(append([]string{"--seed", "2", "--profile", "lite", "--out", dir}, more...))
		if !ok || err != nil {
			t.Fatalf("%v: %v, %v", more, ok, err)
		}
		trace, err := os.ReadFile(filepath.Join(dir, "seed-2.trace"))
		if (err == nil) != (more != nil) {
			t.Errorf("%v: the trace is read with %v", more, err)
		}
		traces = append(traces, trace)
	}
	if len(traces[0]) == 0 || !bytes.Equal(traces[0], traces[1]) {
		t.Errorf("the traces of a run on two stores have %d and %d bytes, want the same", len(traces[0]), len(traces[1]))
	}
}

func TestReplayOfAFailureWritesAllThatTheGuideNames(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "failing.plan")
	if err := os.WriteFile(plan, []byte(failingPlan(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	if ok, err := replay([]string{"--plan", plan, "--out", dir}); ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	for _, what := range []string{".html", ".trace", ".plan", ".history.jsonl"} {
		if info, err := os.Stat(filepath.Join(dir, "seed-2"+what)); err != nil || info.Size() == 0 {
			t.Errorf("seed-2%s: %v", what, err)
		}
	}
}
