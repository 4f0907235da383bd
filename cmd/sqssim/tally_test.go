package main

import (
	"errors"
	"slices"
	"testing"

	"sqsd/sim"
)

func TestCommandsOfAFailureCanBeCarriedOut(t *testing.T) {
	usual := job{Seed: 8, Profile: sim.Moves}
	other, pebble := usual, usual
	other.Other, pebble.Pebble = true, true
	ran := func(j job, hash uint64) outcome { return outcome{job: j, result: result{Seed: j.Seed, Hash: hash}} }
	const (
		replay = "go run ./cmd/sqssim replay --seed 8 --profile moves"
		diff   = "diff out/a/seed-8.trace out/b/seed-8.trace"
	)
	for _, c := range []struct {
		name     string
		outcomes []outcome
		want     []string
	}{
		{"a broken promise can be shrunk",
			[]outcome{{job: usual, result: result{Seed: 8, Kind: "G1", Failure: "G1 broken"}}},
			[]string{replay, "go run ./cmd/sqssim shrink --seed 8 --profile moves"}},
		{"a run that does not end cannot", []outcome{{job: usual, err: errHung}}, []string{replay}},
		{"nor one that takes its process along", []outcome{{job: usual, err: errors.Join(errDied)}}, []string{replay}},
		{"two processes", []outcome{ran(usual, 1), ran(other, 2)}, []string{
			"GOMAXPROCS=1 GOGC=400 " + replay + " --trace --out out/a",
			"GOMAXPROCS=4 GOGC=25 " + replay + " --trace --out out/b", diff}},
		{"two stores, the sample ended first", []outcome{ran(pebble, 1), ran(usual, 2)}, []string{
			"GOMAXPROCS=1 GOGC=400 " + replay + " --store pebble --trace --out out/a",
			"GOMAXPROCS=1 GOGC=400 " + replay + " --trace --out out/b", diff}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := newTally()
			var failures []failure
			for _, o := range c.outcomes {
				failures = append(failures, all.add(o, !o.job.Pebble)...)
			}
			if len(failures) != 1 || !slices.Equal(failures[0].commands, c.want) {
				t.Errorf("%v, want the commands %q", failures, c.want)
			}
		})
	}
}
