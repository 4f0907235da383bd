package members

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
)

// world is a cluster of three nodes whose groups obey at once.
type world struct {
	mu       sync.Mutex
	groups   []*group
	stewards map[node.NodeID]*Steward
	lose     int // letters that get lost from now on
	changes  int // that were made
}

// group is a group's members and what its leader says to the next changes.
type group struct {
	leader node.NodeID
	node.Members
	says []error
}

func newWorld(t *testing.T, leaders ...node.NodeID) *world {
	t.Helper()
	w := &world{stewards: map[node.NodeID]*Steward{}}
	for _, leader := range leaders {
		w.groups = append(w.groups, &group{leader: leader, Members: node.Members{Voters: []node.NodeID{1, 2, 3}}})
	}
	for _, id := range []node.NodeID{1, 2, 3} {
		w.stewards[id] = New(Config{
			Self: id, Known: []node.NodeID{1, 2, 3, 4}, Replicas: replicas{w, id}, Network: network{w, id},
			Logger: slog.New(slog.DiscardHandler),
		})
	}
	return w
}

// replicas are those of one node of a world.
type replicas struct {
	*world
	self node.NodeID
}

func (r replicas) Status(context.Context) (all []node.Status, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range r.groups {
		all = append(all, node.Status{Leader: g.leader, Leading: g.leader == r.self, Members: g.Members})
	}
	return all, nil
}

func (r replicas) ChangeMembers(_ context.Context, id node.GroupID, change node.MemberChange) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.groups[id]
	if len(g.says) > 0 {
		err := g.says[0]
		g.says = g.says[1:]
		return err
	}
	switch had := slices.Contains(g.Voters, change.Node); {
	case change.Kind == node.AddMember:
		g.Voters = append(slices.Clone(g.Voters), change.Node) // it learns fast
	case had:
		g.Voters = slices.DeleteFunc(slices.Clone(g.Voters), func(v node.NodeID) bool { return v == change.Node })
	default:
		return node.ErrWasRemoved
	}
	r.changes++
	return nil
}

// network is a node's way to the others. Node 4 does not exist.
type network struct {
	*world
	self node.NodeID
}

func (n network) Send(to node.NodeID, frames []peer.Frame) {
	n.mu.Lock()
	lost := n.lose > 0
	if lost {
		n.lose--
	}
	n.mu.Unlock()
	if s := n.stewards[to]; s != nil && !lost {
		s.Deliver(n.self, frames)
	}
}

// fulfill asks node 1 and returns what it tells.
func (w *world) fulfill(t *testing.T, within time.Duration, wish Wish, id node.NodeID) (told []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	err = w.stewards[1].Fulfill(ctx, wish, id, func(_ node.GroupID, text string) { told = append(told, text) })
	return told, err
}

func TestAWishIsFulfilledInAllGroupsWhoeverLeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, 2, 2)
		w.lose = 1 // a question
		for range 2 {
			if told, err := w.fulfill(t, time.Minute, Add, 4); err != nil || told[len(told)-1] != "node 4 votes" {
				t.Errorf("%v; told %q", err, told)
			}
			w.lose = 2 // an answer, too
			if told, err := w.fulfill(t, time.Minute, Remove, 3); err != nil || told[len(told)-1] != "node 3 is removed" {
				t.Errorf("%v; told %q", err, told)
			}
		}
		for i, g := range w.groups {
			if !slices.Equal(g.Voters, []node.NodeID{1, 2, 4}) {
				t.Errorf("group %d has the voters %d", i, g.Voters)
			}
		}
		if w.changes != 6 {
			t.Errorf("%d changes were made, want one of each kind in each group", w.changes)
		}
	})
}

