package sim

import (
	"slices"
	"time"

	"sqsd/wire"
)

// around are how much of a script, before and after the operations that show a failure, is tried to be enough.
var around = []time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond, time.Second, 3 * time.Second}

// focus keeps only what happens around the operations that show the failure, or around the end of the script if none does,
// and what that needs: the creation of queues, and the receives that handles came from.
func (s *shrinker) focus() {
	items := s.best.items()
	var centers []time.Duration
	for _, it := range items {
		if it.step != nil && slices.Contains(s.shown, it.step.Number) {
			centers = append(centers, it.at())
		}
	}
	if len(centers) == 0 && len(items) > 0 {
		centers = append(centers, items[len(items)-1].at())
	}
	s.try(3, 2*len(around), func(i int) Plan {
		width, faults := around[i/2], i%2 == 1
		near := func(it item) bool {
			return slices.ContainsFunc(centers, func(c time.Duration) bool { return it.at() >= c-width && it.at() <= c+width })
		}
		needed := s.best.needed(near)
		p := s.best.keeping(func(_ int, it item) bool {
			if it.fault != nil {
				return faults
			}
			return needed[it.step.Number]
		})
		p.endSoon(time.Second)
		return p
	})
}

// needed are the numbers of the steps that are wanted, of those that they refer to, and of the first and the latest creation
// of each queue before any of them.
func (p *Plan) needed(wanted func(it item) bool) map[int]bool {
	needed := map[int]bool{}
	creation := map[string]int{} // number of the first step
	for i := range p.Script.Steps {
		step := &p.Script.Steps[i]
		create, ok := step.Request.(*wire.CreateQueueRequest)
		if _, known := creation[queueOf(step.Request)]; ok && !known {
			creation[create.QueueName] = step.Number
			needed[step.Number] = true
		}
	}
	latest := map[string]bool{} // whether it is still to be found
	for i := len(p.Script.Steps) - 1; i >= 0; i-- {
		step := &p.Script.Steps[i]
		queue := queueOf(step.Request)
		if _, creates := step.Request.(*wire.CreateQueueRequest); creates && latest[queue] {
			needed[step.Number] = true
			delete(latest, queue)
		}
		if !needed[step.Number] && !wanted(item{step: step}) {
			continue
		}
		needed[step.Number] = true
		if _, creates := step.Request.(*wire.CreateQueueRequest); !creates {
			latest[queue] = true
		}
		handles(step.Request, func(text string) (string, bool) {
			if n, ok := isReference(text); ok {
				needed[n] = true
			}
			return text, true
		})
	}
	return needed
}

// cutEnd leaves out what comes after the promise is broken, as far as that can be.
func (s *shrinker) cutEnd() {
	parts := []int{1, 2, 4, 8, 12, 14} // sixteenths
	for {
		items := s.best.items()
		i := s.try(1, len(parts), func(i int) Plan {
			end := len(items) * parts[i] / 16
			cut := s.best.keeping(func(i int, _ item) bool { return i < end })
			cut.endSoon(time.Second)
			return cut
		})
		if i < 0 || len(items) < len(parts) {
			return
		}
	}
}

// endSoon ends the chaos some time after the last item.
func (p *Plan) endSoon(d time.Duration) {
	last := time.Duration(0)
	if items := p.items(); len(items) > 0 {
		last = items[len(items)-1].at()
	}
	p.chaos = min(p.chaos, last+d)
}
