package jepsen

import (
	"sync"
	"time"
)

// Pace counts the calls of one piece of work that were answered, remembers the longest time without one, and can hold
// the work up at a call. It may be used by many goroutines.
type Pace struct {
	mu    sync.Mutex
	steps int
	start time.Time
	last  time.Time
	worst time.Duration
	limit int
	moved sync.Cond // on mu: the limit is another
}

// NewPace starts to count now, and lets limit calls be answered; who makes the last of them waits for Allow.
func NewPace(limit int) *Pace {
	now := time.Now()
	p := &Pace{start: now, last: now, limit: limit}
	p.moved.L = &p.mu
	return p
}

func (p *Pace) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.steps, p.last, p.worst = p.steps+1, now, max(p.worst, now.Sub(p.last))
	for p.steps >= p.limit {
		p.moved.Wait()
	}
}

// Allow lets the work go on until limit calls have been answered. The time for which it was held up is no gap.
func (p *Pace) Allow(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit, p.last = limit, time.Now()
	p.moved.Broadcast()
}

// Steps is how many calls were answered.
func (p *Pace) Steps() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.steps
}

// Idle is how long no call has been answered.
func (p *Pace) Idle() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.last)
}

// Took is the time from the start to the last answer, and the longest time without one in between.
func (p *Pace) Took() (all, worst time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.Sub(p.start), p.worst
}
