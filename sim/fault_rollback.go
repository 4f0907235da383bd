package sim

import (
	"time"

	"sqsd/node"
)

// Fault model of disks that are rolled back: a node comes back with what its stores held some time ago, in its last life
// or an earlier one. If the copy lacks something that the node had promised, a peer that knows better tells it; if it lacks
// nothing of that kind the node goes on, and rightly so.
//
// What nobody can find out is not drawn:
//
//   - an older copy that comes back while those who know better are down or cut off: a majority that knows nothing of what
//     is missing goes on without it. So nothing else goes wrong between the crash and the verdict, all others are up, and
//     all of them have met the life that is forgotten;
//   - an older copy of the last life, if a node that it may have promised something was started anew since the copy, or
//     if it has led since: what a leader counts of its own log it tells nobody;
//   - an older copy of the last life while its leader is slow to say so, or about to be followed by another one: those who
//     lack what is missing may elect one of them in that time, with the node's vote. So all follow one leader at the crash,
//     no node is slow, and until the verdict links neither lose nor delay anything.

var faultRollback = &faultKind{
	name: "rolled back", about: "its disk is replaced by a copy that is older by some time",
	fields: []string{"older", "for"}, several: true, cutsOff: true, rare: true,
	draw:  func(f *faults, e *FaultEvent) { e.Older = f.random.spread(oneOf(f.random, time.Second, 5*time.Second)) },
	check: checkLie,
	inject: func(f *faults, e FaultEvent) {
		w, p := f.world, f.victim(e)
		if !w.formed() || !p.alive {
			return
		}
		copied := &diskCopy{boot: p.boot, at: w.now, log: p.log.durable.clone(), state: p.state.durable.clone()}
		f.at(w.now+e.Older, func() { f.rollBack(e, copied, 100) })
	},
}

// diskCopy is what a node's stores held at an instant of one of its boots.
type diskCopy struct {
	boot       uint64
	at         time.Duration
	log, state *content
}

// verdict is how long nothing else goes wrong after a node has come back with an older copy that may lack nothing.
const verdict = 3 * time.Second

// rollBack crashes the victim and starts it on an older copy, as soon as others are there who know better, within some tries.
func (f *faults) rollBack(e FaultEvent, c *diskCopy, tries int) {
	w, p := f.world, f.victim(e)
	e.Lasts = min(e.Lasts, time.Second)
	lasts := e.Lasts
	if f.judged != nil || !f.knownBetter(p, c) || c.boot == p.boot && !w.network.behaves(lasts+verdict) ||
		!f.hit(p, node.ErrRolledBack) {
		if tries > 1 {
			f.at(w.now+100*time.Millisecond, func() { f.rollBack(e, c, tries-1) })
		}
		return
	}
	f.happens(e)
	p.lie.mustEnd = c.boot != p.boot
	if p.lie.mustEnd {
		w.mark("lie: rollback to an earlier life")
	} else {
		w.mark("lie: rollback within a life")
	}
	p.crash("its disk is rolled back")
	p.restore(c)
	f.judged = p
	f.restart(p, lasts)
	if p.lie.mustEnd {
		f.startTwice(p, lasts)
	}
	w.after(lasts+verdict, func() {
		if f.judged == p {
			f.judged = nil
		}
	})
}

// startTwice has a node that starts soon end again, often before it has met anybody, so that it gets as far ahead in its
// lives as it was before its disk was rolled back.
func (f *faults) startTwice(p *process, soon time.Duration) {
	f.at(f.world.now+soon+20*time.Millisecond, func() {
		if p.alive && p.failure == nil {
			p.crash("ends before it is judged")
			f.restart(p, 10*time.Millisecond)
		}
	})
}

// knownBetter says whether all others are up and connected, and know what a node has done since a copy of its disk.
func (f *faults) knownBetter(p *process, c *diskCopy) bool {
	w := f.world
	if !p.sees() || f.astray != nil || !w.network.whole() {
		return false
	}
	sameLife, others := c.boot == p.boot, 0
	if sameLife && (p.led >= c.at || !w.followed()) {
		return false
	}
	for _, q := range w.cluster() {
		switch {
		case q == p || q.ended != nil && !sameLife:
			continue
		case !q.sees() || q.damaged() || !q.sessions[p.id-1].accepted[p.boot]:
			return false
		case sameLife && (q.started > c.at || q.slowed > w.now || q.device.stalled > w.now):
			return false
		}
		others++
	}
	return others > 0
}

// sees says that the node runs and its disk works.
func (p *process) sees() bool {
	return p.alive && !p.paused && p.device.failing == nil && p.device.full <= p.world.now
}

// followed says that in every group all nodes of the cluster that run follow one that leads.
func (w *World) followed() bool {
	for g := range w.plan.cluster.groups {
		id := w.lastLeader[g]
		if id == 0 || !w.leads(w.processes[id-1], g) {
			return false
		}
		term := w.processes[id-1].members[g].replica.Status().Term
		for _, p := range w.cluster() {
			if p.alive && p.members[g].replica.Status().Term != term {
				return false
			}
		}
	}
	return true
}
