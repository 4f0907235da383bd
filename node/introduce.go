package node

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
)

// A replica whose disk was replaced by an older copy of itself has lost votes and acknowledgements that its group relies
// on. The node's [Identity] finds that out if the copy is of an earlier life. Within one life the replicas do: each knows,
// in memory, the most that each peer has promised it. A peer in a new life says with its pings where its log and its vote
// stood when its disk was opened; until that has been held against what it had promised, its raft messages do not count,
// and it gets none.
//
// What nobody knows cannot be found out: a promise made to replicas that have all been started anew since, and what a
// leader had counted of its own log. Nor does it help if those who know are slow to say so, and the others elect a leader
// meanwhile: to wait for all would stop a group whenever one of its nodes is down. Entries of earlier terms that a replica
// acknowledged, and had not yet held when the copy was taken, are compared by their number alone until the leader's first
// own entry follows.

// acquaintance is what a replica knows of a peer's replica of its group.
type acquaintance struct {
	life   uint64 // that has introduced itself; 0 if none has since this replica was started
	made   promise
	pinged uint64 // tick of the last ping that asked for an introduction
	asked  asked
}

// asked is what a peer was last asked to append, and has not answered.
type asked struct {
	tick   uint64 // when, plus 1; 0 is never
	behind uint64 // the entry before those that it was sent
}

// promise is the most that a peer has told this replica by answers that it gives only when its disk has them.
type promise struct {
	term  uint64
	voted bool   // for this replica in that term
	last  uint64 // entry up to which it has the log of this replica as leader of that term; 0 if it has said nothing
	own   bool   // that entry is of the term itself
}

// standing is where a replica's vote and log stood when its disk was opened.
type standing struct {
	term, vote     uint64
	lastTerm, last uint64 // of the log's last entry
}

func (s standing) append(b []byte) []byte {
	b = binary.AppendUvarint(b, s.term)
	b = binary.AppendUvarint(b, s.vote)
	b = binary.AppendUvarint(b, s.lastTerm)
	return binary.AppendUvarint(b, s.last)
}

func readStanding(r *reader) standing {
	return standing{term: r.uvarint(), vote: r.uvarint(), lastTerm: r.uvarint(), last: r.uvarint()}
}

// openedAt is the standing of the log as it was loaded.
func (l *logStore) openedAt() (standing, error) {
	term, err := l.Term(l.last)
	return standing{term: l.hard.GetTerm(), vote: l.hard.GetVote(), lastTerm: term, last: l.last}, err
}

// keeps says whether a peer that opened its disk at a standing has kept its promise to a replica. In a later term than
// that of the promise its log may be shorter, in the same one it may not. Up to the first entry of the term its log may
// end in entries of other terms that were not replaced yet; once it has entries of the term it has nothing else.
func (s standing) keeps(made promise, to NodeID) bool {
	switch {
	case s.term != made.term:
		return s.term > made.term
	case made.voted && s.vote != uint64(to):
		return false
	}
	return s.last >= made.last && (!made.own || s.lastTerm == s.term)
}

// appendLives adds the lives of the two ends of a raft message.
func appendLives(b []byte, from, to uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, from), to)
}

// appendIntroduction adds what a ping or pong says of its sender.
func (r *Replica) appendIntroduction(b []byte) []byte {
	return r.opened.append(binary.AppendUvarint(b, r.cfg.Life))
}

// acquaintance returns what is known of a peer. Any node may become one: it may be a member by entries that this replica
// lacks.
func (r *Replica) acquaintance(peer NodeID) *acquaintance {
	a := r.peers[peer]
	if a == nil {
		a = &acquaintance{}
		r.peers[peer] = a
	}
	return a
}

// introduced takes the introduction of a peer's life. One that has lost what it had promised is told so, every time.
func (r *Replica) introduced(from NodeID, life uint64, opened standing) {
	a := r.acquaintance(from)
	if life <= a.life {
		return
	}
	if !opened.keeps(a.made, r.cfg.Node) {
		r.env.Host.Mark("peer rolled back")
		r.env.Host.Logf(r.cfg.Group, "node %d is refused: it had promised %v, its disk had %v", from, a.made, opened)
		r.send(from, lapse{life, a.made.term, a.made.last}.encode())
		return
	}
	a.life = life
}

// acquainted says whether raft messages between a life of a peer and one of this node count. If not, one of the two does not
// know the other: a ping introduces this node, and asks the peer to do the same.
func (r *Replica) acquainted(from NodeID, life, own uint64) bool {
	a := r.acquaintance(from)
	if (life > a.life || own != r.cfg.Life) && a.pinged != r.clock.ticks {
		a.pinged = r.clock.ticks
		r.ping(from)
	}
	return life == a.life && own == r.cfg.Life
}

// notePromise remembers what a peer's answer promises.
func (r *Replica) notePromise(from NodeID, m *raftpb.Message) {
	vote, entries := m.GetType() == raftpb.MsgVoteResp, m.GetType() == raftpb.MsgAppResp
	a := r.acquaintance(from)
	if !vote && !entries || m.GetTerm() < a.made.term {
		return
	}
	if m.GetTerm() > a.made.term {
		a.made = promise{term: m.GetTerm()}
	}
	switch {
	case m.GetReject():
	case vote:
		a.made.voted = true
	case r.lead.leading && r.lead.term == m.GetTerm() && m.GetIndex() > a.made.last:
		a.made.last, a.made.own = m.GetIndex(), m.GetIndex() >= r.lead.first
	}
}

// firstOfTerm is the index of the entry with which this replica, which has just become leader, opens its term.
func (r *Replica) firstOfTerm() (first uint64) {
	r.raft.WithProgress(func(id uint64, _ raft.ProgressType, pr tracker.Progress) {
		if id == uint64(r.cfg.Node) {
			first = pr.Match + 1
		}
	})
	return first
}

// lapse tells a peer that in a life it had not kept a promise: a term, and an entry of it.
type lapse struct{ life, term, last uint64 }

func (l lapse) encode() []byte {
	b := binary.AppendUvarint(startFrame(frameLapse, 30), l.life)
	return binary.AppendUvarint(binary.AppendUvarint(b, l.term), l.last)
}

func decodeLapse(r *reader) (lapse, error) {
	l := lapse{life: r.uvarint(), term: r.uvarint(), last: r.uvarint()}
	return l, r.end("lapse frame")
}

// receiveLapse stops this replica, which is not what its peer relies on.
func (r *Replica) receiveLapse(from NodeID, l lapse) {
	if l.life == r.cfg.Life {
		r.fail(fmt.Errorf("%w: it had promised node %d to keep term %d and entry %d, its disk had term %d and entry %d of term %d",
			ErrRolledBack, from, l.term, l.last, r.opened.term, r.opened.last, r.opened.lastTerm))
	}
}
