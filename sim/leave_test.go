package sim

import (
	"slices"
	"testing"
	"time"
)

func TestALeaderThatIsAboutToStopHandsOver(t *testing.T) {
	for _, c := range []struct {
		name string
		down int // nodes that are down already
	}{{"to one of two", 0}, {"to the only other one", 1}} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, 3, 1, 1<<20, 4096)
			leads := func(p *process) bool { return s.leads(p, 0) }
			if c.down > 0 {
				s.processes[slices.IndexFunc(s.processes, func(p *process) bool { return p.alive && !leads(p) })].crash("test")
			}
			p := s.processes[slices.IndexFunc(s.processes, leads)]
			left := false
			p.event(0, func() { p.members[0].replica.Leave(func() { left = true }) })
			if !s.until(s.now+4*s.plan.cluster.tick, func() bool { return left }) {
				t.Fatal("the leadership is not handed over")
			}
			p.crash("test")
			if !s.until(s.now+4*s.plan.cluster.tick, s.led) {
				t.Error("nobody leads")
			}
		})
	}
}

func TestALeaderWithoutOthersHasNothingToHandOver(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	p := s.processes[slices.IndexFunc(s.processes, func(p *process) bool { return s.leads(p, 0) })]
	for _, q := range s.processes[:s.plan.cluster.nodes] {
		if q != p {
			q.crash("test")
		}
	}
	left := false
	p.event(0, func() { p.members[0].replica.Leave(func() { left = true }) })
	within := time.Duration(2*s.plan.cluster.electionTicks+2) * s.plan.cluster.tick
	if !s.until(s.now+within, func() bool { return left }) {
		t.Errorf("it waits for more than %v", within)
	}
}

func TestANodeThatIsAboutToStopTakesNoLeadership(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	preferred := s.processes[0]
	s.until(s.now+recovery, func() bool { return s.leads(preferred, 0) })
	preferred.leave()
	s.until(s.now+time.Second, func() bool { return !s.leads(preferred, 0) })
	s.marks["leadership handed to the preferred node"] = 0
	if s.until(s.now+4*recovery, func() bool { return s.leads(preferred, 0) }) {
		t.Error("it leads again")
	}
	pause := time.Duration(3*s.plan.cluster.electionTicks) * s.plan.cluster.tick
	offers, steady := s.marks["leadership handed to the preferred node"], int(4*recovery/pause)
	if offers == 0 || offers > steady/4 {
		t.Errorf("it is asked %d times, want less than one time in four of %d", offers, steady)
	}
}
