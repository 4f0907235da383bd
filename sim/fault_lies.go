package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/disk"
)

// Fault model of disks that lie: a part of a store cannot be read any more, for one boot or for good; a node comes back
// with empty stores; a node comes back with an older copy of its stores, of its last life or an earlier one. That
// happens to a minority of nodes in a run, and they must not serve wrong data: they end, by themselves or because a
// peer tells them, and stay down, however often they are started, unless only one boot could not read. In the profile
// ruin it happens to all nodes but one; then the cluster need not go on.
//
// A plan in which no disk may lie is refused if one does: a cluster of a single node has no minority, nor has one of two,
// and only in ruin may the other of two lie. So is one with spare nodes or a core, in which promises could be broken without
// a bug: who may lose a disk would depend on who the members are just then, and the core must serve.
//
// What nobody can find out is not drawn: anything before the nodes have met for the first time, when there is nothing yet
// that could be lost; the loss of all disks, which is a new cluster; and some older copies (fault_rollback.go).

// lie is what a node's disk has done to it.
type lie struct {
	ends    error // with which the node stops when it is found out
	mustEnd bool  // a node that is up knows better
	starts  int   // of the node since it was found out
}

var faultCorrupt = &faultKind{
	name: "corrupt", about: "a part of its disk cannot be read",
	fields: []string{"state", "lasting", "first", "last", "for"}, several: true, cutsOff: true, rare: true,
	draw: func(f *faults, e *FaultEvent) {
		r := f.random
		e.State, e.Lasting = r.chance(50), r.chance(50)
		e.First = r.between(0, 999)
		e.Last = min(1000, e.First+oneOf(r, 1, 30, 1000))
	},
	check: func(e *FaultEvent, p *Plan) error {
		if e.First < 0 || e.Last > 1000 || e.First >= e.Last {
			return fmt.Errorf("the part from %d to %d of 1000 is none", e.First, e.Last)
		}
		return checkLie(e, p)
	},
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if !f.hit(p, disk.ErrCorrupt) {
			return
		}
		v := p.log
		if e.State {
			v = p.state
		}
		p.device.repair = e.Lasts
		v.damage = v.visible.part(e.First, e.Last)
		if v.damage == nil {
			return
		}
		v.damage.lasting = e.Lasting
		if p.alive || e.Lasting {
			f.happens(e)
		}
	},
}

var faultLost = &faultKind{
	name: "lost", about: "its disk is replaced by an empty one",
	fields: []string{"for"}, several: true, cutsOff: true, rare: true,
	check: checkLie,
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		if !f.hit(p, node.ErrForgotten) {
			return
		}
		f.happens(e)
		p.crash("its disk is lost")
		p.restore(&diskCopy{log: newContent(), state: newContent()})
		p.lie.mustEnd = slices.ContainsFunc(f.world.cluster(), func(q *process) bool { return q.lie == nil })
		f.restart(p, e.Lasts)
	},
}

// restore puts a copy in the place of what the stores hold. The node is down.
func (p *process) restore(c *diskCopy) {
	p.log.restore(c.log)
	p.state.restore(c.state)
}

// restore makes the volume hold something else.
func (v *volume) restore(c *content) {
	v.visible, v.durable, v.pending, v.shown, v.damage = c.clone(), c.clone(), nil, v.written, nil
	if v.mirror != nil {
		v.mirror.restart(v.visible, true)
	}
}

// minority is the most nodes that a cluster can lose.
func (w *World) minority() int { return minority(len(w.cluster())) }

func minority(nodes int) int { return (nodes - 1) / 2 }

// mostLiars is of how many nodes the disks may lie.
func (p Profile) mostLiars(nodes int) int {
	if p == Ruin {
		return nodes - 1
	}
	return minority(nodes)
}

// checkLie refuses lies in a plan in which the cluster could not know better, or could break promises because of them.
func checkLie(_ *FaultEvent, p *Plan) error {
	switch {
	case p.Profile.mostLiars(p.cluster.nodes) == 0:
		return fmt.Errorf("in a cluster of %d no disk lies: too few would know better", p.cluster.nodes)
	case p.cluster.spares > 0:
		return fmt.Errorf("disks lie only in a cluster without spares: who may lose one would depend on who its members are")
	case len(p.core) > 0:
		return fmt.Errorf("disks lie only in a plan without core: its nodes must serve")
	}
	return nil
}

