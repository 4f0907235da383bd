package model

import (
	"cmp"
	"slices"
)

// settle clears up operations of unknown outcome by the log, if there is one. Those that are not in it never took effect
// and are left out. Those that are in it get the answer that their client did not hear, and the earliest instant by
// which they must have taken effect: the return of an operation that comes after them in their group.
func settle(h *History) *History {
	if len(h.Commits) == 0 {
		return h
	}
	m := match(h)
	settled := *h
	settled.Operations = make([]Operation, 0, len(h.Operations))
	ends := newEnds(h)
	for i := range h.Operations {
		o := h.Operations[i]
		if o.Unknown {
			place, ok := m.resolved[i]
			if !ok {
				continue
			}
			c := &h.Commits[place]
			if end := ends.after(&c.At); end != Never {
				o.Unknown, o.unheard, o.Return = false, true, end
				o.Response, o.Err = c.Response, c.Err
			}
		}
		settled.Operations = append(settled.Operations, o)
	}
	return &settled
}

// ends are the returns of completed operations by their place in each group's log. Each is the least of those from its
// place on.
type ends map[uint32][]placedEnd

type placedEnd struct {
	at  *Witness
	end int64
}

func newEnds(h *History) ends {
	all := ends{}
	for i := range h.Operations {
		if o := &h.Operations[i]; o.At != nil && !o.Unknown {
			all[o.At.Group] = append(all[o.At.Group], placedEnd{o.At, o.Return})
		}
	}
	for _, group := range all { // order: each group is sorted by itself
		slices.SortFunc(group, func(a, b placedEnd) int { return cmp.Or(comparePlaces(a.at, b.at), cmp.Compare(a.end, b.end)) })
		for i := len(group) - 2; i >= 0; i-- {
			group[i].end = min(group[i].end, group[i+1].end)
		}
	}
	return all
}

// after is the earliest return of an operation that took effect after a place; Never if there is none.
func (e ends) after(at *Witness) int64 {
	group := e[at.Group]
	i, _ := slices.BinarySearchFunc(group, at, func(p placedEnd, at *Witness) int { return comparePlaces(p.at, at) })
	if i == len(group) {
		return Never
	}
	return group[i].end
}
