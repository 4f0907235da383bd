package sim

import (
	"time"

	"sqsd/node"
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

var faultNames = [faultKinds]string{"crash", "power loss", "flicker", "pause", "split", "isolate", "deaf", "mute", "bridge",
	"clog", "stall", "device", "jump", "drift", "stranger", "astray"}

// faultPlan is what may go wrong in a run.
type faultPlan struct {
	weights []int
	every   time.Duration // mean time between faults
	lasts   time.Duration // mean time until one is mended
	leaders int           // percent of faults aimed at a leader
}

func drawFaults(r random, profile Profile, nodes int) faultPlan {
	f := faultPlan{
		weights: make([]int, faultKinds),
		every:   oneOf(r, 300*time.Millisecond, time.Second, 3*time.Second),
		lasts:   oneOf(r, 200*time.Millisecond, time.Second, 3*time.Second),
		leaders: oneOf(r, 0, 50, 90),
	}
	for k := range f.weights {
		f.weights[k] = oneOf(r, 0, 0, 1, 1, 5)
		others := fault(k) >= faultSplit && fault(k) <= faultClog || fault(k) == faultAstray
		if nodes == 1 && others || profile == Lite && fault(k) >= faultClog {
			f.weights[k] = 0
		}
	}
	f.separateAstray(r)
	return f
}

// separateAstray keeps clocks from going astray in runs in which nodes may be down or cut off: of two clocks that
// disagree nobody can say which one is wrong, and the nodes then prefer having a leader.
func (f *faultPlan) separateAstray(r random) {
	if f.weights[faultAstray] > 0 && r.chance(70) {
		f.weights[faultAstray] = 0
	}
	if f.weights[faultAstray] > 0 {
		pauses := f.weights[faultPause]
		clear(f.weights[:faultClog+1])
		f.weights[faultDevice], f.weights[faultPause] = 0, pauses
	}
}

// names are the faults that the plan has turned on.
func (f *faultPlan) names() []string {
	var names []string
	for k, w := range f.weights {
		if w > 0 {
			names = append(names, faultNames[k])
		}
	}
	return names
}

// faults is the nemesis.
type faults struct {
	world   *World
	plan    faultPlan
	random  random
	stopped bool
	cuts    int      // number of the latest cut
	astray  *process // whose clock is beyond the bound; nil if none is
}

func newFaults(w *World) *faults {
	return &faults{world: w, plan: w.plan.faults, random: newRandom(w.plan.Seed, "faults")}
}

// next does a fault after a while, and so on.
func (f *faults) next() {
	kind := f.random.pick(f.plan.weights)
	if kind < 0 {
		return
	}
	f.world.after(f.random.spread(f.plan.every), func() {
		if f.stopped {
			return
		}
		f.inject(fault(kind))
		f.next()
	})
}

// inject makes one fault happen.
func (f *faults) inject(k fault) {
	w, p := f.world, f.victim()
	lasts := f.random.spread(f.plan.lasts)
	w.trace.hash(kindFault, uint64(p.id), uint64(k))
	w.mark("fault: " + faultNames[k])
	w.trace.printf(uint64(p.id), "fault: %s for %v", faultNames[k], lasts)
	switch k {
	case faultCrash:
		p.crash("fault")
		f.restart(p, lasts)
	case faultPowerLoss:
		for _, p := range w.processes {
			p.crash("power loss")
			f.restart(p, f.random.spread(lasts))
		}
	case faultFlicker:
		f.flicker(p, f.random.between(2, 4))
	case faultPause:
		if f.plan.weights[faultAstray] > 0 {
			lasts = min(lasts, clockPause)
		}
		if f.random.chance(30) {
			p.suspend(lasts)
		} else {
			p.pause(lasts)
		}
	case faultStall:
		p.device.stalled = max(p.device.stalled, w.now+lasts)
	case faultDevice:
		p.device.fail(oneOf(f.random, disk.ErrIO, disk.ErrNoSpace))
	case faultJump:
		if p == f.astray {
			return
		}
		skew := w.plan.clock.skew
		p.hardware.setSkew(f.random.duration(-skew, skew))
	case faultDrift:
		p.hardware.setDrift(int64(f.random.between(-w.plan.clock.drift, w.plan.clock.drift)))
	case faultAstray:
		f.goAstray(p, 3*lasts)
	case faultStranger:
		f.stranger(p)
	case faultClog:
		w.network.clog(int(p.id)-1, f.random.IntN(len(w.processes)), w.now+lasts)
	default:
		f.cut(k, int(p.id)-1, lasts)
	}
}

// victim draws the node that a fault is aimed at.
func (f *faults) victim() *process {
	w := f.world
	if f.random.chance(f.plan.leaders) {
		if id := w.lastLeader[f.random.IntN(len(w.lastLeader))]; id != 0 {
			return w.processes[id-1]
		}
	}
	return w.processes[f.random.IntN(len(w.processes))]
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

// restartLater is restart for a node that stopped because its device failed.
func (f *faults) restartLater(p *process) { f.restart(p, f.random.spread(f.plan.lasts)) }

// flicker crashes a node several times, each time while it is starting or catching up.
func (f *faults) flicker(p *process, times int) {
	p.crash("flicker")
	boot := p.boot
	f.world.after(f.random.duration(0, 50*time.Millisecond), func() {
		if p.alive || p.boot != boot {
			return
		}
		p.start()
		if times > 1 && !f.stopped {
			f.world.after(f.random.spread(100*time.Millisecond), func() {
				if p.boot == boot+1 && !f.stopped {
					f.flicker(p, times-1)
				}
			})
		}
	})
}

// cut cuts links around a node and repairs them after a while, unless another cut has taken over.
func (f *faults) cut(k fault, victim int, lasts time.Duration) {
	w := f.world
	side := make([]bool, len(w.processes))
	for i := range side {
		side[i] = f.random.chance(50)
	}
	side[victim] = true
	f.cuts++
	cuts := f.cuts
	w.network.cut(func(from, to int) bool {
		switch k {
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
	w.after(lasts, func() {
		if f.cuts == cuts {
			w.network.cut(func(int, int) bool { return false })
		}
	})
}

// stranger delivers a frame of a version that this one does not know, as a newer node may send it.
func (f *faults) stranger(to *process) {
	frame := []byte{0xf0}
	for range f.random.IntN(40) {
		frame = append(frame, byte(f.random.IntN(256)))
	}
	from := oneOf(f.random, f.world.processes...).id
	f.world.network.deliver(to.id, from, node.GroupID(f.random.IntN(f.world.plan.cluster.groups)), frame)
}

// goAstray sets a node's clock wrong by more than the cluster allows, for a while. It happens to one node at a time: the
// others measure it by the median of their clocks.
func (f *faults) goAstray(p *process, lasts time.Duration) {
	if f.astray != nil {
		return
	}
	f.astray = p
	skew := f.random.duration(2, 5) * f.world.plan.clock.maxSkew
	if f.random.chance(50) {
		skew = -skew
	}
	p.hardware.setSkew(skew)
	f.watchLeaders(p, f.world.now)
	f.world.after(lasts, func() {
		if f.astray == p {
			f.astray = nil
			p.hardware.setSkew(f.random.duration(-f.world.plan.clock.skew, f.world.plan.clock.skew))
		}
	})
}

// heal ends all faults for good.
func (f *faults) heal() {
	w := f.world
	f.stopped, f.astray = true, nil
	f.cuts++
	w.network.heal()
	for _, p := range w.processes {
		p.device.stalled = 0
		if p.device.failing != nil && p.alive {
			p.crash("its device is replaced by a healthy one")
		}
		p.hardware.setDrift(0)
		p.hardware.setSkew(f.random.duration(-w.plan.clock.skew/2, w.plan.clock.skew/2))
		if !p.alive {
			p.start()
		}
		p.resume()
	}
}
