package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/raft/v3/raftpb"
)

// membership is who takes part in a group. It is part of the group's replicated state: it changes by entries of the log, one
// node at a time, and a snapshot carries it. A value never changes; its lists are in rising order.
type membership struct {
	voters   []NodeID
	learners []NodeID // get the log and have no vote
	removed  []NodeID // have been members and never come back
}

// firstMembers is the membership of a group that has never changed it.
func firstMembers(voters []uint64) membership { return membership{voters: nodeIDs(voters)} }

func nodeIDs(raw []uint64) (ids []NodeID) {
	for _, id := range raw {
		ids = append(ids, NodeID(id))
	}
	return ids
}

func rawIDs(ids []NodeID) (raw []uint64) {
	for _, id := range ids {
		raw = append(raw, uint64(id))
	}
	return raw
}

func (m membership) isVoter(id NodeID) bool   { return slices.Contains(m.voters, id) }
func (m membership) isLearner(id NodeID) bool { return slices.Contains(m.learners, id) }
func (m membership) isMember(id NodeID) bool  { return m.isVoter(id) || m.isLearner(id) }
func (m membership) isRemoved(id NodeID) bool { return slices.Contains(m.removed, id) }

// isEmpty says that nothing is known: the node joins a group and has received no snapshot of it yet.
func (m membership) isEmpty() bool { return len(m.voters) == 0 }

// confState is the membership as raft knows it.
func (m membership) confState() *raftpb.ConfState {
	return &raftpb.ConfState{Voters: rawIDs(m.voters), Learners: rawIDs(m.learners)}
}

// agrees says whether raft has the same voters and learners.
func (m membership) agrees(conf *raftpb.ConfState) bool {
	return slices.Equal(m.voters, sortedIDs(conf.GetVoters())) && slices.Equal(m.learners, sortedIDs(conf.GetLearners())) &&
		len(conf.GetVotersOutgoing()) == 0
}

func sortedIDs(raw []uint64) []NodeID { return slices.Sorted(slices.Values(nodeIDs(raw))) }

var errChange = errors.New("not a change of the group's membership")

// after is the membership behind a change.
func (m membership) after(change *raftpb.ConfChangeV2) (membership, error) {
	if len(change.GetChanges()) != 1 || change.GetTransition() != raftpb.ConfChangeTransitionAuto {
		return m, fmt.Errorf("%w: %v", errChange, change)
	}
	id := NodeID(change.GetChanges()[0].GetNodeId())
	switch kind := change.GetChanges()[0].GetType(); {
	case kind == raftpb.ConfChangeAddLearnerNode && !m.isMember(id) && !m.isRemoved(id):
		m.learners = with(m.learners, id)
	case kind == raftpb.ConfChangeAddNode && m.isLearner(id):
		m.learners, m.voters = without(m.learners, id), with(m.voters, id)
	case kind == raftpb.ConfChangeRemoveNode && m.isMember(id) && !m.isOnly(id):
		m.learners, m.voters, m.removed = without(m.learners, id), without(m.voters, id), with(m.removed, id)
	default:
		return m, fmt.Errorf("%w: %v of node %d", errChange, kind, id)
	}
	return m, nil
}

// isOnly says whether a node is the only voter.
func (m membership) isOnly(id NodeID) bool { return len(m.voters) == 1 && m.voters[0] == id }

func with(ids []NodeID, id NodeID) []NodeID {
	return slices.Sorted(slices.Values(append(slices.Clone(ids), id)))
}

func without(ids []NodeID, id NodeID) []NodeID {
	return slices.DeleteFunc(slices.Clone(ids), func(i NodeID) bool { return i == id })
}

func (m membership) encode() []byte {
	b := []byte{byte(firstFormat)}
	for _, ids := range [][]NodeID{m.voters, m.learners, m.removed} {
		b = binary.AppendUvarint(b, uint64(len(ids)))
		for _, id := range ids {
			b = binary.AppendUvarint(b, uint64(id))
		}
	}
	return b
}

func decodeMembership(b []byte, newest Format) (m membership, err error) {
	r := reader{buf: b, newest: newest}
	r.version(firstFormat)
	for _, ids := range []*[]NodeID{&m.voters, &m.learners, &m.removed} {
		for range r.count(1) {
			*ids = append(*ids, NodeID(r.uvarint()))
		}
	}
	return m, r.end("membership")
}