// liars counts the nodes whose disks have lied.
func (w *World) liars() (n int) {
	for _, p := range w.cluster() {
		if p.lie != nil {
			n++
		}
	}
	return n
}

// ruined says that so many disks have lied that the cluster need not go on.
func (w *World) ruined() bool { return w.liars() > w.minority() }

// inRuins ends the chaos a while after the cluster need not go on: of many calls that nobody answers, checkers cannot say
// much.
func (w *World) inRuins() bool { return w.ruined() && w.now > w.faults.ruin+3*time.Second }

// formed says that all nodes have met.
func (w *World) formed() bool {
	return !slices.ContainsFunc(w.cluster(), func(p *process) bool { return !p.formed })
}

// noteMet notes when all nodes have met for the first time.
func (w *World) noteMet() {
	if w.met == 0 && w.formed() {
		w.met = w.now
	}
}

// hit says whether a node's disk may lie now, within the budget of the run, and notes that it does.
func (f *faults) hit(p *process, ends error) bool {
	most := f.world.plan.Profile.mostLiars(len(f.world.cluster()))
	if p.lie != nil || f.world.liars() >= most || !f.world.formed() {
		return false
	}
	p.lie = &lie{ends: ends}
	if f.world.ruined() && f.ruin == 0 {
		f.ruin = f.world.now
	}
	return true
}

// forgets says that the node's disk has become another one, so that it may break promises until its peers refuse it.
func (p *process) forgets() bool {
	return p.lie != nil && p.lie.ends != disk.ErrCorrupt
}

// damaged says that a part of the node's disk cannot be read.
func (p *process) damaged() bool { return p.log.damage != nil || p.state.damage != nil }

// refuses says whether a node whose disk lies stops with the right error.
func (p *process) refuses(err error) bool {
	return p.lie != nil && errors.Is(err, p.lie.ends) && (p.forgets() || p.misread)
}

// refuse ends a node that has found out that its disk lies: for good, unless only one boot could not read it.
func (p *process) refuse(err error) {
	p.crash(err.Error())
	lasting := p.forgets() || p.log.damage.stays() || p.state.damage.stays()
	if !lasting {
		p.world.faults.restart(p, p.device.repair)
		return
	}
	p.ended = err
	p.world.mark("lie: " + p.lie.ends.Error())
	if f := p.world.faults; f.judged == p {
		f.judged = nil
	}
	if p.forgets() {
		p.startRefused(err)
	}
}

// startRefused starts a node some more times that was refused, as a supervisor does. It knows by itself that it must not run.
func (p *process) startRefused(err error) {
	if p.lie.starts == 3 {
		return
	}
	p.lie.starts++
	p.world.after(time.Second, func() {
		p.ended = nil
		p.start()
		if p.alive {
			p.world.violate(model.NothingSilent, "", "node %d starts again, but had found out: %v", p.id, err)
		}
		p.ended = err
	})
}

// giveUp ends a node in time whose disk cannot be read: for good, unless it can be read after a restart.
func (p *process) giveUp() { p.refuse(fmt.Errorf("%w: taken out", disk.ErrCorrupt)) }

// allRefused waits until all nodes have ended that peers know better about.
func (w *World) allRefused() {
	serving := func(p *process) bool { return p.lie != nil && p.lie.mustEnd && p.ended == nil }
	if w.until(w.now+recovery, func() bool { return !slices.ContainsFunc(w.processes, serving) }) {
		return
	}
	p := w.processes[slices.IndexFunc(w.processes, serving)]
	w.violate(model.NothingSilent, "", "node %d goes on, but should have found out: %v", p.id, p.lie.ends)
}

// standing are the nodes of the cluster that have not ended.
func (w *World) standing() (some []*process) {
	for _, p := range w.cluster() {
		if p.ended == nil {
			some = append(some, p)
		}
	}
	return some
}
