package sim

import "sqsd/model"

// trimmed demands that logs do not grow without end: at the end they hold what is kept for nodes that lag, and no more than
// what comes between two checkpoints, in the smallest entries.
func (w *World) trimmed() {
	c := &w.plan.cluster
	most := c.groups * (int(c.keep) + c.checkpoint/smallestEntry + logSlack)
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
