package node

import (
	"testing"

	"go.etcd.io/raft/v3/raftpb"
)

// Node 2 was removed. Node 1 asks it for its vote, as one that has restarted and does not know that the removal is committed.
func TestARemovedNodeTellsAMemberWhatIsCommitted(t *testing.T) {
	w := newWorld(t, 2)
	member, removed := w.replicas[0], w.replicas[1]
	ahead := removed.raft.BasicStatus().GetTerm() + 1
	before := removed.log.last
	member.ChangeMembers(MemberChange{RemoveMember, 2}, func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	w.settle()
	if !removed.Status().Removed || removed.log.last <= before {
		t.Fatalf("node 2 is not removed: %+v", removed.Status())
	}
	ask := func(kind raftpb.MessageType, last, term uint64) (said []*raftpb.Message) {
		w.line = nil
		removed.Deliver(1, raftFrame(t, &raftpb.Message{
			Type: kind.Enum(), From: new(uint64(1)), To: new(uint64(2)), Term: &ahead, Index: &last, LogTerm: &term,
		}))
		removed.Advance()
		for _, f := range w.line {
			if m := RaftMessage(f.frame); m != nil && m.GetType() == raftpb.MsgHeartbeat {
				said = append(said, m)
			}
		}
		return said
	}
	term := ahead - 1
	said := ask(raftpb.MsgPreVote, before, term)
	if len(said) != 1 || said[0].GetCommit() != before || said[0].GetTerm() != term {
		t.Errorf("asked by one whose last entry is %d it says %v, want that this is committed", before, said)
	}
	for _, c := range []struct {
		name       string
		kind       raftpb.MessageType
		last, term uint64
	}{
		{"it would vote for one that lacks nothing", raftpb.MsgPreVote, removed.log.last, term},
		{"the logs may differ", raftpb.MsgPreVote, before, term - 1},
		{"the election is under way", raftpb.MsgVote, before, term},
	} {
		if said := ask(c.kind, c.last, c.term); len(said) > 0 {
			t.Errorf("%s: it says %v, want nothing", c.name, said)
		}
	}
}
