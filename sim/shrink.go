package sim

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Shrinking takes a plan whose run breaks a promise and looks for a smaller one whose run breaks the same promise. It
// guesses what matters from the operations that show the failure, leaves out steps and faults, by kind and then in ever
// smaller chunks (delta debugging), gives the configuration plain values, and simplifies what is left. To leave something
// out shifts everything that is drawn behind it, so a smaller plan that does not fail is tried with other variations of the
// environment.

// Failing is a plan whose run breaks a promise.
type Failing struct {
	// Plan is that in the run's report.
	Plan Plan
	// Operations are those that show it, where known.
	Operations []int
}

// Attempt runs plans, which are its candidates, until it has found the first one that fails as it should. It returns the
// index of that one, or -1 if there is none or no time is left. What it returns must not depend on how many runs it makes
// at a time.
type Attempt func(candidates int, candidate func(i int) Plan) (first int, failing Failing)

// Shrink returns the smallest plan that it finds. The given one must fail.
func Shrink(failing Failing, attempt Attempt) Plan {
	s := &shrinker{best: failing.Plan, shown: failing.Operations, attempt: attempt}
	s.focus()
	s.cutEnd()
	for range maxRounds {
		before := s.best.Text("")
		s.removeKinds()
		s.removeChunks()
		s.configure()
		s.simplifySteps()
		s.removePairs()
		if s.best.Text("") == before {
			break
		}
	}
	s.tidy()
	return s.best
}

const (
	maxRounds = 6
	maxPaired = 30 // items of which any two are tried to be left out together
)

// Size is the number of steps and faults in a plan's script.
func (p *Plan) Size() (steps, faults int) { return len(p.Script.Steps), len(p.Script.Faults) }

type shrinker struct {
	best    Plan
	shown   []int // operations that show how it fails
	attempt Attempt
}

// try makes the best plan the first of some candidates that fails in one of some variations. It returns which one that is,
// or -1.
func (s *shrinker) try(variations, candidates int, candidate func(i int) Plan) int {
	i, failing := s.attempt(candidates*variations, func(i int) Plan {
		p := candidate(i / variations)
		p.Variation += uint64(i % variations)
		return p
	})
	if i < 0 {
		return -1
	}
	s.best, s.shown = failing.Plan, failing.Operations
	return i / variations
}

// variations is how many variations of a plan are worth a try: small ones run fast and depend more on luck.
func (s *shrinker) variations() int {
	steps, faults := s.best.Size()
	switch size := steps + faults; {
	case size > 300:
		return 1
	case size > 60:
		return 3
	case size > 20:
		return 6
	}
	return 10
}

// item is a step or a fault.
type item struct {
	step  *Step
	fault *FaultEvent
}

func (i item) at() time.Duration {
	if i.fault != nil {
		return i.fault.At
	}
	return i.step.At
}

// items are the steps and faults of a plan in order of time.
func (p *Plan) items() []item {
	var list []item
	for i := range p.Script.Faults {
		list = append(list, item{fault: &p.Script.Faults[i]})
	}
	for i := range p.Script.Steps {
		list = append(list, item{step: &p.Script.Steps[i]})
	}
	slices.SortStableFunc(list, func(a, b item) int { return cmp.Compare(a.at(), b.at()) })
	return list
}

// keeping is the plan with only those items for which keep says so and which do not refer to others.
func (p *Plan) keeping(keep func(i int, it item) bool) Plan {
	kept := *p
	kept.Script = &Script{}
	earlier := map[int]bool{}
	for i, it := range p.items() {
		switch {
		case !keep(i, it):
		case it.fault != nil:
			kept.Script.Faults = append(kept.Script.Faults, *it.fault)
		default:
			step := *it.step
			var ok bool
			step.Request, ok = handles(step.Request, func(text string) (string, bool) {
				n, refers := isReference(text)
				return text, !refers || earlier[n]
			})
			if ok {
				earlier[step.Number] = true
				kept.Script.Steps = append(kept.Script.Steps, step)
			}
		}
	}
	return kept
}

// kinds are ways to divide items into kinds, of which each is tried to be left out as a whole.
var kinds = []func(it item) string{
	func(it item) string {
		if it.fault != nil {
			return "faults"
		}
		return ""
	},
	func(it item) string {
		if it.fault != nil {
			return it.fault.Kind.word()
		}
		return ""
	},
	func(it item) string {
		if it.step != nil {
			return queueOf(it.step.Request)
		}
		return ""
	},
	func(it item) string {
		if it.step != nil {
			return it.step.Request.Action()
		}
		return ""
	},
	func(it item) string {
		if it.step != nil {
			return (setting{at: &it.step.Client}).text()
		}
		return ""
	},
}

// removeKinds leaves out all items of a kind: kinds of faults, queues, operations, clients.
func (s *shrinker) removeKinds() {
	for _, kind := range kinds {
		count := map[string]int{}
		for _, it := range s.best.items() {
			count[kind(it)]++
		}
		delete(count, "")
		names := slices.Sorted(maps.Keys(count))
		// The largest first.
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
		for len(names) > 0 {
			i := s.try(s.variations(), len(names), func(i int) Plan {
				return s.best.keeping(func(_ int, it item) bool { return kind(it) != names[i] })
			})
			if i < 0 {
				break
			}
			names = names[i+1:]
		}
	}
}

// removeChunks leaves out chunks of items that are next to each other, from large ones to single items.
func (s *shrinker) removeChunks() {
	for size := len(s.best.items()) / 2; size > 0; {
		removed := s.removeChunksOf(size)
		if removed && size == 1 {
			continue
		}
		size /= 2
	}
}

// removeChunksOf goes through the chunks of a size from the end to the beginning.
func (s *shrinker) removeChunksOf(size int) (removed bool) {
	for end := len(s.best.items()); end > 0; {
		i := s.try(s.variations(), (end+size-1)/size, func(i int) Plan {
			to := end - i*size
			return s.best.keeping(func(i int, _ item) bool { return i < to-size || i >= to })
		})
		if i < 0 {
			return removed
		}
		removed = true
		end = min(end-(i+1)*size, len(s.best.items()))
	}
	return removed
}

// removePairs leaves out any two items that only together can be.
func (s *shrinker) removePairs() {
	for {
		n := len(s.best.items())
		if n > maxPaired {
			return
		}
		var pairs [][2]int
		for a := range n {
			for b := range a {
				pairs = append(pairs, [2]int{a, b})
			}
		}
		i := s.try(min(4, s.variations()), len(pairs), func(i int) Plan {
			return s.best.keeping(func(at int, _ item) bool { return at != pairs[i][0] && at != pairs[i][1] })
		})
		if i < 0 {
			return
		}
	}
}
