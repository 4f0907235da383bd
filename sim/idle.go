package sim

import "sqsd/model"

// idle demands that a cluster of which nobody wants anything does next to nothing: its clocks tick, its nodes ask each other
// for the time, its leaders send heartbeats. What wakes up again and again, or is sent for ever, is work of a whole core.
func (w *World) idle() {
	const ticks = 20
	const most = 10 // events for each pair of nodes in each group and tick; a healthy cluster has less than three
	c := &w.plan.cluster
	w.until(w.now+ticks*c.tick, nil)
	before := w.events
	w.until(w.now+ticks*c.tick, nil)
	nodes := len(w.standing())
	if n := int(w.events - before); n > most*ticks*nodes*nodes*c.groups {
		w.violate(model.Live, "", "%d idle nodes have %d events in %d ticks: something never comes to rest", nodes, n, ticks)
	}
}
