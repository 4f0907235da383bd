package sim

import (
	"slices"
	"testing"
	"time"
)

func TestEventsHappenInOrderOfTimeThenOfScheduling(t *testing.T) {
	r := newRandom(1, "test")
	var s scheduler
	type key struct {
		at  time.Duration
		seq int
	}
	var want, got []key
	for i := range 1000 {
		k := key{time.Duration(r.IntN(50)), i}
		want = append(want, k)
		s.after(k.at, func() {
			if s.now != k.at {
				t.Errorf("event of %v happens at %v", k.at, s.now)
			}
			got = append(got, k)
		})
	}
	slices.SortFunc(want, func(a, b key) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return a.seq - b.seq
	})
	for s.step() {
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v\nwant %v", got, want)
	}
}

func TestRankedEventsComeFirstAtTheirInstant(t *testing.T) {
	var s scheduler
	var got []string
	add := func(name string) func() { return func() { got = append(got, name) } }
	s.after(time.Second, func() {
		add("a")()
		s.first(time.Second, 5, add("now"))
	})
	s.after(time.Second, add("b"))
	s.first(time.Second, 2, add("rank 2"))
	s.first(time.Second, 1, add("rank 1"))
	s.first(2*time.Second, 0, add("later"))
	for s.step() {
	}
	if want := []string{"rank 1", "rank 2", "a", "now", "b", "later"}; !slices.Equal(got, want) {
		t.Errorf("events happen as %v, want %v", got, want)
	}
}

func TestUntilStopsAtTheDeadlineAndMovesTimeThere(t *testing.T) {
	var s scheduler
	happened := 0
	for i := range 10 {
		s.after(time.Duration(i)*time.Second, func() { happened++ })
	}
	if s.until(4500*time.Millisecond, func() bool { return happened == 100 }) {
		t.Fatal("until says that something happened that did not")
	}
	if happened != 5 || s.now != 4500*time.Millisecond {
		t.Fatalf("%d events by %v, want 5 by 4.5s", happened, s.now)
	}
	if !s.until(time.Minute, func() bool { return happened == 7 }) || s.now != 6*time.Second {
		t.Fatalf("stopped at %v after %d events, want 6s after 7", s.now, happened)
	}
}
