package jepsen

import (
	"sync"
	"time"
)

// Pace counts the calls of one piece of work that were answered, and remembers the longest time without one. It may be
// used by many goroutines.
type Pace struct {
	mu    sync.Mutex
	steps int
	start time.Time
	last  time.Time
	worst time.Duration
}

// NewPace starts to count now.
func NewPace() *Pace {
	now := time.Now()
	return &Pace{start: now, last: now}
}

func (p *Pace) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.steps, p.last, p.worst = p.steps+1, now, max(p.worst, now.Sub(p.last))
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
