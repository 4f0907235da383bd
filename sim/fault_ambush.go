package sim

import (
	"fmt"
	"slices"
	"time"

	"sqsd/wire"
)

// Fault model of bad moments: some faults do most harm at moments that a random time hardly ever meets. Most of those that
// are drawn wait for one: a leader that confirms a read is suspended until another one leads, and a device is slow on which
// a snapshot is written, whose sender hands over its group meanwhile. When a clock has gone wrong a leader dozes, so that
// there is an election.

// moment is a situation that faults wait for.
type moment int

const (
	anyTime   moment = iota
	reading          // a call that changes nothing has reached the leader of its group, and all nodes hear each other
	receiving        // a snapshot is on its way
	moments
)

// patience is how long nothing else goes wrong at most until the moment comes for the first fault that waits to read.
const patience = 5 * time.Second

// ambushes are faults that wait for their moment.
type ambushes struct {
	random  random
	waiting [moments]bool
	staged  bool          // nothing else went wrong for a while, so that a moment could come
	alone   time.Duration // until when that is so
	// deserted was suspended when it led: what it knows grows old.
	deserted *process
	// writer is about to write a snapshot of the group written on a slow device.
	writer  *process
	written int
}

// momentOf is when a kind of fault does most harm.
func (f *faults) momentOf(k *faultKind) moment {
	switch {
	case f.world.plan.Profile == Lite:
	case k == faultSuspend && len(f.world.cluster()) > 2:
		return reading
	case k == faultStall, k == faultStop:
		return receiving
	}
	return anyTime
}

// strike injects a fault that was drawn or lets it wait for its moment. It passes it over while another one is to be alone.
func (f *faults) strike(e FaultEvent) {
	switch m := f.momentOf(e.Kind); {
	case f.world.now < f.alone:
	case m != anyTime && f.ambushes.random.chance(75):
		f.waiting[m] = true
		if m == reading && !f.staged {
			f.staged, f.alone = true, f.world.now+patience
		}
	default:
		before := f.astray
		f.inject(e)
		if f.astray != before {
			f.doze(e.Lasts)
		}
	}
}

// comes says whether a fault has waited for a moment, and ends the wait.
func (f *faults) comes(m moment) bool {
	waited := f.waiting[m] && !f.stopped
	f.waiting[m] = false
	return waited
}

// soon injects a fault in a while.
func (f *faults) soon(d time.Duration, e FaultEvent) {
	f.at(f.world.now+max(d, time.Microsecond), func() { f.inject(e) })
}

// timeouts draws a time of so many election timeouts.
func (f *faults) timeouts(lo, hi int) time.Duration {
	c := &f.world.plan.cluster
	timeout := time.Duration(c.electionTicks) * c.tick
	return f.ambushes.random.duration(time.Duration(lo)*timeout, time.Duration(hi)*timeout)
}

// called notices a call that has reached a node. If it is a read that a leader has to confirm, the leader may be suspended:
// the others' answers still reach it, and nothing that comes later.
func (f *faults) called(op *operation) {
	w := f.world
	switch op.Request.(type) {
	case *wire.GetQueueAttributesRequest, *wire.GetQueueURLRequest, *wire.ListQueueTagsRequest, *wire.ReceiveMessageRequest:
	default:
		return
	}
	if !f.waiting[reading] || w.lastLeader[op.group] != op.node.id || !w.together() || !f.comes(reading) {
		return
	}
	e := FaultEvent{Kind: faultSuspend, Node: op.node.id, Lasts: f.timeouts(3, 4)}
	f.soon(w.plan.batching+f.ambushes.random.duration(0, w.plan.link.latency), e)
	f.alone, f.deserted = w.now+e.Lasts, op.node
}

// together says that all nodes are up and hear each other.
func (w *World) together() bool {
	for _, p := range w.cluster() {
		for _, q := range w.cluster() {
			if !p.alive || p.paused || w.network.links[p.id-1][q.id-1].cut {
				return false
			}
		}
	}
	return true
}

// outdated is a node that was suspended when it led and does not know that another one leads now; nil if there is none.
func (f *faults) outdated() *process {
	p := f.deserted
	if p == nil || !p.alive || !p.paused || slices.Contains(f.world.lastLeader, p.id) {
		return nil
	}
	return p
}

// sends notices that a leader begins to send a snapshot, as it seems to the node that is furthest behind. That one's device
// may be slow.
func (f *faults) sends(leader *process, group int) {
	var to *process
	var has uint64
	for _, p := range f.world.cluster() {
		if p == leader || !p.alive || p.paused {
			continue
		}
		if applied := p.members[group].replica.Status().Applied; to == nil || applied < has {
			to, has = p, applied
		}
	}
	if to != nil && f.comes(receiving) {
		f.soon(0, FaultEvent{Kind: faultStall, Node: to.id, Lasts: f.timeouts(1, 4)})
		f.writer, f.written = to, group
	}
}

// writes notices that a node has all of a snapshot and begins to make it durable. If its device was made slow for that, the
// sender hands over.
func (f *faults) writes(p *process, group int) {
	if p != f.writer || group != f.written || f.stopped {
		return
	}
	f.writer = nil
	leader, r := f.world.lastLeader[group], f.ambushes.random
	if leader == 0 || leader == p.id || f.plan.has(func(k *faultKind) bool { return k.apart }) {
		return
	}
	f.soon(r.duration(0, 5*time.Millisecond), FaultEvent{
		Kind: faultStop, Node: leader, Late: r.duration(0, 500*time.Millisecond), Lasts: r.spread(f.plan.lasts),
	})
}

// dozing is for how many ticks a node may pause without the others losing sight of its clock.
const dozing = 20

var faultDoze = &faultKind{
	name: "doze", about: "it pauses, but not for so long that the others lose sight of its clock",
	fields: []string{"for"}, follows: true, several: true,
	check: func(e *FaultEvent, p *Plan) error {
		if most := dozing * p.cluster.tick; e.Lasts > most {
			return fmt.Errorf("a doze of %v, want at most %v", e.Lasts, most)
		}
		return nil
	},
	inject: func(f *faults, e FaultEvent) { f.pause(e) },
}

// doze lets a leader doze in the first half of the time in which another node's clock is wrong.
func (f *faults) doze(lasts time.Duration) {
	w, r := f.world, f.ambushes.random
	leader := w.lastLeader[r.IntN(len(w.lastLeader))]
	if leader == 0 || leader == f.astray.id {
		return
	}
	e := FaultEvent{Kind: faultDoze, Node: leader, Lasts: min(f.timeouts(1, 2), dozing*w.plan.cluster.tick)}
	f.soon(r.duration(0, lasts/2), e)
}
