package main

import (
	"encoding/json"
	"io"
	"time"

	"sqsd/sim"
)

// workerCommand makes the program a worker: it reads jobs, one JSON object a line, and writes their results.
const workerCommand = "worker"

// job is one run.
type job struct {
	Seed    uint64
	Profile sim.Profile
	Pebble  bool
	// Plan is the text of a plan in the place of a seed.
	Plan string
	// WantPlan asks for the plan of a run that fails.
	WantPlan bool
	// Limit is the wall time after which the run counts as hung; 0 is runLimit.
	Limit time.Duration
	// Other runs the job in a process with other GOMAXPROCS and GOGC than usual.
	Other bool
}

// result is what a worker says of a run.
type result struct {
	Seed       uint64
	Hash       uint64
	Promise    string
	Class      string // see sim.FailureClass
	Kind       string // see sim.FailureKind
	Failure    string
	Plan       string // with a comment that says how it fails
	Shown      []int  // operations that show the failure
	BadPlan    string // why the job's plan was refused
	Unknown    []string
	Marks      map[string]int
	Virtual    time.Duration
	Events     int
	Operations int
	Commands   int
	Took       time.Duration // of wall time
}

// work runs jobs until there are no more.
func work(in io.Reader, out io.Writer) error {
	jobs, results := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var j job
		if err := jobs.Decode(&j); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		began := time.Now()
		plan, err := j.plan()
		if err != nil {
			if err := results.Encode(result{BadPlan: err.Error()}); err != nil {
				return err
			}
			continue
		}
		report := sim.Run(plan, sim.Options{Pebble: j.Pebble})
		r := result{
			Seed: plan.Seed, Hash: report.Hash, Unknown: report.Unknown, Marks: report.Marks, Virtual: report.Virtual,
			Events: report.Events, Operations: report.Operations, Commands: report.Commands, Took: time.Since(began),
		}
		if v := report.Violation; v != nil {
			r.Promise, r.Class, r.Kind = string(v.Promise), sim.FailureClass(v), sim.FailureKind(v)
			r.Failure, r.Shown = v.Error(), v.Operations
			if j.WantPlan {
				r.Plan = report.Plan.Text(comment(report))
			}
		}
		if err := results.Encode(r); err != nil {
			return err
		}
	}
}

func (j *job) plan() (sim.Plan, error) {
	if j.Plan != "" {
		return sim.ParsePlan(j.Plan)
	}
	return sim.NewPlan(j.Seed, j.Profile), nil
}
