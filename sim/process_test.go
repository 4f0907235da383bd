package sim

import (
	"slices"
	"testing"
	"time"
)

func TestAPauseHoldsEventsBackInOrder(t *testing.T) {
	w, p := bootless(quietPlan(1, 1))
	var happened []int
	p.pause(time.Second)
	for i := range 3 {
		p.after(time.Duration(i+1)*time.Millisecond, func() { happened = append(happened, i) })
	}
	w.until(500*time.Millisecond, nil)
	if len(happened) > 0 {
		t.Fatalf("events %v happen in a pause", happened)
	}
	w.until(2*time.Second, nil)
	if !slices.Equal(happened, []int{0, 1, 2}) {
		t.Errorf("after the pause events %v happen, want 0, 1, 2", happened)
	}
}

func TestACrashEndsWhatTheBootHadScheduled(t *testing.T) {
	w, p := bootless(quietPlan(1, 1))
	p.after(time.Millisecond, func() { t.Error("an event of a boot happens after its crash") })
	p.crash("test")
	p.boot, p.alive = 2, true
	p.pause(time.Millisecond)
	w.until(time.Second, nil)
	if p.paused {
		t.Error("the next boot's pause does not end")
	}
}
