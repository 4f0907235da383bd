package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	// Other runs the job in a process with other GOMAXPROCS and GOGC than usual.
	Other bool
}

// result is what a worker says of a run.
type result struct {
	Seed       uint64
	Hash       uint64
	Promise    string
	Failure    string
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
		report := sim.Run(sim.NewPlan(j.Seed, j.Profile), sim.Options{Pebble: j.Pebble})
		r := result{
			Seed: j.Seed, Hash: report.Hash, Unknown: report.Unknown, Marks: report.Marks, Virtual: report.Virtual,
			Events: report.Events, Operations: report.Operations, Commands: report.Commands, Took: time.Since(began),
		}
		if v := report.Violation; v != nil {
			r.Promise, r.Failure = string(v.Promise), v.Error()
		}
		if err := results.Encode(r); err != nil {
			return err
		}
	}
}

// runTimeout is the wall time after which a run counts as hung.
const runTimeout = 5 * time.Minute

// worker is a worker process as its parent sees it.
type worker struct {
	command *exec.Cmd
	jobs    *json.Encoder
	in      io.Closer
	results *bufio.Reader
}

// startWorker starts a process of the program at a path.
func startWorker(program string, other bool) (*worker, error) {
	w := &worker{command: exec.Command(program, workerCommand)}
	w.command.Stderr = os.Stderr
	w.command.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=400")
	if other {
		w.command.Env = append(os.Environ(), "GOMAXPROCS=4", "GOGC=25")
	}
	in, err := w.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := w.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.in, w.jobs, w.results = in, json.NewEncoder(in), bufio.NewReaderSize(out, 1<<20)
	return w, w.command.Start()
}

// do runs one job. After an error the worker is of no more use.
func (w *worker) do(j job) (result, error) {
	kill := time.AfterFunc(runTimeout, func() { _ = w.command.Process.Kill() })
	defer kill.Stop()
	var r result
	if err := w.jobs.Encode(j); err != nil {
		return r, fmt.Errorf("the worker process died: %w", err)
	}
	line, err := w.results.ReadBytes('\n')
	if err != nil {
		return r, fmt.Errorf("the worker process died or took more than %v: %w", runTimeout, err)
	}
	return r, json.Unmarshal(line, &r)
}

// stop ends the process.
func (w *worker) stop() {
	_ = w.in.Close() // the worker ends when there are no more jobs
	_ = w.command.Wait()
}
