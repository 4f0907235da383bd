package sim

import (
	"slices"
	"time"

	"sqsd/model"
)

// leaderless is how long a group may be without a leader while one clock is wrong: several elections.
const leaderless = 8 * time.Second

// watchLeaders checks for as long as a clock is astray that the others, whose clocks are right, have leaders. led is when
// they had them last.
func (f *faults) watchLeaders(p *process, led time.Duration) {
	w := f.world
	stalled := slices.ContainsFunc(w.processes, func(p *process) bool { return p.device.stalled > w.now })
	if stalled || w.plan.link.loss > 5 || w.led() {
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
