package sim

import (
	"cmp"
	"fmt"
	"slices"

	"sqsd/model"
)

// judge holds the history against all checkers and takes the violation that says most. A difference that no client could
// notice counts if there is nothing else.
func (r *Report) judge(w *World) {
	found := model.Check(&r.History)
	if found.Unknown > 0 {
		r.Unknown = append(r.Unknown, fmt.Sprintf("%d of %d porcupine searches took too many steps", found.Unknown, found.Partitions))
	}
	r.Offending = found.Offending
	explained := found.Violations[:len(found.Violations)-len(found.Offending)]
	if len(explained) == 0 {
		explained = found.Violations // porcupine, last in the list, can only say that there is no explanation
	}
	all := append(slices.Clip(explained), w.lostByDifference(&r.History))
	if r.Violation == nil {
		all = append(all, w.takenBack(), w.abandoned(), w.turnedAway(), w.restless(), w.offTime())
	} else {
		all = append(all, r.Violation)
		r.Violation = nil
	}
	all = slices.DeleteFunc(all, func(v *model.Violation) bool { return v == nil })
	for _, v := range all {
		if r.Violation == nil || telling(v) > telling(r.Violation) {
			r.Violation = v
		}
	}
	if w.difference != nil {
		r.Violation = cmp.Or(r.Violation, w.difference)
		all = append(all, w.difference)
	}
	r.Also = slices.DeleteFunc(all, func(v *model.Violation) bool { return v == r.Violation })
}

// telling ranks violations: any promise says more than linearizability, which every wrong answer breaks, and one that names a
// message says more than one that does not.
func telling(v *model.Violation) (rank int) {
	if v.Promise != model.Linearizable {
		rank += 2
	}
	if v.Message != "" {
		rank++
	}
	return rank
}

// lostByDifference says what the clients of a replica lose that gave another result than the first one, as far as the
// specification can tell.
func (w *World) lostByDifference(h *model.History) *model.Violation {
	if w.divergent == nil {
		return nil
	}
	v := model.Judge(h, w.divergent)
	if v != nil {
		v.Text += ", as " + w.difference.Text
	}
	return v
}