func TestWhatALeaderSaysDecidesWhatHappensNext(t *testing.T) {
	for _, c := range []struct {
		name string
		wish Wish
		says error
		want string // told last if the wish is fulfilled, else part of the error
		fine bool
	}{
		{"under way", Add, node.ErrChangeUnderWay, "node 4 votes", true},
		{"busy", Add, node.ErrBusy, "node 4 votes", true},
		{"unknown", Add, node.ErrOutcomeUnknown, "node 4 votes", true},
		{"no decision", Add, context.DeadlineExceeded, "node 4 votes", true},
		{"deposed", Add, node.NotLeaderError{Leader: 2}, "node 4 votes", true},
		{"deposed, nobody known", Add, node.NotLeaderError{}, "node 4 votes", true},
		{"added was removed", Add, node.ErrWasRemoved, "group 0: " + node.ErrWasRemoved.Error(), false},
		{"too few", Remove, node.ErrTooFewAlive, "node 4 is removed", true},
		{"leads", Remove, node.ErrLeads, "node 4 is removed", true},
		{"removed was removed", Remove, node.ErrWasRemoved, "node 4 is removed", true},
		{"no member", Remove, node.ErrNotMember, "node 4 is not a member", true},
		{"last voter", Remove, node.ErrLastVoter, "group 0: " + node.ErrLastVoter.Error(), false},
		{"nonsense", "praise", nil, `does not know how to "praise"`, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 1)
			w.groups[0].says = []error{c.says}
			told, err := w.fulfill(t, time.Minute, c.wish, 4)
			if c.fine && (err != nil || told[len(told)-1] != c.want) || !c.fine && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s: %v; told %q, want %q", c.name, err, told, c.want)
			}
		})
	}
}

func TestALeaderThatDoesNotKnowTheAddressRefuses(t *testing.T) {
	w := newWorld(t, 1, 2)
	w.stewards[2].cfg.Known = []node.NodeID{1, 2, 3}
	_, err := w.fulfill(t, time.Minute, Add, 4)
	if err == nil || !strings.Contains(err.Error(), "group 1: node 2 leads, and node 4 has no address in its --peers") {
		t.Error(err)
	}
	w.stewards[1].cfg.Known = []node.NodeID{1, 2, 3}
	if _, err = w.fulfill(t, time.Minute, Add, 4); err == nil || !strings.Contains(err.Error(), "in --peers of node 1") || w.changes != 1 {
		t.Errorf("%v; %d changes", err, w.changes)
	}
}

func TestTheErrorAfterTheTimeLimitNamesGroupAndReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, 1)
		w.groups[1].says = slices.Repeat([]error{node.ErrTooFewAlive}, 10)
		_, err := w.fulfill(t, 5*pause, Remove, 3)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "group 1: "+node.ErrTooFewAlive.Error()) {
			t.Error(err)
		}
		if left := len(w.groups[1].says); left > 5 {
			t.Errorf("the leader was asked %d times in five pauses", 10-left)
		}
	})
}

func TestLettersAreToldFromOtherFrames(t *testing.T) {
	const question = `{"id":7,"question":{"group":1,"wish":"add","node":4}}`
	const reply = `{"id":7,"answer":{"state":"elsewhere","leader":2,"text":"node 2 leads"}}`
	for _, text := range []string{question, reply} {
		l, ok := readLetter(peer.Frame{Group: Group, Body: []byte(text)})
		if f, err := l.frame(); !ok || err != nil || string(f.Body) != text || f.Group != Group {
			t.Errorf("%s is written again as %s, %v", text, f.Body, err)
		}
	}
	for _, f := range []peer.Frame{
		{Group: 1, Body: []byte(question)}, {Group: Group, Body: []byte("{")}, {Group: Group, Body: []byte(`{"id":7}`)},
	} {
		if l, ok := readLetter(f); ok {
			t.Errorf("%s in group %d is taken for %+v", f.Body, f.Group, l)
		}
	}
}

func FuzzLetters(f *testing.F) {
	f.Add([]byte(`{"id":7,"question":{"group":1,"wish":"add","node":4}}`))
	f.Add([]byte(`{"id":7,"answer":{"state":"elsewhere","leader":2,"text":"node 2 leads"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		l, ok := readLetter(peer.Frame{Group: Group, Body: body})
		if !ok {
			return
		}
		again, err := l.frame()
		if got, ok := readLetter(again); err != nil || !ok || got.ID != l.ID {
			t.Errorf("%s is written again as %s: %v", body, again.Body, err)
		}
		newWorld(t, 1).stewards[1].Deliver(2, []peer.Frame{{Group: Group, Body: body}})
	})
}
