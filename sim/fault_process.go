package sim

import (
	"fmt"
	"slices"
	"time"
)

// Fault model of processes: a node crashes at any instant between two events and starts again after a while, or tells its
// replicas before that it is about to stop; all nodes crash at once; a node crashes again and again while it recovers; a
// node does nothing for a while, as in a long garbage collection, and may lose what is sent to it in that time, as a virtual
// machine that is moved; all that a node does takes long. See process.go for what becomes of its memory, and disk.go for
// what its stores keep.

var faultCrash = &faultKind{
	name: "crash", about: "it crashes",
	fields: []string{"for"}, lite: true, cutsOff: true,
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if p.alive {
			f.happens(e)
		}
		p.crash("fault")
		f.restart(p, e.Lasts)
	},
}

var faultStop = &faultKind{
	name: "stop", about: "it hands over what it leads and stops",
	fields: []string{"late", "for"}, lite: true, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) { e.Late = f.random.duration(0, 500*time.Millisecond) },
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if p.alive {
			f.happens(e)
		}
		p.leave()
		f.end(p, p.boot, e)
	},
}

// end ends a boot that is about to stop.
func (f *faults) end(p *process, boot uint64, e FaultEvent) {
	f.at(f.world.now+e.Late, func() {
		switch {
		case p.boot != boot:
		case f.judged != nil:
			f.end(p, boot, e)
		default:
			p.crash("stopped")
			f.restart(p, e.Lasts)
		}
	})
}

// leave tells all replicas of the node that it is about to stop.
func (p *process) leave() {
	p.leaving = true
	for g := range p.members {
		p.event(g, func() {
			led := p.world.leads(p, g)
			p.members[g].replica.Leave(func() {
				if led {
					p.world.mark("stop: a group was handed over")
				}
			})
		})
	}
}

var faultPowerLoss = &faultKind{
	name: "power loss", about: "all nodes crash",
	fields: []string{"restarts"}, everyone: true, lite: true, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) {
		for range f.world.processes {
			e.Times = append(e.Times, f.random.spread(e.Lasts))
		}
		e.Lasts = 0
	},
	check: func(e *FaultEvent, p *Plan) error {
		if nodes := p.cluster.nodes + p.cluster.spares; len(e.Times) != nodes {
			return fmt.Errorf("want a time for each of %d nodes", nodes)
		}
		return nil
	},
	inject: func(f *faults, e FaultEvent) {
		if slices.ContainsFunc(f.world.processes, func(p *process) bool { return p.alive }) {
			f.happens(e)
		}
		for i, p := range f.world.processes {
			p.crash("power loss")
			f.restart(p, e.Times[i])
		}
	},
}

var faultFlicker = &faultKind{
	name: "flicker", about: "it crashes, and again while it recovers",
	fields: []string{"times"}, lite: true, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) {
		r := f.random
		e.Lasts, e.Times = 0, []time.Duration{r.duration(0, 50*time.Millisecond)}
		for range r.between(1, 3) {
			e.Times = append(e.Times, r.spread(100*time.Millisecond), r.duration(0, 50*time.Millisecond))
		}
	},
	check:  func(e *FaultEvent, _ *Plan) error { return e.checkTimes("down, up, ..., down") },
	inject: func(f *faults, e FaultEvent) { f.flicker(f.victim(e), e.Times, f.happensOnce(e)) },
}

var faultPause = &faultKind{
	name: "pause", about: "it pauses",
	fields: []string{"for"}, lite: true, cutsOff: true,
	inject: func(f *faults, e FaultEvent) { f.pause(e) },
}

var faultSuspend = &faultKind{
	name: "suspend", about: "it pauses, and what is sent to it gets lost",
	fields: []string{"for"}, lite: true, cutsOff: true,
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if p.awake() {
			f.happens(e)
		}
		p.suspend(e.Lasts)
	},
}

// pause lets the victim of a fault pause.
func (f *faults) pause(e FaultEvent) {
	p := f.victim(e)
	if p.awake() {
		f.happens(e)
	}
	p.pause(e.Lasts)
}

var faultSlow = &faultKind{
	name: "slow", about: "all that it does takes long",
	fields: []string{"late", "for"}, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) { e.Late = f.random.duration(5*time.Millisecond, 80*time.Millisecond) },
	inject: func(f *faults, e FaultEvent) {
		f.happens(e)
		f.victim(e).slow(e.Late, f.world.now+e.Lasts)
	},
}

// checkTimes refuses times that do not end as they begin.
func (e *FaultEvent) checkTimes(want string) error {
	if len(e.Times)%2 != 1 {
		return fmt.Errorf("want an odd number of times: %s", want)
	}
	return nil
}

// restart starts a node that is down after a while.
func (f *faults) restart(p *process, d time.Duration) {
	boot := p.boot
	f.world.after(d, func() {
		if !p.alive && p.boot == boot && !p.held {
			p.start()
		}
	})
}

// flicker crashes a node and starts it again after the first of some times, crashes it after the second, while it is
// starting or catching up, and so on. It tells every time that it finds the node running.
func (f *faults) flicker(p *process, times []time.Duration, happens func()) {
	if p.alive {
		happens()
	}
	p.crash("flicker")
	boot := p.boot
	f.world.after(times[0], func() {
		if p.alive || p.boot != boot || p.held {
			return
		}
		p.start()
		if len(times) > 2 && !f.stopped {
			f.world.after(times[1], func() {
				if p.boot == boot+1 && !f.stopped && f.judged == nil {
					f.flicker(p, times[2:], happens)
				}
			})
		}
	})
}
