package node

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sqsd/node/disk/pebbledisk"
)

func TestAnOlderCopyIsRefused(t *testing.T) {
	m := newMeeting(t, 1, 2)
	before := m.copyOf(2)
	m.start(2)
	if err := m.meet(1, 2); err != nil {
		t.Fatal(err)
	}
	m.start(1) // what it knows is durable
	m.stores[2] = before
	m.start(2) // in a second life again
	m.wantRefused(m.greet(2, 1), "node 2 has an older copy of the data: it was met in life 2, now it is in another life 2")
	m.wantRefused(m.greet(1, 2), "node 1 has met it in life 2")
	m.wantStopped(2, ErrRolledBack)
}

// A copy that is started again and again gets ahead of the number that the others know.
func TestAnOlderCopyIsRefusedHoweverOftenItIsStarted(t *testing.T) {
	for _, starts := range []int{1, 2, 3} {
		for _, dials := range []bool{true, false} {
			m := newMeeting(t, 1, 2)
			if err := m.meet(1, 2); err != nil {
				t.Fatal(err)
			}
			before := m.copyOf(2)
			m.start(2)
			if err := m.meet(2, 1); err != nil {
				t.Fatal(err)
			}
			m.stores[2] = before
			for range starts {
				m.start(2) // and ends before it meets anybody
			}
			known := m.nodes[1].Greet(2).Peer
			a, b := NodeID(1), NodeID(2)
			if dials {
				a, b = b, a
			}
			m.wantRefused(m.meet(a, b), "")
			m.wantStopped(2, ErrRolledBack)
			if got := m.nodes[1].Greet(2).Peer; got != known {
				t.Errorf("node 1 has noted %v of the copy, and forgotten %v", got, known)
			}
			m.wantRefused(m.try(2, 2, false, nil), "node 1 has met it in life 2")
		}
	}
}

func TestANodeThatWasRefusedDoesNotStartAgain(t *testing.T) {
	for _, want := range []error{ErrForgotten, ErrRolledBack} {
		m := newMeeting(t, 1, 2)
		m.nodes[2].Refuse(fmt.Errorf("%w: as a replica of it says", want))
		m.wantStopped(2, want)
		m.wantRefused(m.meet(1, 2), "as a replica of it says")
		if m.nodes[2].Ready() {
			t.Error("it may still greet")
		}
		for range 2 {
			if err := m.try(2, 2, false, nil); !errors.Is(err, want) || !strings.Contains(err.Error(), "as a replica of it says") {
				t.Errorf("opened: %v, want %v", err, want)
			}
		}
	}
}

func TestLivesThatAPeerMayKnowAreRemembered(t *testing.T) {
	m := newMeeting(t, 1, 2)
	if err := m.meet(1, 2); err != nil {
		t.Fatal(err)
	}
	early := m.nodes[2].Greet(1)
	m.start(1)
	if err := m.meet(1, 2); err != nil { // node 2 tells node 1 that it knows its life 1, and notes life 2
		t.Fatal(err)
	}
	for range recentLives + 10 {
		m.start(1)
	}
	if got, want := len(m.nodes[1].lives), recentLives+12; got != want {
		t.Errorf("%d lives are remembered, want all %d", got, want)
	}
	if err := m.meet(1, 2); err != nil {
		t.Errorf("a node is refused that has lost nothing: %v", err)
	}
	if err := m.meet(1, 2); err != nil {
		t.Fatal(err)
	}
	m.start(1)
	if got := len(m.nodes[1].lives); got != recentLives {
		t.Errorf("%d lives are remembered, want %d", got, recentLives)
	}
	m.nodes[1].Meet(2, early, func(error) {})
	if m.failed[1] != nil {
		t.Errorf("a greeting that comes late stops the node: %v", m.failed[1])
	}
}

// A node that belongs to another time is refused, and what it knows of the others is no news to them.
func TestAPeerThatIsRefusedDoesNotStopAHealthyNode(t *testing.T) {
	m := newMeeting(t, 1, 2, 3)
	m.meetAll()
	stale := m.stores[3]
	for _, id := range []NodeID{1, 2, 3} {
		m.stores[id] = openTestStore(t, pebbledisk.Log)
		m.start(id)
	}
	m.meetAll()
	m.stores[3] = stale
	m.start(3)
	m.wantRefused(m.meet(3, 1), "node 3 is known with other data")
	m.wantRefused(m.meet(2, 3), "node 3 is known with other data")
	for _, id := range []NodeID{1, 2} {
		if m.failed[id] != nil {
			t.Errorf("node %d stops: %v", id, m.failed[id])
		}
	}
}
