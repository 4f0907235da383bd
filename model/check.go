package model

// Report is what the checkers found in a history.
type Report struct {
	// Violations come from the cheapest check to the most expensive one; the first one names the broken promise best.
	Violations []*Violation
	// Partitions is how many messages and queue names were searched; Unknown is how many of them got no verdict within
	// the bound on steps. They count as neither right nor wrong.
	Partitions, Unknown int
	// Offending are the illegal partitions.
	Offending []*Partition
}

// Check runs every checker on a history, cheapest first: the replay of the log if there is one, the linear checks, and
// the searches.
func Check(h *History) *Report {
	r := &Report{}
	if len(h.Commits) > 0 {
		r.Violations = Replay(h)
	}
	r.Violations = append(r.Violations, Linear(h)...)
	for _, p := range Search(h, DefaultSteps()) {
		r.Partitions++
		switch p.Verdict {
		case Illegal:
			r.Offending = append(r.Offending, p)
			r.Violations = append(r.Violations, p.violation())
		case Unknown:
			r.Unknown++
		}
	}
	return r
}
