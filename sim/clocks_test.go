package sim

import (
	"testing"
	"time"
)

func TestElapsedTimeNeverGoesBackWhateverTheClockDoes(t *testing.T) {
	var now time.Duration
	c := hardwareClock{now: &now}
	r := newRandom(7, "test")
	last := c.read()
	for range 10_000 {
		now += r.duration(0, 20*time.Millisecond)
		switch r.IntN(10) {
		case 0:
			c.setDrift(int64(r.between(-20_000, 20_000)))
		case 1:
			c.setSkew(r.duration(-time.Second, time.Second))
		}
		if read := c.read(); read < last {
			t.Fatalf("elapsed time goes back from %v to %v", last, read)
		} else {
			last = read
		}
	}
}

func TestSettingTheSkewMovesTheWallClockOnly(t *testing.T) {
	now := 10 * time.Second
	c := hardwareClock{now: &now, drift: 10_000}
	before := c.read()
	c.setSkew(-3 * time.Second)
	if c.read() != before {
		t.Errorf("elapsed time is %v, was %v", c.read(), before)
	}
	if got, want := c.wall(), Epoch+7000; got != want {
		t.Errorf("wall clock reads %d, want %d", got, want)
	}
	if c.skew() != -3*time.Second {
		t.Errorf("skew is %v, want -3s", c.skew())
	}
}

func TestWaitIsLongEnoughOnAnyClock(t *testing.T) {
	for _, drift := range []int64{-20_000, -100, 0, 100, 20_000} {
		var now time.Duration
		c := hardwareClock{now: &now, drift: drift}
		for _, d := range []time.Duration{1, time.Microsecond, time.Millisecond, time.Second, time.Hour} {
			now = 0
			now = c.wait(d)
			if c.read() < d || c.read() > d+d/100+time.Millisecond {
				t.Errorf("drift %d: after waiting for %v the clock reads %v", drift, d, c.read())
			}
		}
	}
}

func TestAClockGoesAstrayOnceTheLastOneIsMeasuredAnew(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	stray := func(p *process) bool { return s.faults.stray(p, 100*time.Millisecond, func() {}) }
	if stray(s.processes[0]) {
		t.Error("a clock goes astray before the nodes, which have just met, were measured")
	}
	s.until(s.met+remeasured*s.plan.cluster.tick, nil)
	if !stray(s.processes[0]) {
		t.Fatal("no clock goes astray")
	}
	s.until(s.now+200*time.Millisecond, nil)
	if stray(s.processes[1]) {
		t.Error("a second clock goes astray before the first, which is right again, was measured")
	}
	s.until(s.now+remeasured*s.plan.cluster.tick, nil)
	if !stray(s.processes[1]) {
		t.Error("no other clock ever goes astray")
	}
}
