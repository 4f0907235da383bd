package sim

import (
	"slices"
	"strings"
	"time"
)

// Fault model: one nemesis draws a fault every so often from those that the run turned on (swarm: a random subset with
// random weights), aims it, often at a leader, and mends it after a while. Several faults may be active at once, but of
// the cuts of links only one: the next takes its place. Any number of nodes may be down, also all at once: a crash never
// loses what was synced, so one good copy of everything remains, but for the few that lie. What cannot happen to its victim
// when its time has come is passed over. At the end of the chaos phase everything else is healed. What each kind does stands
// in the file of its subject: fault_process.go, fault_echo.go, fault_network.go, fault_disk.go, fault_clock.go,
// fault_lies.go, fault_rollback.go, fault_upgrade.go, fault_members.go; which of them wait for a moment, in fault_ambush.go.

// faultKind is a kind of fault: what it is called, which runs have it, and how it is drawn, checked and injected.
type faultKind struct {
	name  string
	about string // what it does to its victim, for whoever looks for the cause of a failure

	// fields are what the line of a script has behind the victim: see FaultEvent.settings.
	fields []string
	// everyone says that it hits all nodes and has no victim.
	everyone bool
	// lite says that the profile of that name has it.
	lite bool
	// several says that it happens between nodes.
	several bool
	// cutsOff says that it may keep nodes from hearing each other.
	cutsOff bool
	// rare says that few runs have it.
	rare bool
	// apart says that it is in no run that has kinds which cut off.
	apart bool
	// arranged says that it is not drawn with the others: runs have it by a draw of its own, mostly together with something
	// else that they are made for.
	arranged bool

	// follows says that it comes only behind another fault: no run draws it by itself.
	follows bool

	// draw decides what is not the same for all kinds; nil if there is nothing more.
	draw func(f *faults, e *FaultEvent)
	// check refuses what cannot happen in a plan; nil takes everything.
	check func(e *FaultEvent, p *Plan) error
	// inject makes it happen, if it can, and tells happens so just before.
	inject func(f *faults, e FaultEvent)
}

// faultKinds are all kinds. A trace has their numbers, a seed draws their weights in this order.
var faultKinds = []*faultKind{
	faultCrash, faultStop, faultPowerLoss, faultFlicker, faultPause, faultSuspend,
	faultSplit, faultOneWay, faultIsolate, faultDeaf, faultMute, faultBridge, faultClog,
	faultStall, faultDevice,
	faultJump, faultDrift,
	faultStranger,
	faultAstray,
	faultFlap, faultSlowLink, faultSlow, faultFreeze, faultStuck, faultFull,
	faultUpgrade, faultDowngrade,
	faultCorrupt, faultLost, faultRollback,
	faultJoin, faultRemove, faultReplace,
	faultDoze, faultEcho,
}

// number is the place of the kind among all.
func (k *faultKind) number() int { return slices.Index(faultKinds, k) }

// word is the name of the kind in a script.
func (k *faultKind) word() string { return strings.ReplaceAll(k.name, " ", "-") }

// FaultText says what a kind of fault does to its victim. It is empty for an unknown name.
func FaultText(name string) string {
	for _, k := range faultKinds {
		if k.name == name {
			return k.about
		}
	}
	return ""
}

// faults is the nemesis.
type faults struct {
	world  *World
	plan   faultPlan
	random random
	ambushes
	events  []FaultEvent // of the plan's script that are yet to come
	script  []FaultEvent // all that were injected, whether or not they could happen
	stopped bool
	cuts    int           // number of the latest cut
	astray  *process      // whose clock is beyond the bound; nil if none is
	strayed bool          // a clock has ever been
	ruin    time.Duration // when more disks had lied than the cluster can do without; 0 before
	judged  *process      // that has come back with an older copy of its disk; nothing else goes wrong until it is found out
	froze   time.Duration // the longest that a clock stood still within the bound
	echoes  *echoes       // nil in runs without
}

func newFaults(w *World) *faults {
	f := &faults{world: w, plan: w.plan.faults, random: newRandom(w.plan.environment(), "faults")}
	f.ambushes.random = newRandom(w.plan.environment(), "ambushes")
	if w.plan.Script != nil {
		f.events = w.plan.Script.Faults
	}
	isEcho := func(e FaultEvent) bool { return e.Kind == faultEcho }
	if f.plan.has(func(k *faultKind) bool { return k == faultEcho }) || slices.ContainsFunc(f.events, isEcho) {
		f.echoes = newEchoes(w)
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
		if e := f.decide(faultKinds[kind]); (e.Node != 0 || e.Kind.everyone) && !f.world.isTruce() {
			f.strike(e)
		}
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

// inject makes a fault happen, if it can. The script and the hash have it in any case, so that a run of the script is the same.
func (f *faults) inject(e FaultEvent) {
	w := f.world
	if f.judged != nil {
		return
	}
	e.At = w.now
	f.script = append(f.script, e)
	w.trace.hash(kindFault, uint64(e.Node), uint64(e.Kind.number()))
	e.Kind.inject(f, e)
}

// happens notes that a fault does something to its victim, now.
func (f *faults) happens(e FaultEvent) {
	w := f.world
	w.mark("fault: " + e.Kind.name)
	if w.trace.writing() {
		w.trace.printf(uint64(e.Node), "fault: %s", e.text())
	}
	w.record(Event{Kind: EventFault, Node: e.Node, Text: e.Kind.name, Until: w.now + e.Lasts})
}

// happensOnce returns happens for a fault that may do something at several instants: the first counts.
func (f *faults) happensOnce(e FaultEvent) func() {
	happened := false
	return func() {
		if !happened {
			happened = true
			f.happens(e)
		}
	}
}

// victim is the node that a fault hits.
func (f *faults) victim(e FaultEvent) *process { return f.world.processes[e.Node-1] }

// heal ends all faults of some nodes and of what is between them for good, and lets no other end or begin by itself.
func (f *faults) heal(nodes func(i int) bool) {
	w, r := f.world, newRandom(f.world.plan.environment(), "heal")
	f.stopped, f.astray, f.judged = true, nil, nil
	f.cuts++
	w.network.heal(nodes)
	w.formats.allNewest()
	for i, p := range w.processes {
		p.held = !nodes(i)
		if nodes(i) {
			f.healNode(p, r.duration(-w.plan.clock.skew/2, w.plan.clock.skew/2))
		}
	}
}

func (f *faults) healNode(p *process, skew time.Duration) {
	p.healed = true
	p.device.stalled, p.device.full, p.slowed = 0, 0, 0
	f.world.steady = max(f.world.steady, p.log.synced, p.state.synced)
	if p.device.failing != nil && p.alive {
		p.crash("its device is replaced by a healthy one")
	}
	if p.leaving && p.alive {
		p.crash("stopped")
	}
	if p.damaged() && p.ended == nil {
		p.giveUp()
	}
	p.hardware.thaw()
	p.hardware.setDrift(0)
	p.hardware.setSkew(skew)
	if !p.alive {
		p.start()
	}
	p.resume()
}
