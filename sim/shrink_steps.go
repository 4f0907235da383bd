package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"sqsd/wire"
)

// simplifySteps takes from each step what it need not have: losses, members of its request, entries of a batch.
func (s *shrinker) simplifySteps() {
	for i := 0; i < len(s.best.Script.Steps); i++ {
		for from := 0; i < len(s.best.Script.Steps); {
			simpler := s.best.Script.Steps[i].simpler()
			from = min(from, len(simpler))
			chosen := s.try(min(3, s.variations()), len(simpler)-from, func(choice int) Plan {
				p := s.best.keeping(func(int, item) bool { return true })
				p.Script.Steps[i] = simpler[from+choice]
				// What referred to something that is gone now goes, too.
				return p.keeping(func(int, item) bool { return true })
			})
			if chosen < 0 {
				break
			}
			from += chosen
		}
	}
}

// simpler are the ways to make a step simpler by one thing.
func (s *Step) simpler() []Step {
	var list []Step
	for _, l := range losses {
		if s.Loses&l.way != 0 {
			less := *s
			less.Loses &^= l.way
			list = append(list, less)
		}
	}
	if s.Patience != 0 {
		less := *s
		less.Patience = 0
		list = append(list, less)
	}
	for _, req := range simplerRequests(s.Request) {
		less := *s
		less.Request = req
		list = append(list, less)
	}
	return list
}

// shortText is the length of a text that need not be shorter.
const shortText = 24

// simplerRequests are the requests that the front end takes and that lack a member or an element of the given one's JSON, or
// have a shorter text.
func simplerRequests(req wire.Request) []wire.Request {
	var list []wire.Request
	var whole any
	if json.Unmarshal([]byte(text(req)), &whole) != nil {
		return nil
	}
	offer := func() {
		simpler, err := parseRequest(req.Action(), text(whole))
		if err == nil && text(simpler) != text(req) {
			list = append(list, simpler)
		}
	}
	var visit func(part any, put func(any))
	visit = func(part any, put func(any)) {
		switch part := part.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(part)) {
				value := part[name]
				delete(part, name)
				offer()
				part[name] = value
				visit(value, func(v any) { part[name] = v })
			}
		case []any:
			for size := (len(part) + 1) / 2; len(part) > 1 && size > 0; size /= 2 {
				for from := 0; from < len(part); from += size {
					put(slices.Concat(part[:from], part[min(from+size, len(part)):]))
					offer()
				}
			}
			put(part)
			for i, element := range part {
				visit(element, func(v any) { part[i] = v })
			}
		case string:
			if len(part) > shortText {
				put(part[:shortText])
				offer()
				put(part)
			}
		}
	}
	visit(whole, func(any) {})
	return list
}

// tidy makes the plan's times easier to read: shorter waits, whole milliseconds.
func (s *shrinker) tidy() {
	for i := len(s.best.items()) - 1; i >= 0; i-- {
		if i >= len(s.best.items()) {
			continue
		}
		s.try(s.variations(), 2, func(choice int) Plan {
			return s.best.closingGap(i, []time.Duration{100, 1000}[choice]*time.Millisecond)
		})
	}
	for _, unit := range []time.Duration{10 * time.Millisecond, time.Millisecond, time.Microsecond} {
		if s.try(s.variations(), 1, func(int) Plan { return s.best.rounded(unit) }) >= 0 {
			return
		}
	}
}

// closingGap is the plan in which an item, and all behind it, come at most some time after the one before.
func (p *Plan) closingGap(i int, most time.Duration) Plan {
	earlier := p.keeping(func(int, item) bool { return true })
	items := earlier.items()
	before := time.Duration(0)
	if i > 0 {
		before = items[i-1].at()
	}
	by := items[i].at() - before - most
	if by <= 0 {
		return earlier
	}
	for _, it := range items[i:] {
		it.move(it.at() - by)
	}
	earlier.chaos = max(0, earlier.chaos-by)
	return earlier
}

// rounded is the plan with its times rounded to a unit.
func (p *Plan) rounded(unit time.Duration) Plan {
	r := p.keeping(func(int, item) bool { return true })
	for _, it := range r.items() {
		it.move(it.at().Round(unit))
		if it.fault != nil {
			it.fault.Lasts = it.fault.Lasts.Round(unit)
			it.fault.Times = slices.Clone(it.fault.Times)
			for i := range it.fault.Times {
				it.fault.Times[i] = it.fault.Times[i].Round(unit)
			}
		}
	}
	r.chaos = r.chaos.Round(unit)
	return r
}

func (i item) move(at time.Duration) {
	if i.fault != nil {
		i.fault.At = at
	} else {
		i.step.At = at
	}
}
