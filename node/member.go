package node

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"sqsd/node/disk"
)

// MemberChange is a change of a group's membership.
type MemberChange struct {
	Kind MemberChangeKind
	Node NodeID
}

// MemberChangeKind is what a change does.
type MemberChangeKind uint8

const (
	// AddMember makes a node a learner, which gets the log. The leader makes it a voter once it has nearly all of it.
	AddMember MemberChangeKind = iota + 1
	// RemoveMember takes a node out for ever: its id never comes back.
	RemoveMember
)

// Refusals of a change of membership. Nothing has happened then, but for ErrOutcomeUnknown.
var (
	ErrChangeUnderWay = errors.New("another change of the group's members is under way")
	ErrBusy           = errors.New("the group takes no change of its members just now")
	ErrIsMember       = errors.New("the node is a member of the group already")
	ErrNotMember      = errors.New("the node is not a member of the group")
	ErrWasRemoved     = errors.New("the node was removed from the group and cannot come back under its id")
	ErrLastVoter      = errors.New("the group's last voter cannot be removed")
	ErrTooFewAlive    = errors.New("too few of the voters that would stay are alive")
	// ErrLeads says that the node to remove leads. It hands leadership over, if another voter is fit for it.
	ErrLeads = errors.New("the node leads the group; ask the next leader")
	// ErrOutcomeUnknown says that the leadership has ended before the change was decided.
	ErrOutcomeUnknown = errors.New("the leadership has ended; the change may have been made or may yet be made")
)

// NotLeaderError refuses a change because another node leads.
type NotLeaderError struct{ Leader NodeID } // 0 if unknown

func (e NotLeaderError) Error() string {
	if e.Leader == 0 {
		return "this node does not lead the group, and no leader is known"
	}
	return fmt.Sprintf("this node does not lead the group, node %d does", e.Leader)
}

// memberTable holds the changes of membership that this replica is asked for.
type memberTable struct {
	asked   []askedChange  // since the last Advance
	pending *pendingChange // proposed here in this leadership; one at a time
	count   uint64         // of changes proposed in this life
	// expelled says that a member has told this replica that its node was removed. It may have no other way to know.
	expelled bool
}

type askedChange struct {
	MemberChange
	done func(error)
}

// pendingChange is a change from its proposal until it is durable here.
type pendingChange struct {
	context []byte // tells its entry from others
	done    func(error)
	index   uint64 // of its entry, once that is applied
}

// ChangeMembers asks for a change of the group's members. done is called exactly once, by a later Advance: without an error
// when the change has been made and this node will not forget it, else with one of the errors above. Only the leader makes
// changes, one at a time.
func (r *Replica) ChangeMembers(change MemberChange, done func(error)) {
	r.changes.asked = append(r.changes.asked, askedChange{change, done})
}

// takeChanges begins or refuses the changes asked for.
func (r *Replica) takeChanges() {
	asked := r.changes.asked
	r.changes.asked = nil
	for _, a := range asked {
		if err := r.begin(a); err != nil {
			a.done(err)
		}
	}
}

func (r *Replica) begin(a askedChange) error {
	m, id := r.members, a.Node
	switch {
	case !r.lead.ready:
		return NotLeaderError{r.lead.leader}
	case r.changing():
		return ErrChangeUnderWay
	case m.isRemoved(id):
		return ErrWasRemoved
	case a.Kind == AddMember && id != 0 && !m.isMember(id):
		return r.proposeChange(raftpb.ConfChangeAddLearnerNode, id, a.done)
	case a.Kind == AddMember && id != 0:
		return ErrIsMember
	case a.Kind != RemoveMember || !m.isMember(id):
		return ErrNotMember
	case m.isOnly(id):
		return ErrLastVoter
	case id == r.cfg.Node:
		r.env.Host.Mark("leader asked to remove itself")
		r.stepAside()
		return ErrLeads
	case m.isVoter(id) && !r.canDoWithout(id):
		r.env.Host.Mark("removal refused, too few are alive")
		return ErrTooFewAlive
	}
	return r.proposeChange(raftpb.ConfChangeRemoveNode, id, a.done)
}

// changing says that the log may have a change that is not durable in the state.
func (r *Replica) changing() bool {
	return r.changes.pending != nil || r.check.durable < r.check.changed
}

