package sim

import (
	"time"

	"sqsd/wire"
)

// Fault model: a node's clock starts with an offset, runs too fast or too slow by some parts per million, and its wall
// reading may jump either way, or stand still for a while and then be right again. Elapsed time drifts alike but never
// jumps and never goes back. Offset and jumps stay within the bound that the plan draws; a plan may let one node leave the
// cluster's MaxSkew.

// Epoch is the wall time at the start of every run: 2026-01-01T00:00:00Z.
const Epoch wire.Time = 1_767_225_600_000

// hardwareClock is the clock of one machine. It outlives the node's crashes.
type hardwareClock struct {
	now     *time.Duration // true virtual time
	since   time.Duration  // true time of the last change of drift
	elapsed time.Duration  // reading at since
	drift   int64          // parts per million
	offset  time.Duration  // of the wall reading
	stands  bool           // the wall reading stands still
	stood   wire.Time      // at this
}

// read is the time since the machine started, as the machine sees it.
func (c *hardwareClock) read() time.Duration {
	d := *c.now - c.since
	return c.elapsed + d + scale(d, c.drift)
}

// wall is the wall reading.
func (c *hardwareClock) wall() wire.Time {
	if c.stands {
		return c.stood
	}
	return Epoch + wire.Time((c.read() + c.offset).Milliseconds())
}

// setDrift changes the drift from now on.
func (c *hardwareClock) setDrift(ppm int64) {
	c.elapsed = c.read()
	c.since = *c.now
	c.drift = ppm
}

// setSkew makes the wall reading differ from true time by skew, as a clock daemon that steps the clock does.
func (c *hardwareClock) setSkew(skew time.Duration) {
	c.offset = *c.now + skew - c.read()
}

// freeze lets the wall reading stand still.
func (c *hardwareClock) freeze() { c.stands, c.stood = true, c.wall() }

// thaw lets it go on as if it had never stood.
func (c *hardwareClock) thaw() { c.stands = false }

// skew is how far the wall reading is from true time.
func (c *hardwareClock) skew() time.Duration { return c.read() + c.offset - *c.now }

// wait is the true time that passes while the machine's elapsed time passes d, rounded up.
func (c *hardwareClock) wait(d time.Duration) time.Duration {
	const million = 1_000_000
	if d <= 0 {
		return 0
	}
	per := time.Duration(million + c.drift)
	return d/per*million + d%per*million/per + 2*time.Microsecond
}

// scale is ppm millionths of d.
func scale(d time.Duration, ppm int64) time.Duration {
	return time.Duration(int64(d) / 1000 * ppm / 1000)
}

// nodeClock is a hardware clock as one replica of one boot of a node sees it.
type nodeClock struct {
	hardware *hardwareClock
	boot     time.Duration // the machine's reading when the node started
	process  *process
	group    int
	wanted   bool
	wakeAt   time.Duration // elapsed time of the wanted wake-up
	armed    bool
	armedAt  time.Duration // elapsed time that the scheduled event aims at
	request  uint64        // number of that event; older ones do nothing
}

func (c *nodeClock) Now() wire.Time { return c.hardware.wall() }

func (c *nodeClock) Elapsed() time.Duration { return c.hardware.read() - c.boot }

func (c *nodeClock) WakeAt(t time.Duration) {
	c.wanted, c.wakeAt = true, t
	if !c.armed || t < c.armedAt {
		c.arm()
	}
}

// arm schedules the wake-up. A machine wakes late by a little, never before the time has come.
func (c *nodeClock) arm() {
	c.request++
	request := c.request
	c.armed, c.armedAt = true, c.wakeAt
	p := c.process
	wait := c.hardware.wait(c.wakeAt-c.Elapsed()) + p.world.random.clocks.duration(0, 200*time.Microsecond)
	p.after(wait, func() {
		if c.request != request {
			return
		}
		c.armed = false
		switch {
		case !c.wanted:
		case c.Elapsed() < c.wakeAt:
			c.arm()
		default:
			c.wanted = false
			p.wake(c.group)
		}
	})
}
