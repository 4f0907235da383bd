package sim

import (
	"maps"
	"testing"
	"time"

	"sqsd/node"
)

func TestWatchingChangesNothing(t *testing.T) {
	for seed := range uint64(4) {
		plan := NewPlan(seed, Lite)
		events := 0
		watched := Run(plan, Options{Watch: func(Event) { events++ }})
		if plain := Run(plan, Options{}); plain.Hash != watched.Hash {
			t.Errorf("seed %d: trace %016x when watched, %016x when not", seed, watched.Hash, plain.Hash)
		}
		if events == 0 {
			t.Errorf("seed %d: nothing was seen", seed)
		}
	}
}

func TestEventsTellTheLivesOfNodesAndCalls(t *testing.T) {
	seen := map[EventKind]int{}
	for seed := range uint64(6) {
		l := &lives{t: t, seen: seen, up: map[node.NodeID]bool{}, leads: map[replicaName]bool{}, open: map[int]bool{}}
		if report := Run(NewPlan(seed, Lite), Options{Watch: l.take}); report.Violation != nil || len(l.open) > 0 {
			t.Errorf("seed %d: violation %v, calls that never ended: %v", seed, report.Violation, l.open)
		}
	}
	for _, kind := range []EventKind{EventPhase, EventStart, EventCrash, EventFault, EventLinks, EventLeads, EventFollows,
		EventCall, EventAnswer, EventEnd, EventApply} {
		if seen[kind] == 0 {
			t.Errorf("no event %q was seen", kind)
		}
	}
}

// replicaName is a node and a group.
type replicaName struct {
	node  node.NodeID
	group node.GroupID
}

// lives follows a run by its events and reports what cannot follow on each other.
type lives struct {
	t     *testing.T
	seen  map[EventKind]int
	now   time.Duration
	up    map[node.NodeID]bool
	leads map[replicaName]bool
	open  map[int]bool // operations
}

func (l *lives) take(e Event) {
	if e.At < l.now {
		l.t.Fatalf("%s at %v comes after something at %v", e.Kind, e.At, l.now)
	}
	l.now = e.At
	l.seen[e.Kind]++
	replica := replicaName{e.Node, e.Group}
	switch e.Kind {
	case EventStart:
		l.up[e.Node] = true
	case EventCrash:
		if !l.up[e.Node] {
			l.t.Errorf("%v: node %d crashes and is not up", e.At, e.Node)
		}
		delete(l.up, e.Node)
		maps.DeleteFunc(l.leads, func(r replicaName, _ bool) bool { return r.node == e.Node })
	case EventLeads, EventFollows:
		if l.leads[replica] == (e.Kind == EventLeads) {
			l.t.Errorf("%v: node %d %s group %d, which is nothing new", e.At, e.Node, e.Kind, e.Group)
		}
		l.leads[replica] = e.Kind == EventLeads
	case EventCall:
		l.open[e.Operation] = true
	case EventEnd:
		if !l.open[e.Operation] {
			l.t.Errorf("%v: operation %d ends and was not called", e.At, e.Operation)
		}
		delete(l.open, e.Operation)
	}
}
