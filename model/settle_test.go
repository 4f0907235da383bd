package model

import (
	"reflect"
	"testing"
)

func TestSettle(t *testing.T) {
	const sending, purging = 1, 2
	forget := func(h *History, i int) {
		o := &h.Operations[i]
		o.Unknown, o.Return, o.At, o.Response = true, Never, nil, nil
	}
	for _, tc := range []struct {
		name   string
		change func(h *History)
		check  func(t *testing.T, h, settled *History)
	}{
		{"what is not in the log is left out", func(h *History) {
			h.Operations = append(h.Operations, Operation{ID: 9, Request: send("q", "b").req, Unknown: true, Return: Never})
		}, func(t *testing.T, h, settled *History) {
			if n := len(settled.Operations); n != len(h.Operations)-1 {
				t.Errorf("%d operations are left of %d, want one less", n, len(h.Operations))
			}
		}},
		{"what is in the log gets its answer and an end", func(h *History) { forget(h, sending) },
			func(t *testing.T, h, settled *History) {
				o := settled.Operations[sending]
				if o.Unknown || !o.unheard || o.Return != h.Operations[purging].Return || o.Response != h.Commits[sending].Response {
					t.Errorf("got %+v, want the answer of the log, and the end of the operation after it", o)
				}
			}},
		{"the end of what is last in the log is not known", func(h *History) { forget(h, purging) },
			func(t *testing.T, _, settled *History) {
				if o := settled.Operations[purging]; !o.Unknown {
					t.Errorf("got %+v, want it to stay unknown", o)
				}
			}},
		{"without a log nothing is settled", func(h *History) { forget(h, sending); h.Commits = nil },
			func(t *testing.T, h, settled *History) {
				if !reflect.DeepEqual(h, settled) {
					t.Errorf("got %+v, want no change", settled)
				}
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := sequence(create("q").req, send("q", "a").req, purge("q").req)
			tc.change(h)
			tc.check(t, h, settle(h))
		})
	}
}

func TestLinearWithALogSeesThroughUnknownOutcomes(t *testing.T) {
	h := sequence(create("q").req, send("q", "a").req, receiveFor("q", 1).req, tick().req, receive("q").req, purge("q").req)
	h.Operations[2].Unknown, h.Operations[2].At, h.Operations[2].Return = true, nil, Never
	wantPromise(t, Linear(h), "")
	// The receive is in the log with a timeout of a second: long after it the message must be there.
	const second = 1e9
	for _, i := range []int{4, 5} {
		h.Operations[i].Call += 20 * second
		h.Operations[i].Return += 20 * second
	}
	wantPromise(t, Linear(h), Prompt)
	h.Commits = nil
	wantPromise(t, Linear(h), "")
}
