package sim

import (
	"fmt"
	"slices"
	"time"

	"sqsd/model"
)

// catchingUp is the time within which a node that was down has what the others have: with full queues and small chunks,
// snapshots take a while.
const catchingUp = 4 * recovery

// converge waits until all replicas of a group have applied the same entries and compares their states.
func (w *World) converge() {
	w.phase("converge")
	nodes := w.standing()
	for g := range w.plan.cluster.groups {
		same := func() bool {
			first := nodes[0].members[g].replica.Status().Applied
			for _, p := range nodes {
				if p.members[g].replica.Status().Applied != first {
					return false
				}
			}
			return true
		}
		if !w.until(w.now+catchingUp, same) {
			for _, p := range nodes {
				w.trace.printf(uint64(p.id), "group %d has applied %d", g, p.members[g].replica.Status().Applied)
			}
			w.violate(model.Live, "", "the replicas of group %d do not reach the same entry within %v", g, catchingUp)
		}
		w.formats.raised(g)
		w.compareStates(g)
	}
	w.until(w.now+time.Millisecond, nil)
}

// compareStates notes the first difference between replicas, or between what one has in memory and on disk. The run goes
// on: what clients lose by it says more.
func (w *World) compareStates(group int) {
	var first uint64
	nodes := w.standing()
	for i, p := range nodes {
		replica := p.members[group].replica
		if err := replica.Check(); err != nil {
			w.differ(model.NothingSilent, "", "memory and disk of node %d, group %d, differ: %v", p.id, group, err)
		}
		if m := replica.Status().Members; !slices.Equal(m.Voters, slices.Sorted(slices.Values(w.operator.members))) || len(m.Learners) > 0 {
			w.violate(model.Durable, "", "node %d has the voters %v and learners %v of group %d, but the nodes are %v", p.id, m.Voters,
				m.Learners, group, w.operator.members)
		}
		hash, err := replica.StateHash()
		if err != nil {
			w.violate(model.NothingSilent, "", "node %d, group %d: %v", p.id, group, err)
		}
		if i == 0 {
			first = hash
		} else if hash != first {
			w.differ(model.Linearizable, "", "the states of nodes %d and %d differ in group %d at entry %d",
				nodes[0].id, p.id, group, replica.Status().Applied)
		}
	}
}

// compareSurvivors compares the states of what still works of a cluster that need not go on: replicas at the same entry have
// the same.
func (w *World) compareSurvivors() {
	type place struct {
		group int
		index uint64
	}
	hashes := map[place]uint64{}
	for _, p := range w.standing() {
		for g := range p.members {
			if p.damaged() || p.forgets() || !p.alive {
				continue
			}
			replica := p.members[g].replica
			if err := replica.Check(); err != nil {
				w.differ(model.NothingSilent, "", "memory and disk of node %d, group %d, differ: %v", p.id, g, err)
			}
			hash, err := replica.StateHash()
			if err != nil {
				w.violate(model.NothingSilent, "", "node %d, group %d: %v", p.id, g, err)
			}
			at := place{g, replica.Status().Applied}
			if other, ok := hashes[at]; ok && other != hash {
				w.differ(model.Linearizable, "", "the states of node %d and another one differ in group %d at entry %d", p.id, g, at.index)
			}
			hashes[at] = hash
		}
	}
}

// differ notes the first difference. A run that shows nothing else fails with it.
func (w *World) differ(promise model.Promise, queue, format string, args ...any) {
	if w.difference != nil {
		return
	}
	w.difference = &model.Violation{Promise: promise, Queue: queue, Text: fmt.Sprintf(format, args...)}
	w.record(Event{Kind: EventViolation, Text: w.difference.Error()})
	w.trace.printf(0, "%v", w.difference)
}
