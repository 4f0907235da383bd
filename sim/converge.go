package sim

import (
	"fmt"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
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
		w.compareMembers(nodes, g)
		w.compareStates(nodes, g)
	}
	w.until(w.now+time.Millisecond, nil)
}

// compareMembers demands that all nodes have the members that the operator has left.
func (w *World) compareMembers(nodes []*process, group int) {
	voters := slices.Sorted(slices.Values(w.operator.members))
	for _, p := range nodes {
		if m := p.members[group].replica.Status().Members; !slices.Equal(m.Voters, voters) || len(m.Learners) > 0 {
			w.violate(model.Durable, "", "node %d has the voters %v and learners %v of group %d, but the nodes are %v", p.id, m.Voters,
				m.Learners, group, w.operator.members)
		}
	}
}

// compareStates notes the first difference between replicas at the same entry, or between what one has in memory and on
// disk. The run goes on: what clients lose by it says more.
func (w *World) compareStates(nodes []*process, group int) {
	type state struct {
		of   node.NodeID
		hash uint64
	}
	states := map[uint64]state{} // by entry
	for _, p := range nodes {
		replica := p.members[group].replica
		if err := replica.Check(); err != nil {
			w.differ(model.NothingSilent, "", "memory and disk of node %d, group %d, differ: %v", p.id, group, err)
		}
		hash, err := replica.StateHash()
		if err != nil {
			w.violate(model.NothingSilent, "", "node %d, group %d: %v", p.id, group, err)
		}
		index := replica.Status().Applied
		first, known := states[index]
		if !known {
			states[index] = state{p.id, hash}
		} else if hash != first.hash {
			w.differ(model.Linearizable, "", "the states of nodes %d and %d differ in group %d at entry %d", first.of, p.id, group, index)
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
