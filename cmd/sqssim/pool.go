package main

import (
	"os"
	"sync"
)

// outcome is a job with its result.
type outcome struct {
	job    job
	result result
	err    error // the run did not end
}

// runJobs runs jobs in worker processes of a program, several at a time, until there are none or cancel is closed. The
// outcomes come in any order; the channel is closed behind the last one.
func runJobs(program string, workers int, jobs <-chan job, cancel <-chan struct{}) <-chan outcome {
	outcomes := make(chan outcome)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			lane := lane{program: program}
			defer lane.stop()
			for {
				select {
				case <-cancel:
					return
				case j, ok := <-jobs:
					if !ok {
						return
					}
					outcomes <- lane.do(j)
				}
			}
		})
	}
	go func() {
		all.Wait()
		close(outcomes)
	}()
	return outcomes
}

// lane runs one job at a time, in one of two processes: the usual one, or one with other settings of the runtime.
type lane struct {
	program string
	workers [2]*worker
}

func (l *lane) do(j job) outcome {
	which := 0
	if j.Other {
		which = 1
	}
	if l.workers[which] == nil {
		w, err := startWorker(l.program, j.Other)
		if err != nil {
			return outcome{job: j, err: err}
		}
		l.workers[which] = w
	}
	r, err := l.workers[which].do(j)
	if err != nil {
		l.workers[which].stop()
		l.workers[which] = nil
	}
	return outcome{job: j, result: r, err: err}
}

func (l *lane) stop() {
	for _, w := range l.workers {
		if w != nil {
			w.stop()
		}
	}
}

// self is the path of the running program.
func self() (string, error) { return os.Executable() }
