package node

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// meeting is two or three nodes whose identities meet in memory.
type meeting struct {
	t      *testing.T
	nodes  map[NodeID]*Identity
	stores map[NodeID]testStore
	failed map[NodeID]error
	seed   byte
}

func newMeeting(t *testing.T, ids ...NodeID) *meeting {
	m := &meeting{t: t, nodes: map[NodeID]*Identity{}, stores: map[NodeID]testStore{}, failed: map[NodeID]error{}}
	for _, id := range ids {
		m.stores[id] = openTestStore(t, pebbledisk.Log)
	}
	for _, id := range ids {
		m.start(id)
	}
	return m
}

// start begins the next life of a node on what its store has.
func (m *meeting) start(id NodeID) { m.open(id, len(m.stores), false) }

// open starts a node of a cluster that begins with some, numbered from 1.
func (m *meeting) open(id NodeID, nodes int, join bool) {
	m.t.Helper()
	if err := m.try(id, nodes, join, nil); err != nil {
		m.t.Fatal(err)
	}
}

func (m *meeting) try(id NodeID, nodes int, join bool, old *Adoption) error {
	m.seed++
	m.failed[id] = nil
	var all []NodeID
	for p := range NodeID(nodes) {
		all = append(all, p+1)
	}
	i, err := OpenIdentity(IdentityConfig{
		Node: id, Peers: all, Join: join, Adopt: old, Store: m.stores[id],
		Random: bytes.NewReader(bytes.Repeat([]byte{m.seed}, 100)), Fail: func(err error) { m.failed[id] = err },
	}, func() {})
	m.nodes[id] = i
	return err
}

// adopt opens a node of three on a store that has data, but no identity.
func (m *meeting) adopt(id NodeID, old Adoption) {
	m.t.Helper()
	var b disk.Batch
	b.Set(metaKey(0), logMeta{}.encode())
	m.stores[id] = openTestStore(m.t, pebbledisk.Log)
	if err := errors.Join(m.stores[id].Apply(&b), m.try(id, 3, false, &old)); err != nil {
		m.t.Fatal(err)
	}
}

// copyOf is a store with what a node's store has now.
func (m *meeting) copyOf(id NodeID) testStore {
	m.t.Helper()
	var b disk.Batch
	err := m.stores[id].Scan(nil, []byte{0xff}, func(key, value []byte) bool {
		b.Set(key, value)
		return true
	})
	store := openTestStore(m.t, pebbledisk.Log)
	if err = errors.Join(err, store.Apply(&b)); err != nil {
		m.t.Fatal(err)
	}
	return store
}

// greet lets one node judge the greeting of another.
func (m *meeting) greet(from, to NodeID) (err error) {
	m.nodes[to].Meet(from, m.nodes[from].Greet(to), func(e error) { err = e })
	return err
}

// meet lets one node greet another, which answers unless it must stop, and notes the first when that has confirmed.
func (m *meeting) meet(a, b NodeID) error {
	greeting := m.nodes[a].Greet(b)
	self, err := m.nodes[b].Judge(a, greeting)
	if !self {
		err = errors.Join(err, m.greet(b, a))
	}
	if err == nil {
		m.nodes[b].Meet(a, greeting, func(e error) { err = e })
	}
	return err
}

// meetAll lets three nodes meet.
func (m *meeting) meetAll() {
	m.t.Helper()
	if err := errors.Join(m.meet(1, 2), m.meet(2, 3), m.meet(3, 1)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *meeting) wantStopped(id NodeID, want error) {
	m.t.Helper()
	if !errors.Is(m.failed[id], want) {
		m.t.Errorf("node %d stops with %v, want %v", id, m.failed[id], want)
	}
}

func (m *meeting) wantRefused(err error, part string) {
	m.t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		m.t.Errorf("got error %v, want one that says %q", err, part)
	}
}

func TestANodeThatJoinsIsKnownLikeTheOthers(t *testing.T) {
	m := newMeeting(t, 1, 2)
	m.stores[3] = openTestStore(t, pebbledisk.Log)
	m.open(3, 2, true)
	if !m.nodes[3].Admitted() || m.nodes[3].Greet(1).New {
		t.Error("node 3 waits for others, or calls itself new")
	}
	if err := m.meet(1, 3); err != nil || m.nodes[1].Admitted() {
		t.Errorf("node 1 takes part %t, without node 2: %v", m.nodes[1].Admitted(), err)
	}
	if err := m.meet(1, 2); err != nil || !m.nodes[1].Admitted() {
		t.Errorf("node 1 has met all that the cluster starts with: %v", err)
	}
	m.stores[3] = openTestStore(t, pebbledisk.Log)
	m.open(3, 2, true)
	m.wantRefused(m.meet(3, 1), "other data")
	m.wantStopped(3, ErrForgotten)
}

