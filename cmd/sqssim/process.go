package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// runLimit is the wall time after which a run counts as hung.
	runLimit = 5 * time.Minute
	// lastWords is how much of what a worker says on standard error when it dies is kept, in bytes.
	lastWords = 2000
	// dumpLimit is how long a worker that hangs may take to say where.
	dumpLimit = 10 * time.Second
)

var (
	errHung = errors.New("hung")
	errDied = errors.New("the worker process died")
)

// worker is a worker process as its parent sees it.
type worker struct {
	command *exec.Cmd
	jobs    *json.Encoder
	in      io.Closer
	results *bufio.Reader
	words   words
}

// runtimeSettings are those of the Go runtime that a worker gets in its environment.
func runtimeSettings(other bool) []string {
	if other {
		return []string{"GOMAXPROCS=4", "GOGC=25"}
	}
	return []string{"GOMAXPROCS=1", "GOGC=400"}
}

// startWorker starts a process of the program at a path.
func startWorker(program string, other bool) (*worker, error) {
	w := &worker{command: exec.Command(program, workerCommand)}
	w.command.Stderr = &w.words
	w.command.Env = append(os.Environ(), runtimeSettings(other)...)
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

// do runs one job. After an error, which is errHung or errDied with the worker's last words, the worker is of no more
// use, but is to be stopped.
func (w *worker) do(j job) (r result, err error) {
	limit := cmp.Or(j.Limit, runLimit)
	over := time.AfterFunc(limit, func() {
		_ = w.command.Process.Signal(syscall.SIGQUIT) // the runtime says where it hangs, and ends
	})
	kill := time.AfterFunc(limit+dumpLimit, func() { _ = w.command.Process.Kill() })
	defer kill.Stop()
	if err = w.jobs.Encode(j); err == nil {
		var line []byte
		if line, err = w.results.ReadBytes('\n'); err == nil && over.Stop() {
			return r, json.Unmarshal(line, &r)
		}
	}
	hung := err == nil || !over.Stop()
	_ = w.in.Close()
	how := w.command.Wait()
	if hung {
		return r, fmt.Errorf("%w: no result after %v%s", errHung, limit, w.words.quote())
	}
	return r, fmt.Errorf("%w: %v%s", errDied, how, w.words.quote())
}

// stop ends the process.
func (w *worker) stop() {
	_ = w.in.Close() // the worker ends when there are no more jobs
	_ = w.command.Wait()
}

// words keeps the beginning of what is written: a Go program that dies says why at first.
type words struct{ text []byte }

func (t *words) Write(p []byte) (int, error) {
	t.text = append(t.text, p[:min(len(p), lastWords-len(t.text))]...)
	return len(p), nil
}

// quote is the text as the end of a message, indented.
func (t *words) quote() string {
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return ""
	}
	return "\n       " + strings.ReplaceAll(text, "\n", "\n       ")
}
