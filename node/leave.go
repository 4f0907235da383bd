package node

// departure is what a replica does before its node stops.
type departure struct {
	leaving bool
	term    uint64   // in which it has led since then; 0 if it has not
	done    []func() // are told when there is nothing more to hand over
}

// Leave says that the node is about to stop. The replica takes no leadership any more and hands over what it has, as soon as
// another voter is fit for it. done is called by a later Advance: at once if this replica does not lead, else when another one
// does, or when this one hears no majority any more.
func (r *Replica) Leave(done func()) {
	r.departure.leaving = true
	r.departure.done = append(r.departure.done, done)
}

// depart hands over the leadership of a replica that is about to stop, or says that it has none.
func (r *Replica) depart() {
	d := &r.departure
	switch {
	case !d.leaving:
	case r.lead.leading:
		d.term = r.lead.term
		r.env.Host.Mark("leader hands over before its node stops")
		r.stepAside()
	case d.term == 0, d.term == r.lead.term, r.lead.leader != 0: // it has not led, or hears no majority, or another one leads
		for _, done := range d.done {
			done()
		}
		d.done = nil
	}
}
