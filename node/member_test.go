package node

import (
	"errors"
	"reflect"
	"testing"

	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/disk/pebbledisk"
)

const (
	addLearner = raftpb.ConfChangeAddLearnerNode
	promote    = raftpb.ConfChangeAddNode
	remove     = raftpb.ConfChangeRemoveNode
)

func TestMembershipChanges(t *testing.T) {
	three := membership{voters: []NodeID{1, 2, 3}}
	lone := membership{voters: []NodeID{2}, learners: []NodeID{1}}
	for _, c := range []struct {
		name   string
		before membership
		kind   raftpb.ConfChangeType
		node   uint64
		after  membership
		err    error
	}{
		{"a node comes as a learner", three, addLearner, 4, membership{voters: []NodeID{1, 2, 3}, learners: []NodeID{4}}, nil},
		{"a learner becomes a voter", lone, promote, 1, membership{voters: []NodeID{1, 2}}, nil},
		{"a voter is removed for ever", three, remove, 2, membership{voters: []NodeID{1, 3}, removed: []NodeID{2}}, nil},
		{"a learner is removed for ever", lone, remove, 1, membership{voters: []NodeID{2}, removed: []NodeID{1}}, nil},
		{"a voter does not become a learner", three, addLearner, 3, three, errChange},
		{"a stranger does not become a voter", three, promote, 4, three, errChange},
		{"a stranger is not removed", three, remove, 4, three, errChange},
		{"the last voter stays", lone, remove, 2, lone, errChange},
		{"who was removed does not come back", membership{voters: []NodeID{1}, removed: []NodeID{2}}, addLearner, 2,
			membership{voters: []NodeID{1}, removed: []NodeID{2}}, errChange},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := c.before.encode()
			got, err := c.before.after(&raftpb.ConfChangeV2{
				Changes: []*raftpb.ConfChangeSingle{{Type: c.kind.Enum(), NodeId: &c.node}},
			})
			same := reflect.DeepEqual(got.encode(), c.after.encode())
			if !errors.Is(err, c.err) || !same {
				t.Errorf("got %v, %v; want %v, %v", got, err, c.after, c.err)
			}
			if !reflect.DeepEqual(c.before.encode(), before) {
				t.Errorf("the membership before has become %v", c.before)
			}
		})
	}
	two := &raftpb.ConfChangeV2{Changes: []*raftpb.ConfChangeSingle{{}, {}}}
	if _, err := three.after(two); !errors.Is(err, errChange) {
		t.Errorf("two changes at once: %v", err)
	}
}

// change asks for a change and lets the replica work until it has an outcome, or none yet.
func (r *Replica) change(kind MemberChangeKind, id NodeID) (err error, done bool) {
	r.ChangeMembers(MemberChange{kind, id}, func(e error) { err, done = e, true })
	r.Advance()
	r.Advance() // the sync of the state store is done
	return err, done
}

// TestRefusedMemberChanges asks the leader of a lone group for what cannot be, and goes through what can.
func TestRefusedMemberChanges(t *testing.T) {
	log, state := openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State)
	r := openLone(t, log, state)
	step := func(name string, kind MemberChangeKind, id NodeID, want error) {
		t.Helper()
		if err, done := r.change(kind, id); !done || !errors.Is(err, want) {
			t.Errorf("%s: %v, done %v; want %v", name, err, done, want)
		}
	}
	step("remove the last voter", RemoveMember, 1, ErrLastVoter)
	step("remove a stranger", RemoveMember, 2, ErrNotMember)
	step("add a voter", AddMember, 1, ErrIsMember)
	step("add no node", AddMember, 0, ErrNotMember)
	step("add a node", AddMember, 2, nil)
	step("add a learner", AddMember, 2, ErrIsMember)
	want := Members{Voters: []NodeID{1}, Learners: []NodeID{2}}
	if got := r.Status().Members; !reflect.DeepEqual(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
	step("remove the learner", RemoveMember, 2, nil)
	step("remove it again", RemoveMember, 2, ErrWasRemoved)
	step("add it again", AddMember, 2, ErrWasRemoved)

	r = openLone(t, log, state)
	step("add it again after a restart", AddMember, 2, ErrWasRemoved)
}

// Two changes that come together are not in the log together.
func TestMemberChangesGoOneByOne(t *testing.T) {
	r := openLone(t, openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State))
	var first, second error = errChange, nil
	r.ChangeMembers(MemberChange{AddMember, 2}, func(err error) { first = err })
	r.ChangeMembers(MemberChange{AddMember, 3}, func(err error) { second = err })
	r.Advance()
	r.Advance()
	if first != nil || !errors.Is(second, ErrChangeUnderWay) {
		t.Errorf("the first change: %v, the second: %v", first, second)
	}
}

// A node that joins has no log and knows no member; it is asked for nothing.
func TestNodeThatJoinsKnowsNoMember(t *testing.T) {
	log, state := openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State)
	for range 2 { // as a new node and after a restart
		c := lone()
		c.Node, c.Peers, c.Join = 4, nil, true
		r := openNode(t, c, log, state)
		status := r.Status()
		if len(status.Members.Voters)+len(status.Members.Learners) > 0 || status.Applied != 0 || status.Leading {
			t.Errorf("status %+v", status)
		}
		var leader NotLeaderError
		if err, done := r.change(AddMember, 5); !done || !errors.As(err, &leader) || leader.Leader != 0 {
			t.Errorf("a change is answered %v, done %v", err, done)
		}
	}
}
