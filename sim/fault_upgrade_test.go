package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sqsd/model"
	"sqsd/node"
)

// upgrades returns a quiet plan in which binaries are replaced.
func upgrades(t *testing.T, old optionalNodes, faults ...string) Plan {
	t.Helper()
	p := quietPlan(4, 3)
	p.calm, p.cluster.old, p.chaos, p.quiet, p.lull = false, old, 12*time.Second, 0, lullPlan{}
	p.Script = &Script{}
	for _, line := range faults {
		if err := p.Script.parseLine(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.check(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRollingUpgrade(t *testing.T) {
	for _, test := range []struct {
		name   string
		old    optionalNodes
		faults []string
		marks  []string
		never  []string
	}{
		{
			name: "downgraded before the raise", old: optionalNodes{1, 2, 3},
			faults: []string{
				"1s fault upgrade n1 for 100ms", "2s fault upgrade n2 for 100ms", "3s fault downgrade n1 for 100ms",
				"4s fault upgrade n3 for 1s", "6s fault downgrade n2 for 100ms", "8s fault crash n1 for 100ms",
			},
			marks: []string{"format raised", "newer format waits for a member"},
			never: []string{"upgrade: old binary refuses to start", "upgrade: old binary stops at the raise"},
		},
		{
			name: "downgraded after the raise", old: optionalNodes{1, 3},
			faults: []string{
				"1s fault upgrade n1 for 100ms", "2s fault upgrade n3 for 100ms", "6s fault downgrade n2 for 100ms",
				"8s fault downgrade n3 for 1s",
			},
			marks: []string{"format raised", "newer format waits for a member", "upgrade: old binary refuses to start"},
			never: []string{"upgrade: old binary stops at the raise"},
		},
		{
			name: "downgraded while the raise is under way", old: optionalNodes{3},
			faults: []string{"4s fault upgrade n3 for 350ms back n2"},
			marks:  []string{"format raised", "upgrade: old binary stops at the raise"},
			never:  []string{"upgrade: old binary refuses to start"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := Run(upgrades(t, test.old, test.faults...), Options{})
			if report.Violation != nil {
				t.Fatal(report.Violation)
			}
			for _, m := range test.marks {
				if report.Marks[m] == 0 {
					t.Errorf("the mark %q was not reached", m)
				}
			}
			for _, m := range test.never {
				if report.Marks[m] > 0 {
					t.Errorf("the mark %q was reached", m)
				}
			}
		})
	}
}

// TestFormatsAreWatched gives the watcher what a broken node would show.
func TestFormatsAreWatched(t *testing.T) {
	newer := fmt.Errorf("start: %w", node.ErrNewerFormat)
	for _, test := range []struct {
		name    string
		promise model.Promise // empty if all is well
		show    func(w *World)
	}{
		{"raised when all know", "", func(w *World) { w.know(1, 2, 3); w.show(1, node.NewestFormat, 10) }},
		{"raised although one does not know", model.Live, func(w *World) { w.know(1, 2); w.show(1, node.NewestFormat, 10) }},
		{"one is behind the raise", "", func(w *World) { w.know(1, 2, 3); w.show(1, node.NewestFormat, 10); w.show(2, oldest, 9) }},
		{"one has passed the raise over", model.Durable, func(w *World) {
			w.know(1, 2, 3)
			w.show(1, node.NewestFormat, 10)
			w.show(2, oldest, 10)
		}},
		{"old binary starts where the group was raised", model.NothingSilent, func(w *World) {
			w.know(1, 2, 3)
			w.show(1, node.NewestFormat, 10)
			w.processes[0].format = oldest
			w.formats.started(w.processes[0], 0)
		}},
		{"old binary starts before the raise", "", func(w *World) {
			w.processes[0].format = oldest
			w.formats.started(w.processes[0], 0)
		}},
		{"newest binary refuses", model.NothingSilent, func(w *World) { w.know(1, 2, 3); w.formats.tooOld(w.processes[0], 0, newer) }},
		{"old binary refuses although nothing can be raised", model.Live, func(w *World) {
			w.know(1, 3)
			w.processes[0].format = oldest
			w.formats.tooOld(w.processes[0], 0, newer)
		}},
	} {
		w := newWorld(quietPlan(1, 3), Options{})
		violation := breaks(func() { test.show(w) })
		if violation == nil && test.promise != "" || violation != nil && violation.Promise != test.promise {
			t.Errorf("%s: %v, want %q", test.name, violation, test.promise)
		}
	}
}

func (w *World) know(nodes ...int) {
	for _, id := range nodes {
		w.formats.knew[id-1] = true
	}
}

func (w *World) show(id int, format node.Format, applied uint64) {
	w.formats.watch(w.processes[id-1], 0, &node.Status{Format: format, Applied: applied})
}

func TestOldNodesKeepTheirBinariesWhenNodesAreTakenOut(t *testing.T) {
	p := upgrades(t, optionalNodes{1, 3}, "1s fault upgrade n3 for 100ms", "2s fault downgrade n2 for 100ms")
	p.cluster.nodes = 5
	p.onlyNodes(1, 3, 5)
	if !slices.Equal(p.cluster.old, optionalNodes{1, 2}) || len(p.Script.Faults) != 1 || p.Script.Faults[0].Node != 2 {
		t.Errorf("old %v, faults %+v", p.cluster.old, p.Script.Faults)
	}
	if _, err := ParsePlan(p.Text("")); err != nil {
		t.Error(err)
	}
}

func TestAPlanIsRefusedWhoseOldNodesCannotBe(t *testing.T) {
	for _, spoil := range []func(*Plan){
		func(p *Plan) { p.cluster.old = optionalNodes{4} },
		func(p *Plan) { p.calm = true },
	} {
		p := upgrades(t, optionalNodes{1})
		spoil(&p)
		if _, err := ParsePlan(p.Text("")); err == nil {
			t.Errorf("a plan with old %v of %d nodes, calm %t, is taken", p.cluster.old, p.cluster.nodes, p.calm)
		}
	}
}
