package load

import (
	"cmp"
	"fmt"
	"slices"
	"syscall"
	"time"
)

const (
	progressEvery = time.Second
	sampleEvery   = 50 * time.Millisecond
)

// watched is what the watcher saw of a run from outside.
type watched struct {
	cpu     time.Duration // of this process, from the end of the warm-up on
	samples []sample
}

// sample is how many messages had gone through at a time since the end of the warm-up.
type sample struct {
	at       time.Duration
	messages int64
}

// watch waits for the run to finish, taking samples and telling progress.
func (r *run) watch(finished <-chan struct{}) watched {
	var seen watched
	cpu := processCPU()
	warm := time.NewTimer(time.Until(r.measureFrom))
	defer warm.Stop()
	samples := time.NewTicker(sampleEvery)
	defer samples.Stop()
	progress := time.NewTicker(progressEvery)
	defer progress.Stop()
	before := r.live.messages[r.mode.measures].Load()
	take := func(now time.Time) {
		seen.samples = append(seen.samples, sample{now.Sub(r.measureFrom), r.live.messages[r.mode.measures].Load()})
	}
	for {
		select {
		case <-warm.C:
			cpu = processCPU()
		case now := <-samples.C:
			if !now.Before(r.measureFrom) {
				take(now)
			}
		case now := <-progress.C:
			total := r.live.messages[r.mode.measures].Load()
			r.tell(now, total, total-before)
			before = total
		case <-finished:
			take(time.Now())
			seen.cpu = processCPU() - cpu
			return seen
		}
	}
}

func (r *run) tell(now time.Time, total, fresh int64) {
	if r.cfg.Progress == nil {
		return
	}
	phase := ""
	if now.Before(r.measureFrom) {
		phase = " (warm-up)"
	}
	r.cfg.Progress(fmt.Sprintf("%3.0fs %s: %d msgs/s, %d in all, %d errors%s",
		now.Sub(r.start).Seconds(), r.mode.name, fresh, total, r.live.errors.Load(), phase))
}

// processCPU is the CPU time that this process has used, user and system.
func processCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// fifths returns the rates, in messages per second, in which the first and the last fifth of the messages went through.
func fifths(samples []sample) (first, last float64) {
	if len(samples) == 0 {
		return 0, 0
	}
	total := samples[len(samples)-1]
	reached := func(messages int64) sample {
		i, _ := slices.BinarySearchFunc(samples, messages, func(s sample, m int64) int { return cmp.Compare(s.messages, m) })
		return samples[i]
	}
	// The end is when the last message went through, not when the last worker found the queue empty.
	return rate(sample{}, reached(total.messages/5)), rate(reached(total.messages-total.messages/5), reached(total.messages))
}

func rate(from, to sample) float64 {
	if to.at <= from.at {
		return 0
	}
	return float64(to.messages-from.messages) / (to.at - from.at).Seconds()
}
