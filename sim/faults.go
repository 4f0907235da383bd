package sim

import (
	"time"

	"sqsd/node/disk"
)

// Fault model: one nemesis draws a fault every so often from those that the run turned on (swarm: a random subset with
// random weights), aims it, often at a leader, and mends it after a while. Several faults may be active at once. Any
// number of nodes may be down, also all at once: a crash never loses what was synced, so one good copy of everything
// remains. Clocks stay within the plan's bound, but for one at a time. At the end of the chaos phase everything is healed.

// fault numbers a kind of fault.
type fault int

const (
	faultCrash     fault = iota // one node
	faultPowerLoss              // all nodes at once
	faultFlicker                // one node, and again while it recovers
	faultPause                  // one node
	faultSuspend                // one node, whose connections do not outlast it
	faultSplit                  // two sides that do not hear each other
	faultIsolate                // one node hears nobody and is not heard
	faultDeaf                   // one node is heard and hears nothing
	faultMute                   // one node hears and is not heard
	faultBridge                 // two sides that share one node
	faultClog                   // a link holds frames back
	faultStall                  // a device is slow
	faultDevice                 // a device fails
	faultJump                   // a wall clock jumps
	faultDrift                  // a clock changes its speed
	faultStranger               // a frame arrives that this version does not know
	faultAstray                 // a wall clock leaves the bound within which a node may lead
	faultKinds
)

var faultNames = [faultKinds]string{"crash", "power loss", "flicker", "pause", "suspend", "split", "isolate", "deaf", "mute", "bridge",
	"clog", "stall", "device", "jump", "drift", "stranger", "astray"}

// faults is the nemesis.
type faults struct {
	world   *World
	plan    faultPlan
	random  random
	events  []FaultEvent // of the plan's script that are yet to come
	script  []FaultEvent // what has happened
	stopped bool
	cuts    int      // number of the latest cut
	astray  *process // whose clock is beyond the bound; nil if none is
	strayed bool     // a clock has ever been
}

func newFaults(w *World) *faults {
	f := &faults{world: w, plan: w.plan.faults, random: newRandom(w.plan.environment(), "faults")}
	if w.plan.Script != nil {
		f.events = w.plan.Script.Faults
	}
	return f
}

// start lets things go wrong from now on.
func (f *faults) start() {
	if f.world.plan.Script != nil {
		f.play()
	} else {
		f.next()
	}
}

// next does a fault after a while, and so on.
func (f *faults) next() {
	kind := f.random.pick(f.plan.weights)
	if kind < 0 {
		return
	}
	f.at(f.world.now+f.random.spread(f.plan.every), func() {
		f.inject(f.decide(fault(kind)))
		f.next()
	})
}

// play does the next fault of the script at its time, and so on.
func (f *faults) play() {
	if len(f.events) == 0 {
		return
	}
	e := f.events[0]
	f.events = f.events[1:]
	f.at(max(e.At, f.world.now), func() {
		f.inject(e)
		f.play()
	})
}

// at does something at an instant, before all else that happens then, unless everything has been healed.
func (f *faults) at(at time.Duration, run func()) {
	f.world.first(at, 0, func() {
		if !f.stopped {
			run()
		}
	})
}

