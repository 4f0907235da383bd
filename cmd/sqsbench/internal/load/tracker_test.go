package load

import (
	"testing"
	"time"
)

// s is seconds since the start of a run.
const s = time.Second

func TestTally(t *testing.T) {
	for _, test := range []struct {
		name string
		play func(t *tracker)
		want Tally
	}{
		{"sent and delivered", func(t *tracker) { t.sent("a"); t.received("a", 1*s, 2*s) }, Tally{}},
		{"delivered before the send's answer", func(t *tracker) { t.received("a", 1*s, 2*s); t.sent("a") }, Tally{}},
		{"sent and never delivered", func(t *tracker) { t.sent("a"); t.sent("b"); t.received("b", 1*s, 2*s) }, Tally{Lost: 1}},
		{"delivered without acknowledged send", func(t *tracker) { t.received("a", 1*s, 2*s) }, Tally{Foreign: 1}},
		{"delivered again while held", func(t *tracker) {
			t.sent("a")
			t.received("a", 1*s, 2*s)
			t.received("a", 30*s, 30900*time.Millisecond)
		}, Tally{Duplicates: 1}},
		{"delivered again when the timeout may have run out", func(t *tracker) {
			t.sent("a")
			t.received("a", 1*s, 2*s)
			t.received("a", 30*s, 31*s)
		}, Tally{}},
		{"held delivery recorded late", func(t *tracker) {
			t.sent("a")
			t.received("a", 20*s, 21*s)
			t.received("a", 1*s, 2*s)
		}, Tally{Duplicates: 1}},
		{"first delivery recorded after the legitimate second", func(t *tracker) {
			t.sent("a")
			t.received("a", 40*s, 41*s)
			t.received("a", 1*s, 2*s)
		}, Tally{}},
		{"three legitimate deliveries", func(t *tracker) {
			t.sent("a")
			t.received("a", 0*s, 1*s)
			t.received("a", 35*s, 36*s)
			t.received("a", 70*s, 71*s)
		}, Tally{}},
		{"delivered again once it was given back", func(t *tracker) {
			t.sent("a")
			t.received("a", 1*s, 2*s)
			t.release("a")
			t.received("a", 3*s, 4*s)
		}, Tally{}},
		{"delivered twice after it was given back once", func(t *tracker) {
			t.sent("a")
			t.received("a", 1*s, 2*s)
			t.release("a")
			t.received("a", 3*s, 4*s)
			t.received("a", 5*s, 6*s)
		}, Tally{Duplicates: 1}},
		{"delivered after its delete", func(t *tracker) {
			t.sent("a")
			t.received("a", 1*s, 2*s)
			t.deletedAt("a", 3*s)
			t.received("a", 50*s, 51*s)
		}, Tally{Duplicates: 1}},
		{"delivered by a receive that was under way at the delete, after expiry", func(t *tracker) {
			t.sent("a")
			t.received("a", 1*s, 2*s)
			t.deletedAt("a", 40*s)
			t.received("a", 39*s, 41*s)
		}, Tally{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tracker := newTracker(30 * s)
			test.play(tracker)
			if got := tracker.tally(); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
