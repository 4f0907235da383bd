package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sqsd/sim"
)

// newSweep is a sweep of short runs in processes of this program.
func newSweep(t *testing.T, count uint64, profiles ...sim.Profile) *sweeping {
	t.Helper()
	program, err := self()
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	return &sweeping{start: 1, count: count, profiles: profiles, workers: 2, program: program, now: time.Now, progress: newProgress(null)}
}

func TestASweepRunsProfilesInTurn(t *testing.T) {
	s := newSweep(t, 3, sim.Lite, sim.Moves, sim.Lite)
	s.start, s.rerunEvery = 3, 2
	s.run(context.Background(), func() {})
	if s.total.seeds != 3 || s.total.runs[sim.Lite] != 2 || s.total.runs[sim.Moves] != 1 {
		t.Errorf("%d seeds ran, by profile %v, want two of lite and one of moves", s.total.seeds, s.total.runs)
	}
	if s.total.again != 2 || s.total.otherStore != 1 {
		t.Errorf("%d seeds ran again and %d on the other store, want 2 and 1", s.total.again, s.total.otherStore)
	}
	if len(s.total.failed) > 0 {
		t.Errorf("%v failed", s.total.kinds[0].first)
	}
}

func TestASweepEndsWhenItsTimeIsUp(t *testing.T) {
	s := newSweep(t, 0, sim.Lite)
	s.lasts = time.Hour
	var minutes atomic.Int64 // each look at the clock takes a quarter of an hour
	s.now = func() time.Time { return time.Unix(0, 0).Add(time.Duration(minutes.Add(15)) * time.Minute) }
	s.run(context.Background(), func() {})
	if n := s.total.seeds; n < 1 || n > 6 {
		t.Errorf("%d seeds ran in an hour of four looks at the clock", n)
	}
}

// TestASweepOutlivesItsWorkers counts seeds whose worker ends or hangs: TestMain does that at seeds that a test names.
func TestASweepOutlivesItsWorkers(t *testing.T) {
	t.Setenv(dyingSeeds, "2,4")
	s := newSweep(t, 5, sim.Lite)
	kinds := 0
	s.run(context.Background(), func() { kinds++ })
	if s.total.seeds != 5 || !s.total.failed[2] || !s.total.failed[4] || len(s.total.failed) != 2 {
		t.Fatalf("of %d seeds %v failed, want 2 and 4 of five", s.total.seeds, s.total.failed)
	}
	k := s.total.kinds[0]
	if len(s.total.kinds) != 1 || k.kind != errDied.Error() || k.seeds != 2 || k.first.job.Seed != 2 {
		t.Errorf("kinds of failures: %d, the first %+v", len(s.total.kinds), k)
	}
	if !strings.Contains(k.first.text, "exit status 3") || !strings.Contains(k.first.text, "out of order") {
		t.Errorf("the text does not say how the worker ended: %s", k.first.text)
	}
	if kinds != 2 {
		t.Errorf("told of %d kinds and the end, want both once", kinds)
	}
}

func TestASweepEndsRunsThatHang(t *testing.T) {
	t.Setenv(hangingSeeds, "1,2,3")
	s := newSweep(t, 3, sim.Lite)
	s.limit = time.Millisecond
	s.run(context.Background(), func() {})
	if k := s.total.kinds; len(k) != 1 || k[0].kind != errHung.Error() || k[0].seeds != 3 {
		t.Errorf("kinds of failures: %+v", k)
	}
}

func TestASweepEndsAtEnoughKindsOfFailures(t *testing.T) {
	t.Setenv(dyingSeeds, "2")
	s := newSweep(t, 0, sim.Lite)
	s.maxKinds = 1
	s.run(context.Background(), func() {})
	if len(s.total.failed) != 1 {
		t.Errorf("%v failed, want seed 2", s.total.failed)
	}
}

func TestSummary(t *testing.T) {
	s := newSweep(t, 2, sim.Lite)
	t.Setenv(dyingSeeds, "2")
	file := filepath.Join(t.TempDir(), "out", "summary.json")
	s.run(context.Background(), func() {
		if err := s.summary().write(file); err != nil {
			t.Error(err)
		}
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var read summary
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if read.Seeds != 2 || read.Passed != 1 || read.Failed != 1 || read.Go == "" || len(read.Marks) < len(sim.Marks) {
		t.Errorf("%d of %d seeds passed and %d failed, with %s, and %d marks", read.Passed, read.Seeds, read.Failed, read.Go,
			len(read.Marks))
	}
	want := []string{"go run ./cmd/sqssim replay --seed 2 --profile lite"}
	if len(read.Failures) != 1 || !slices.Equal(read.Failures[0].Commands, want) {
		t.Errorf("the summary's failures are %+v", read.Failures)
	}
}

func TestMarksThatAreNotReachedInTimeAreMissing(t *testing.T) {
	name := sim.Marks[0]
	within := sim.Within(name, sim.Default)
	for _, c := range []struct {
		runs    int
		reached bool
		missing bool
	}{{sure*within - 1, false, false}, {sure * within, false, true}, {sure * within, true, false}} {
		all := newTally()
		all.runs[sim.Default] = c.runs
		if c.reached {
			all.marks[name] = mark{runs: 1, times: 1}
		}
		if got := slices.Contains(all.missing(), name); got != c.missing {
			t.Errorf("%d runs, reached %v: missing %v, want %v", c.runs, c.reached, got, c.missing)
		}
	}
}

func TestFirstSeed(t *testing.T) {
	if firstSeed("4711") != 4711 {
		t.Error("a number is not its own seed")
	}
	a, b := firstSeed("2026-11-25"), firstSeed("2026-11-26")
	if a == b || a>>40 != 0 || b>>40 != 0 || a < 1<<20 {
		t.Errorf("two days begin at %d and %d", a, b)
	}
}
