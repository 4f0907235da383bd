package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sqsd/model"
)

// Fault model of clocks: wall clocks jump and clocks change their speed within the plan's bounds; a wall clock stands still
// for a while, goes on behind by as much as that, and is then right again. One at a time may leave
// the bound within which a node may lead, in runs in which no node is down or cut off: of two clocks that disagree nobody
// can say which one is wrong, and the nodes then prefer having a leader. See clocks.go for what a node reads.

var faultJump = &faultKind{
	name: "jump", about: "its wall clock jumps",
	fields: []string{"skew"},
	draw: func(f *faults, e *FaultEvent) {
		skew := f.world.plan.clock.skew
		e.Lasts, e.Skew = 0, f.random.duration(-skew, skew)
	},
	check: func(e *FaultEvent, p *Plan) error { return e.checkSkew(e.Skew, p) },
	inject: func(f *faults, e FaultEvent) {
		if p := f.victim(e); p != f.astray {
			f.happens(e)
			p.hardware.setSkew(e.Skew)
		}
	},
}

var faultDrift = &faultKind{
	name: "drift", about: "its clock changes its speed",
	fields: []string{"ppm"},
	draw: func(f *faults, e *FaultEvent) {
		drift := f.world.plan.clock.drift
		e.Lasts, e.Drift = 0, f.random.between(-drift, drift)
	},
	check: func(e *FaultEvent, p *Plan) error {
		if abs(e.Drift) > p.clock.drift {
			return fmt.Errorf("a clock leaves clock-drift, which is %d", p.clock.drift)
		}
		return nil
	},
	inject: func(f *faults, e FaultEvent) {
		f.happens(e)
		f.victim(e).hardware.setDrift(int64(e.Drift))
	},
}

var faultAstray = &faultKind{
	name: "astray", about: "its wall clock leaves the bound within which a node may lead",
	fields: []string{"skew", "for", "then"}, several: true, apart: true,
	draw: func(f *faults, e *FaultEvent) {
		r, clock := f.random, &f.world.plan.clock
		e.Lasts *= 3
		e.Skew, e.Then = r.duration(2, 5)*clock.maxSkew, r.duration(-clock.skew, clock.skew)
		if r.chance(50) {
			e.Skew = -e.Skew
		}
	},
	check: func(e *FaultEvent, p *Plan) error {
		return cmp.Or(checkMajority(p), e.checkSkew(e.Then, p))
	},
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if !p.hardware.stands && f.stray(p, e.Lasts, func() { p.hardware.setSkew(e.Then) }) {
			f.happens(e)
			p.hardware.setSkew(e.Skew)
		}
	},
}

var faultFreeze = &faultKind{
	name: "freeze", about: "its wall clock stands still for a while, and is then right again",
	fields: []string{"for"},
	draw: func(f *faults, e *FaultEvent) {
		e.Lasts = f.random.duration(0, f.world.plan.clock.maxSkew-f.world.plan.clock.skew)
	},
	check: func(e *FaultEvent, p *Plan) error {
		if e.Lasts+p.clock.skew > p.clock.maxSkew {
			return fmt.Errorf("a wall clock leaves clock-max-skew, which is %v: that is stuck", p.clock.maxSkew)
		}
		return nil
	},
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if p.hardware.stands || p == f.astray {
			return
		}
		f.happens(e)
		f.froze = max(f.froze, e.Lasts)
		p.hardware.freeze()
		f.world.after(e.Lasts, p.hardware.thaw)
	},
}

var faultStuck = &faultKind{
	name: "stuck", about: "its wall clock stands still, until it has left the bound within which a node may lead",
	fields: []string{"for"}, several: true, apart: true,
	draw: func(f *faults, e *FaultEvent) {
		e.Lasts = f.random.duration(1, 5)*f.world.plan.clock.maxSkew + f.random.duration(0, time.Second)
	},
	check: func(_ *FaultEvent, p *Plan) error { return checkMajority(p) },
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if !p.hardware.stands && f.stray(p, e.Lasts, p.hardware.thaw) {
			f.happens(e)
			p.hardware.freeze()
		}
	},
}

// checkMajority refuses a cluster in which nobody can say which of two clocks is wrong.
func checkMajority(p *Plan) error {
	if p.cluster.nodes < 3 {
		return fmt.Errorf("one wrong clock is found out only among three or more")
	}
	return nil
}

// checkSkew refuses a skew of a healthy clock.
func (e *FaultEvent) checkSkew(skew time.Duration, p *Plan) error {
	if abs(skew) > p.clock.skew {
		return fmt.Errorf("a wall clock leaves clock-skew, which is %v", p.clock.skew)
	}
	return nil
}

func abs[N int | time.Duration](n N) N { return max(n, -n) }

// remeasured is in how many ticks all nodes have measured a clock anew, even if a few frames are lost.
const remeasured = 20

// stray lets a node's clock leave the bound that the cluster allows, until it is set right after a while. It returns false
// if another's has, or had until a moment ago, or if nodes have just met: they measure each by the median of all.
func (f *faults) stray(p *process, lasts time.Duration, right func()) bool {
	w := f.world
	if f.astray != nil || w.met == 0 || w.now < w.met+remeasured*w.plan.cluster.tick {
		return false
	}
	f.astray, f.strayed = p, true
	f.watchLeaders(p, f.world.now)
	f.world.after(lasts, func() {
		if f.astray == p {
			right()
			f.world.after(remeasured*f.world.plan.cluster.tick, func() {
				if f.astray == p {
					f.astray = nil
				}
			})
		}
	})
	return true
}

// leaderless is how long a group may be without a leader while one clock is wrong: several elections.
const leaderless = 8 * time.Second

// watchLeaders checks for as long as a clock is astray that the others, whose clocks are right, have leaders. led is when
// they had them last.
func (f *faults) watchLeaders(p *process, led time.Duration) {
	w := f.world
	slow := w.plan.link.loss > 5 || w.plan.link.bandwidth > 0
	stalled := slices.ContainsFunc(w.processes, func(p *process) bool { return p.device.stalled > w.now })
	if stalled || slow || w.led() {
		led = w.now
	}
	if w.now-led > leaderless {
		w.violate(model.Live, "", "a group has no leader for %v, although only the clock of node %d is wrong", leaderless, p.id)
	}
	w.after(100*time.Millisecond, func() {
		if f.astray == p {
			f.watchLeaders(p, led)
		}
	})
}