// inject makes a fault happen.
func (f *faults) inject(e FaultEvent) {
	w := f.world
	e.At = w.now
	f.script = append(f.script, e)
	w.trace.hash(kindFault, uint64(e.Node), uint64(e.Kind))
	w.mark("fault: " + faultNames[e.Kind])
	if w.trace.writing() {
		w.trace.printf(uint64(e.Node), "fault: %s", e.text())
	}
	w.record(Event{Kind: EventFault, Node: e.Node, Text: faultNames[e.Kind], Until: w.now + e.Lasts})
	if e.Kind == faultPowerLoss {
		for i, p := range w.processes {
			p.crash("power loss")
			f.restart(p, e.Times[i])
		}
		return
	}
	p := w.processes[e.Node-1]
	switch e.Kind {
	case faultCrash:
		p.crash("fault")
		f.restart(p, e.Lasts)
	case faultFlicker:
		f.flicker(p, e.Times)
	case faultPause:
		p.pause(e.Lasts)
	case faultSuspend:
		p.suspend(e.Lasts)
	case faultStall:
		p.device.stalled = max(p.device.stalled, w.now+e.Lasts)
	case faultDevice:
		err := disk.ErrIO
		if e.Full {
			err = disk.ErrNoSpace
		}
		p.device.fail(err, e.Lasts)
	case faultJump:
		if p != f.astray {
			p.hardware.setSkew(e.Skew)
		}
	case faultDrift:
		p.hardware.setDrift(int64(e.Drift))
	case faultAstray:
		f.goAstray(p, e)
	case faultStranger:
		w.network.deliver(e.Node, e.Peer, e.Group, e.Frame)
	case faultClog:
		w.network.clog(int(e.Node)-1, int(e.Peer)-1, w.now+e.Lasts)
	default:
		f.cut(e)
	}
}

// restart starts a node that is down after a while.
func (f *faults) restart(p *process, d time.Duration) {
	boot := p.boot
	f.world.after(d, func() {
		if !p.alive && p.boot == boot {
			p.start()
		}
	})
}

// flicker crashes a node and starts it again after the first of some times, crashes it after the second, while it is
// starting or catching up, and so on.
func (f *faults) flicker(p *process, times []time.Duration) {
	p.crash("flicker")
	boot := p.boot
	f.world.after(times[0], func() {
		if p.alive || p.boot != boot {
			return
		}
		p.start()
		if len(times) > 2 && !f.stopped {
			f.world.after(times[1], func() {
				if p.boot == boot+1 && !f.stopped {
					f.flicker(p, times[2:])
				}
			})
		}
	})
}

// cut cuts links around a node and repairs them after a while, unless another cut has taken over.
func (f *faults) cut(e FaultEvent) {
	w, victim := f.world, int(e.Node)-1
	side := make([]bool, len(w.processes))
	for _, id := range e.Side {
		side[id-1] = true
	}
	side[victim] = true
	f.cuts++
	cuts := f.cuts
	w.network.cut(func(from, to int) bool {
		switch e.Kind {
		case faultSplit:
			return side[from] != side[to]
		case faultBridge:
			return from != victim && to != victim && side[from] != side[to]
		case faultIsolate:
			return from == victim || to == victim
		case faultDeaf:
			return to == victim
		default: // faultMute
			return from == victim
		}
	})
	w.after(e.Lasts, func() {
		if f.cuts == cuts {
			w.network.cut(func(int, int) bool { return false })
		}
	})
}

// goAstray sets a node's clock wrong by more than the cluster allows, for a while. It happens to one node at a time: the
// others measure it by the median of their clocks.
func (f *faults) goAstray(p *process, e FaultEvent) {
	if f.astray != nil {
		return
	}
	f.astray, f.strayed = p, true
	p.hardware.setSkew(e.Skew)
	f.watchLeaders(p, f.world.now)
	f.world.after(e.Lasts, func() {
		if f.astray == p {
			f.astray = nil
			p.hardware.setSkew(e.Then)
		}
	})
}

// heal ends all faults for good.
func (f *faults) heal() {
	w, r := f.world, newRandom(f.world.plan.environment(), "heal")
	f.stopped, f.astray = true, nil
	f.cuts++
	w.network.heal()
	for _, p := range w.processes {
		p.device.stalled = 0
		w.steady = max(w.steady, p.log.synced, p.state.synced)
		if p.device.failing != nil && p.alive {
			p.crash("its device is replaced by a healthy one")
		}
		p.hardware.setDrift(0)
		p.hardware.setSkew(r.duration(-w.plan.clock.skew/2, w.plan.clock.skew/2))
		if !p.alive {
			p.start()
		}
		p.resume()
	}
}
