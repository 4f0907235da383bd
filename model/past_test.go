package model

import (
	"testing"

	"sqsd/wire"
)

// past is a history as a client saw it, written down call by call; times are in seconds. It breaks a promise, or none.
type past struct {
	name     string
	calls    []seen
	drained  float64
	promise  Promise
	searched bool // the search must find it too
}

// seen is a step with its interval.
type seen struct {
	step
	call, finish float64
	lost         bool
}

// c is a completed call.
func c(call, finish float64, st step) seen { return seen{st, call, finish, false} }

// lost is a call of unknown outcome.
func lost(call float64, st step) seen { return seen{st, call, 0, true} }

// history writes the past down with a tolerance of a tenth of a second.
func (p *past) history() *History {
	h := &History{Config: testConfig, Tolerance: second / 10, Promptness: second / 10, DrainedAt: int64(p.drained * 1e9)}
	b := newBooks()
	for i, s := range p.calls {
		o := Operation{Client: i, ID: i, Call: int64(s.call * 1e9), Return: int64(s.finish * 1e9), Request: s.req}
		if s.lost {
			o.Unknown, o.Return = true, Never
		} else {
			o.Response, o.Err = s.answer(b, wire.Time(s.call*1000))
		}
		h.Operations = append(h.Operations, o)
	}
	return h
}

// runPasts checks each past by the linear checkers and by search.
func runPasts(t *testing.T, pasts []past) {
	t.Helper()
	for _, p := range pasts {
		t.Run(p.name, func(t *testing.T) {
			h := p.history()
			wantPromise(t, Linear(h), p.promise)
			illegal := false
			for _, part := range Search(h, DefaultSteps()) {
				illegal = illegal || part.Verdict == Illegal
				if p.promise == "" && part.Verdict != Legal {
					t.Errorf("the search says %s of %s %s", part.Verdict, part.Queue, part.Message)
				}
			}
			if p.searched && !illegal {
				t.Error("the search found nothing")
			}
		})
	}
}
