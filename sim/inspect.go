package sim

// inspections is how often replicas are held against their stores while calls and faults go on, on average.
const inspections = 6

// inspect holds what replicas have in memory against their stores, and those at the same entry against each other, now and
// then until everything heals: at the end nearly nothing is left that could differ.
func (w *World) inspect() {
	wait := w.random.inspections.spread(w.plan.chaos / inspections)
	if w.now+wait >= w.plan.chaos {
		return
	}
	w.after(wait, func() {
		w.compareSound()
		w.inspect()
	})
}

// compareSound compares the states of the nodes that are up and whose disks have done nothing wrong.
func (w *World) compareSound() {
	var sound []*process
	for _, p := range w.standing() {
		if p.alive && !p.damaged() && !p.forgets() && !p.failedDevice && p.failure == nil {
			sound = append(sound, p)
		}
	}
	for g := range w.plan.cluster.groups {
		w.compareStates(sound, g)
	}
}
