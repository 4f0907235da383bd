package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Variables of the environment with the seeds at which a worker of a test does not do its work, separated by commas.
const (
	dyingSeeds   = "SQSSIM_TEST_DYING_SEEDS"
	hangingSeeds = "SQSSIM_TEST_HANGING_SEEDS"
)

// TestMain makes the program of the tests a worker if it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == workerCommand {
		if err := work(&disturbed{jobs: json.NewDecoder(os.Stdin)}, os.Stdout); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// disturbed reads jobs, but dies or hangs at some.
type disturbed struct {
	jobs *json.Decoder
	line []byte
}

func (d *disturbed) Read(p []byte) (int, error) {
	if len(d.line) == 0 {
		var j job
		if err := d.jobs.Decode(&j); err != nil {
			return 0, err
		}
		if named(dyingSeeds, j.Seed) {
			fmt.Fprintln(os.Stderr, "out of order")
			os.Exit(3)
		}
		if named(hangingSeeds, j.Seed) {
			_, _ = io.Copy(io.Discard, os.Stdin)
		}
		var err error
		if d.line, err = json.Marshal(j); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.line)
	d.line = d.line[n:]
	return n, nil
}

func named(variable string, seed uint64) bool {
	return slices.Contains(strings.Split(os.Getenv(variable), ","), strconv.FormatUint(seed, 10))
}
