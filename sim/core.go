package sim

import (
	"fmt"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
)

// Liveness with a majority core (G10: while a majority can talk and has working disks, requests complete). In a share of
// the runs a random majority, the same nodes for every group, heals before the others, whose faults stay as they are: they
// are down, paused or cut off, in one direction or both, until everything heals. As soon as its disks are done with what they
// were slow to do, the core must
//
//   - have leaders that serve, within recovery: 15 s for a few elections;
//   - have applied on all its nodes what any of them had then, within catchingUp: 60 s for a snapshot over a slow link;
//   - keep its leaders, within another recovery, for two seconds;
//   - answer what clients ask its nodes in these, each call within the patience of its client: Config.CallTimeout, the
//     waiting time of a receive and a second.

// drawCore draws a majority for some of the clusters that have several nodes, in rising order.
func drawCore(r random, nodes int) []node.NodeID {
	if nodes < 3 || !r.chance(35) {
		return nil
	}
	var core []node.NodeID
	for _, i := range r.Perm(nodes)[:nodes/2+1] {
		core = append(core, node.NodeID(i+1))
	}
	slices.Sort(core)
	return core
}

// checkCore refuses a core that is no majority.
func (p *Plan) checkCore() error {
	n := len(p.core)
	distinct := slices.Compact(slices.Sorted(slices.Values(p.core)))
	most := p.cluster.nodes
	if n > 0 && (p.calm || p.cluster.spares > 0 || n <= most/2 || len(distinct) != n || int(distinct[n-1]) > most) {
		return fmt.Errorf("core is %s, want a majority of %d nodes, in a run that is not calm and has no spares",
			listText(p.core, nodeText), most)
	}
	return nil
}

// liveCore heals the core alone and demands of it what its head comment says.
func (w *World) liveCore() {
	w.phase("core")
	w.coreAlone = true
	w.faults.heal(w.inCore)
	w.faults.keepOut()
	w.until(w.steady, nil)
	w.demandLeaders(w.now + recovery)
	for g := range w.plan.cluster.groups {
		w.demandEntries(g)
	}
	for deadline := w.now + recovery; ; {
		w.demandLeaders(deadline)
		led := w.now
		w.until(w.now+w.plan.settle, nil)
		if !w.observer.electedSince(int64(led)) {
			w.demandAnswers(led)
			break
		}
	}
	w.coreAlone = false
}

// demandLeaders waits until every group has a leader in the core that serves.
func (w *World) demandLeaders(deadline time.Duration) {
	if !w.until(deadline, w.coreLed) || w.now > deadline {
		w.violate(model.Live, "", "a group has no leader in the core %s that lasts, %v after it healed", listText(w.plan.core, nodeText),
			recovery)
	}
}

// inCore says whether the node with an index is in the core.
func (w *World) inCore(i int) bool { return slices.Contains(w.plan.core, node.NodeID(i+1)) }

// coreLed says whether every group has a leader in the core that serves.
func (w *World) coreLed() bool {
	for g := range w.plan.cluster.groups {
		if !slices.ContainsFunc(w.plan.core, func(id node.NodeID) bool { return w.leads(w.processes[id-1], g) }) {
			return false
		}
	}
	return true
}

// demandAnswers demands that all calls to nodes of the core that began at an instant or later are answered.
func (w *World) demandAnswers(since time.Duration) {
	var calls []*operation
	var patience time.Duration
	for _, op := range w.clients.history {
		if time.Duration(op.Call) >= since && w.inCore(int(op.node.id)-1) {
			calls = append(calls, op)
			patience = max(patience, w.plan.patience(op.Request))
		}
	}
	w.until(w.now+patience, func() bool { return !slices.ContainsFunc(calls, func(op *operation) bool { return !op.ended }) })
	w.until(w.now+time.Millisecond, nil) // what clients begin with the last answer comes before what is next
	for _, op := range calls {
		if op.Unknown && op.step.Patience == 0 && !op.dropped && !w.excused(op) {
			w.violate(model.Live, queueOf(op.Request), "operation %d at node %d of the core %s gets no answer: %s", op.ID, op.node.id,
				listText(w.plan.core, nodeText), describeRequest(op.Request))
		}
	}
}

// demandEntries demands that all replicas of a group in the core reach what any of them has applied by now.
func (w *World) demandEntries(group int) {
	applied := func(id node.NodeID) uint64 { return w.processes[id-1].members[group].replica.Status().Applied }
	var most uint64
	for _, id := range w.plan.core {
		most = max(most, applied(id))
	}
	behind := func(id node.NodeID) bool { return applied(id) < most }
	if !w.until(w.now+catchingUp, func() bool { return !slices.ContainsFunc(w.plan.core, behind) }) {
		w.violate(model.Live, "", "the replicas of group %d in the core %s do not reach entry %d within %v", group,
			listText(w.plan.core, nodeText), most, catchingUp)
	}
}

// keepOut makes every node outside of the core useless to it: those that are neither down, paused nor cut off become so.
func (f *faults) keepOut() {
	w, r := f.world, newRandom(f.world.plan.environment(), "core")
	n := len(w.processes)
	deaf, mute := make([]bool, n), make([]bool, n)
	for i, p := range w.processes {
		if w.inCore(i) {
			continue
		}
		for _, id := range w.plan.core {
			deaf[i] = deaf[i] || w.network.links[id-1][i].cut
			mute[i] = mute[i] || w.network.links[i][id-1].cut
		}
		if !p.alive || p.paused || deaf[i] || mute[i] {
			continue
		}
		switch r.IntN(5) {
		case 0:
			p.crash("it is not in the core")
		case 1:
			p.pause(longest)
		case 2:
			deaf[i] = true
		case 3:
			mute[i] = true
		default:
			deaf[i], mute[i] = true, true
		}
	}
	w.network.cut(func(from, to int) bool {
		return w.network.links[from][to].cut || w.inCore(from) && deaf[to] || mute[from] && w.inCore(to)
	})
}
