package sim

import (
	"sqsd/model"
	"sqsd/node"
)

// spreadOut waits until every group is led by the node that should lead it, unless that has ended, so that the work of a
// healthy cluster is not all on one node.
func (w *World) spreadOut() {
	for g := range w.plan.cluster.groups {
		p := w.processes[w.preferred(g)-1]
		if p.ended == nil && !w.until(w.now+catchingUp, func() bool { return w.leads(p, g) }) {
			w.violate(model.Live, "", "group %d is not led by node %d %v after everything healed", g, p.id, catchingUp)
		}
	}
}

// preferred is the node that should lead a group.
func (w *World) preferred(group int) node.NodeID {
	voters := w.standing()[0].members[group].replica.Status().Members.Voters
	return voters[group%len(voters)]
}