// canDoWithout says whether a majority of the voters is alive that are left without one.
func (r *Replica) canDoWithout(id NodeID) bool {
	left := without(r.members.voters, id)
	alive := 0
	for _, v := range left {
		if r.relay.heardLately(r, v) {
			alive++
		}
	}
	return alive > len(left)/2
}

// promoteLearners makes a learner a voter that answers and has nearly the whole log.
func (r *Replica) promoteLearners() {
	if !r.lead.ready || r.changes.pending != nil {
		return
	}
	for _, id := range r.members.learners {
		if r.caughtUp(id) {
			_ = r.proposeChange(raftpb.ConfChangeAddNode, id, func(error) {}) // or at a later tick
			return
		}
	}
}

func (r *Replica) proposeChange(kind raftpb.ConfChangeType, id NodeID, done func(error)) error {
	t := &r.changes
	t.count++
	context := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, r.boot), t.count)
	err := r.raft.ProposeConfChange(&raftpb.ConfChangeV2{
		Changes: []*raftpb.ConfChangeSingle{{Type: kind.Enum(), NodeId: new(uint64(id))}}, Context: context,
	})
	if err != nil {
		return ErrBusy // leadership is being handed over, or too much is in the log
	}
	t.pending = &pendingChange{context: context, done: done}
	return nil
}

// applyChange applies an entry that changes the membership. Raft may ask for a snapshot as soon as it knows, so the state
// store has the entry before.
func (r *Replica) applyChange(e *raftpb.Entry) error {
	change := &raftpb.ConfChangeV2{}
	if err := proto.Unmarshal(e.GetData(), change); err != nil {
		return fmt.Errorf("%w: %w", disk.ErrCorrupt, err)
	}
	members, err := r.members.after(change)
	if err != nil {
		return fmt.Errorf("%w: %w", disk.ErrCorrupt, err)
	}
	r.members = members
	r.state.setMembers(members)
	if !r.saveState() {
		return r.failed
	}
	if conf := r.raft.ApplyConfChange(change); !members.agrees(conf) {
		return fmt.Errorf("broken invariant: raft has the members %v, the state %v", conf, members)
	}
	r.check.members, r.check.changed = true, e.GetIndex()
	r.reads.askAgain()
	r.markChange(e.GetIndex(), change.GetChanges()[0])
	if p := r.changes.pending; p != nil && bytes.Equal(p.context, change.GetContext()) {
		p.index = e.GetIndex()
	}
	return nil
}

func (r *Replica) markChange(index uint64, change *raftpb.ConfChangeSingle) {
	r.env.Host.Logf(r.cfg.Group, "members: %v of node %d at entry %d", change.GetType(), change.GetNodeId(), index)
	if change.GetType() == raftpb.ConfChangeAddNode {
		r.env.Host.Mark("learner promoted")
	}
	if index <= r.found {
		r.env.Host.Mark("membership change applied again after a restart")
	}
}

// changeDurable answers the change that is applied once the state store has synced its entry. Only then the caller may
// stop a removed node for good: without it the old members might lack the votes to find out that it is removed.
func (r *Replica) changeDurable() {
	if p := r.changes.pending; p != nil && p.index != 0 && p.index <= r.check.durable {
		r.changes.pending = nil
		p.done(nil)
	}
}

// loseChange ends the wait for a change that may never be decided here.
func (r *Replica) loseChange() {
	if p := r.changes.pending; p != nil && p.index == 0 {
		r.env.Host.Mark("membership change left undecided by its leader")
		r.changes.pending = nil
		p.done(ErrOutcomeUnknown)
	}
}

// isRemoved says whether this node has been removed from the group, as far as the replica knows.
func (r *Replica) isRemoved() bool { return r.changes.expelled || r.members.isRemoved(r.cfg.Node) }

// expel takes a member's word that this node was removed.
func (r *Replica) expel() {
	if !r.isRemoved() {
		r.env.Host.Mark("removed node told so by a member")
		r.changes.expelled = true
	}
}

// Members are the nodes that take part in a group, each list in rising order.
type Members struct {
	Voters   []NodeID
	Learners []NodeID // get the log and become voters when they have it
}
