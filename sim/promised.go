package sim

import (
	"go.etcd.io/raft/v3/raftpb"

	"sqsd/model"
	"sqsd/node"
)

// promised is what a node's replica of a group has told its peers by answers that raft sends only when the disk has it: its
// term, and its vote. A crash must not make it forget that. What else it sends, raft may take back; entries that it has
// acknowledged and forgotten are missed by its leader, or by clients.
type promised struct {
	term uint64      // the latest of its answers
	vote node.NodeID // who got its vote in that term; 0 if nobody did
}

// kept holds the term that a replica starts with against what it has promised in earlier boots.
func (n *network) kept(id node.NodeID, group node.GroupID, term uint64) {
	if p := &n.promised[id-1][group]; term < p.term && !n.world.processes[id-1].forgets() {
		n.world.violate(model.Durable, "", "node %d starts in term %d of group %d, but it has answered in term %d before: the term "+
			"was not on stable storage", id, term, group, p.term)
	}
}

// promise holds a frame that a replica sends against what it has promised before, through all its boots.
func (n *network) promise(from node.NodeID, group node.GroupID, frame []byte) {
	m := node.RaftMessage(frame)
	if m == nil || n.world.processes[from-1].forgets() {
		return
	}
	p := &n.promised[from-1][group]
	switch {
	case m.GetType() != raftpb.MsgVoteResp && m.GetType() != raftpb.MsgAppResp:
		return
	case m.GetTerm() < p.term:
		n.world.violate(model.Durable, "", "node %d answers in term %d of group %d, but it has answered in term %d before: the term "+
			"was not on stable storage", from, m.GetTerm(), group, p.term)
	case m.GetTerm() > p.term:
		*p = promised{term: m.GetTerm()}
	}
	if m.GetType() == raftpb.MsgAppResp || m.GetReject() {
		return
	}
	to := node.NodeID(m.GetTo())
	if p.vote != 0 && p.vote != to {
		n.world.violate(model.Durable, "", "node %d votes for node %d in term %d of group %d, but it has voted for node %d before: the "+
			"vote was not on stable storage", from, to, p.term, group, p.vote)
	}
	p.vote = to
}
