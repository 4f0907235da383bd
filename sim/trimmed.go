package sim

import "sqsd/model"

// trimmed demands that logs do not grow without end: at the end they hold what is kept for nodes that lag, and no more than
// what comes between two checkpoints, in the smallest entries. What was kept for a node that had its snapshot late is still there
// if no checkpoint came afterwards.
func (w *World) trimmed() {
	c := &w.plan.cluster
	most := c.groups * (int(c.keep) + c.checkpoint/smallestEntry + logSlack)
	for g, s := range w.observer.restored {
		if s.at > w.healed {
			most += int(w.standing()[0].members[g].replica.Status().Applied - s.index)
		}
	}
	for _, p := range w.standing() {
		if n := p.log.visible.tree.Len(); n > most {
			w.violate(model.Live, "", "the logs of node %d hold %d records, but should be trimmed to %d: the disk will be full", p.id, n, most)
		}
	}
}

const (
	smallestEntry = 16  // bytes
	logSlack      = 150 // records of what is not durable yet, and of others than entries
)
