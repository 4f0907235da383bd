package jepsen

import (
	"sync"
	"time"

	"sqsd/model"
	"sqsd/wire"
)

// Outcome is how an attempt ended.
type Outcome int

const (
	// Succeeded is an answer with status 200.
	Succeeded Outcome = iota + 1
	// Unavailable is an answer with status 503.
	Unavailable
	// Broken is a connection that was refused, or that ended before the answer.
	Broken
	// TimedOut is an answer that did not come in time.
	TimedOut
	// Abandoned is a request that the client gave up because its work was over.
	Abandoned
	// Refused is an answer with any other status.
	Refused
	// Malformed is an answer that makes no sense.
	Malformed
)

var outcomeNames = [...]string{
	"", "succeeded", "unavailable (503)", "connection refused or broken", "timed out", "abandoned", "refused", "malformed",
}

// String names the outcome.
func (o Outcome) String() string { return outcomeNames[o] }

// Attempt is one request to one node. Call and Return are nanoseconds since the start of the history.
type Attempt struct {
	model.Operation
	Node    int
	Outcome Outcome
	Status  int   // of the HTTP answer; 0 if there was none
	Problem error // what was wrong if there was no sensible answer
}

// History is what all clients asked and saw. It may be used by many goroutines.
type History struct {
	start time.Time

	mu       sync.Mutex
	attempts []*Attempt
	sends    map[string]int64 // by queue: the latest Call among sends that succeeded
}

// NewHistory starts a history now.
func NewHistory() *History {
	return &History{start: time.Now(), sends: make(map[string]int64)}
}

// Now is the time since the start, on the monotonic clock, in nanoseconds.
func (h *History) Now() int64 { return int64(time.Since(h.start)) }

// Add appends an attempt and numbers it.
func (h *History) Add(a *Attempt) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a.ID = len(h.attempts)
	h.attempts = append(h.attempts, a)
	if send, ok := a.Request.(*wire.SendMessageRequest); ok && a.Outcome == Succeeded {
		h.sends[send.Name] = max(h.sends[send.Name], a.Call)
	}
}

// SentSince says whether a send to the queue that was called after t has succeeded.
func (h *History) SentSince(queue string, t int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sends[queue] > t
}

// Attempts returns all attempts so far, in the order in which they ended.
func (h *History) Attempts() []*Attempt {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.attempts[:len(h.attempts):len(h.attempts)]
}

// Operations returns the attempts as package model judges them: one whose outcome is unknown has no end.
func (h *History) Operations() []model.Operation {
	var all []model.Operation
	for _, a := range h.Attempts() {
		op := a.Operation
		if op.Unknown {
			op.Return = model.Never
		}
		all = append(all, op)
	}
	return all
}