func TestANewClusterTakesPartWhenAllHaveMet(t *testing.T) {
	m := newMeeting(t, 1, 2, 3)
	for _, pair := range [][2]NodeID{{1, 2}, {1, 3}} {
		if m.nodes[1].Admitted() {
			t.Errorf("node 1 takes part before it has met %v", pair)
		}
		if err := m.meet(pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	if !m.nodes[1].Admitted() || m.nodes[2].Admitted() {
		t.Errorf("admitted: node 1 %t, node 2 %t; want true, false", m.nodes[1].Admitted(), m.nodes[2].Admitted())
	}
	// Node 2 starts anew before it has met node 3, and node 1, which has taken part, knows it.
	m.start(2)
	if err := errors.Join(m.meet(1, 2), m.meet(2, 3)); err != nil || !m.nodes[2].Admitted() {
		t.Errorf("node 2 does not take part: %v", err)
	}
	m.start(1)
	if !m.nodes[1].Admitted() {
		t.Error("node 1 has to meet all again after a restart")
	}
}

// Two nodes have lost their disks. Together they are a majority, but the third has what was acknowledged.
func TestNodesWithLostDisksDoNotStartANewCluster(t *testing.T) {
	m := newMeeting(t, 1, 2, 3)
	if err := errors.Join(m.meet(1, 2), m.meet(2, 3), m.meet(3, 1)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []NodeID{1, 2} {
		m.stores[id] = openTestStore(t, pebbledisk.Log)
		m.start(id)
	}
	if err := m.meet(1, 2); err != nil || m.nodes[1].Admitted() || m.nodes[2].Admitted() {
		t.Errorf("two empty nodes take part: %v", err)
	}
	m.wantRefused(m.greet(1, 3), "node 1 is known with other data")
	m.wantRefused(m.greet(3, 1), "node 3 knows it with other data")
	m.wantStopped(1, ErrForgotten)
	if m.nodes[1].Admitted() || m.failed[3] != nil {
		t.Errorf("admitted %t; node 3 stops with %v", m.nodes[1].Admitted(), m.failed[3])
	}
}

// A new node may meet the others one after the other, in several lives.
func TestANewNodeRemembersWhoItHasMet(t *testing.T) {
	m := newMeeting(t, 1, 2, 3)
	if got := m.nodes[2].Missing(); !slices.Equal(got, []NodeID{1, 3}) {
		t.Errorf("node 2 waits for %v", got)
	}
	if err := m.meet(1, 2); err != nil {
		t.Fatal(err)
	}
	m.start(2)
	if got := m.nodes[2].Missing(); !slices.Equal(got, []NodeID{3}) {
		t.Errorf("after a restart node 2 waits for %v", got)
	}
	if err := m.meet(2, 3); err != nil || !m.nodes[2].Admitted() || len(m.nodes[2].Missing()) > 0 {
		t.Errorf("node 2 takes no part, waits for %v: %v", m.nodes[2].Missing(), err)
	}
}

func TestWhatAnAdoptedNodeKnewIsKnown(t *testing.T) {
	data := map[NodeID]DataID{1: {101}, 2: {102}, 3: {103}}
	m := newMeeting(t, 1, 2, 3)
	m.adopt(1, Adoption{data[1], map[NodeID]DataID{2: data[2], 3: data[3]}})
	m.adopt(2, Adoption{data[2], map[NodeID]DataID{1: data[1], 3: data[3]}})
	for range 2 {
		if err := errors.Join(m.meet(1, 2), m.meet(2, 1)); err != nil || m.nodes[1].Greet(2).Peer != m.nodes[2].Life() {
			t.Fatalf("nodes that know each other's data: %v", err)
		}
	}
	m.wantRefused(m.meet(1, 3), "node 1 knows it with other data") // it has lost its disk
	m.wantStopped(3, ErrForgotten)
	m.adopt(3, Adoption{Data: data[3]})
	if err := errors.Join(m.meet(1, 3), m.meet(3, 2)); err != nil || m.failed[3] != nil {
		t.Errorf("the right data: %v, %v", err, m.failed[3])
	}
}

func TestARestartAndALateGreetingAreNoRollback(t *testing.T) {
	m := newMeeting(t, 1, 2)
	late := m.nodes[2].Greet(1)
	if err := m.meet(1, 2); err != nil {
		t.Fatal(err)
	}
	m.start(2)
	if err := errors.Join(m.meet(1, 2), m.meet(1, 2)); err != nil {
		t.Errorf("an honest node is refused: %v", err)
	}
	m.nodes[1].Meet(2, late, func(err error) { m.wantRefused(err, "older copy") })
	if m.failed[1] != nil || m.failed[2] != nil {
		t.Errorf("stopped: %v, %v", m.failed[1], m.failed[2])
	}
}

func TestAStoreThatHasLostItsIdentityIsCorrupt(t *testing.T) {
	m := newMeeting(t, 1)
	var b disk.Batch
	b.Set(metaKey(0), logMeta{}.encode())
	b.Delete(identityKey)
	if err := m.stores[1].Apply(&b); err != nil {
		t.Fatal(err)
	}
	_, err := OpenIdentity(IdentityConfig{Node: 1, Store: m.stores[1], Random: bytes.NewReader(make([]byte, 100))}, func() {})
	if !errors.Is(err, disk.ErrCorrupt) {
		t.Errorf("opened: %v", err)
	}
}

func TestDataOfABuildThatKeptNoIdentityIsAdopted(t *testing.T) {
	for _, c := range []struct {
		name  string
		data  bool
		taken bool
	}{{"data", true, true}, {"an empty store", false, false}} {
		t.Run(c.name, func(t *testing.T) {
			store := openTestStore(t, pebbledisk.Log)
			if c.data {
				var b disk.Batch
				b.Set(metaKey(0), logMeta{}.encode())
				if err := store.Apply(&b); err != nil {
					t.Fatal(err)
				}
			}
			i, err := OpenIdentity(IdentityConfig{
				Node: 1, Peers: []NodeID{1, 2}, Adopt: &Adoption{}, Store: store, Random: bytes.NewReader(make([]byte, 100)),
			}, func() {})
			if err != nil || i.Admitted() != c.taken || i.Greet(2).New == c.taken {
				t.Errorf("opened: %v; admitted %t, greets as new %t", err, i.Admitted(), i.Greet(2).New)
			}
		})
	}
}
