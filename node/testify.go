package node

import (
	"go.etcd.io/raft/v3/raftpb"
)

// testify tells a member that asks this node for its vote what of its log is committed, if this node was removed and would
// refuse because it has more entries. The member may lack no more than the news that the removal is committed: with it this
// node's vote is not needed, without it nobody could ever be elected, since this node does not stand any more. What the two
// logs have in common up to the member's last entry is the same in both, so that it is committed there too. The member takes
// it as a heartbeat of its own term, from a leader that it then misses. (raft-rs commits by votes for the same reason.)
func (r *Replica) testify(m *raftpb.Message) {
	last := m.GetIndex()
	if m.GetType() != raftpb.MsgPreVote || !r.members.isRemoved(r.cfg.Node) || last >= r.log.last {
		return
	}
	if term, err := r.log.Term(last); err != nil || term != m.GetLogTerm() {
		return
	}
	r.env.Host.Mark("removed node tells a member what is committed")
	r.sendRaft(&raftpb.Message{
		Type: raftpb.MsgHeartbeat.Enum(), From: m.To, To: m.From, Term: new(m.GetTerm() - 1),
		Commit: new(min(last, r.raft.BasicStatus().GetCommit())),
	})
}
