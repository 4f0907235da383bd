package sim

import "sqsd/model"

// nothingLeft demands that nodes have forgotten all calls some time after the last client has given up: what is kept for a
// call that nobody waits for is kept for ever.
func (w *World) nothingLeft() {
	const abandoned, released, late = 1, 1, 1 // call timeouts: of a call, of the release of what it got, and of their last answers
	c := &w.plan.cluster
	w.until(w.now+(abandoned+released+late)*c.callTimeout+2*c.tick, nil)
	for _, p := range w.standing() {
		for g, m := range p.members {
			if n := m.replica.Status().Forwarded; n > 0 {
				w.violate(model.Live, "", "node %d waits for the answers to %d calls of group %d, but all clients have given up", p.id, n, g)
			}
		}
	}
}
