package node

import (
	"fmt"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"sqsd/node/disk"
)

const (
	// chunkTicks is how long the first chunk's acknowledgement may take before the chunk is sent again.
	chunkTicks = 3
	// giveUpTicks is how long a chunk is tried before the snapshot is given up.
	giveUpTicks = 90
)

// outgoing is a snapshot being sent.
type outgoing struct {
	to      NodeID
	message []byte // raft's announcement
	meta    *raftpb.SnapshotMetadata
	view    disk.Snapshot
	prefix  []byte // of the generation that the view is of,
	end     []byte // whose keys end here
	next    []byte // the first key of the next chunk
	number  uint64 // of the chunk under way
	last    bool   // it is the last one
	frame   []byte
	first   time.Duration // when the chunk was sent first
	sent    time.Duration // and last
	// patience is how long an acknowledgement may take. It doubles whenever a chunk is sent again, and is measured anew by one
	// that is sent once: a link that needs longer for a chunk would otherwise carry more copies than chunks.
	patience time.Duration
}

// makeSnapshot implements raft.Storage's Snapshot.
func (r *Replica) makeSnapshot() (*raftpb.Snapshot, error) {
	s := &r.snaps
	if s.out != nil {
		return nil, raft.ErrSnapshotTemporarilyUnavailable
	}
	s.dropMade()
	index, term := r.applied.index, r.applied.term
	meta := &raftpb.SnapshotMetadata{
		Index: &index, Term: &term, ConfState: r.members.confState(),
	}
	prefix, end := r.state.bounds()
	s.made = &outgoing{meta: meta, view: r.env.Disk.State.Snapshot(), prefix: prefix, end: end, next: prefix}
	return &raftpb.Snapshot{Metadata: meta}, nil
}

func (s *snapshotter) dropMade() {
	if s.made != nil {
		_ = s.made.view.Close()
		s.made = nil
	}
}

// endOut ends the snapshot that is on its way and tells raft how it went.
func (r *Replica) endOut(status raft.SnapshotStatus) {
	o := r.snaps.out
	r.snaps.out = nil
	_ = o.view.Close()
	if status == raft.SnapshotFailure {
		delete(r.snaps.fed, o.to)
	}
	r.raft.ReportSnapshot(uint64(o.to), status)
}

// sendSnapshot starts to send the snapshot that raft has announced to a peer.
func (r *Replica) sendSnapshot(m *raftpb.Message) {
	s := &r.snaps
	o := s.made
	if o == nil || o.meta.GetIndex() != m.GetSnapshot().GetMetadata().GetIndex() {
		r.raft.ReportSnapshot(m.GetTo(), raft.SnapshotFailure)
		return
	}
	message, err := proto.Marshal(m)
	if err != nil {
		r.fail(fmt.Errorf("encode raft message: %w", err))
		return
	}
	r.env.Host.Mark("snapshot sent")
	s.made, s.out = nil, o
	o.to, o.message, o.patience = NodeID(m.GetTo()), message, chunkTicks*r.cfg.Tick
	s.fed[o.to] = true
	r.sendChunk()
}

// sendChunk sends the next chunk: number, whether it is the last, raft's message if so, then keys and values.
func (r *Replica) sendChunk() {
	o := r.snaps.out
	var pairs, next []byte
	err := o.view.Scan(o.next, o.end, func(key, value []byte) bool {
		if len(pairs) >= r.cfg.SnapshotChunkBytes {
			next = slices.Clone(key)
			return false
		}
		pairs = appendBytes(pairs, key[len(o.prefix):])
		pairs = appendBytes(pairs, value)
		return true
	})
	if err != nil {
		r.fail(fmt.Errorf("read the state for a snapshot: %w", err))
		return
	}
	o.next, o.last = next, next == nil
	b := chunkHead{o.meta.GetIndex(), o.meta.GetTerm(), o.number}.encode(frameChunk, len(pairs))
	b = append(b, bit(o.last))
	if o.last {
		b = appendBytes(b, o.message)
	}
	o.frame, o.first = append(b, pairs...), r.elapsed()
	r.sendFrame(o)
}

func (r *Replica) sendFrame(o *outgoing) {
	o.sent = r.elapsed()
	r.send(o.to, slices.Clone(o.frame))
}

// measure adapts the patience to how long an acknowledgement has taken. That of a chunk that was sent again may be of either.
func (r *Replica) measure(o *outgoing) {
	if o.sent == o.first {
		o.patience = max(chunkTicks*r.cfg.Tick, 2*(r.elapsed()-o.sent))
	}
}

// resendSnapshots sends an unacknowledged chunk again, or gives the snapshot up.
func (r *Replica) resendSnapshots() {
	o := r.snaps.out
	switch {
	case o == nil:
	case !r.lead.leading || r.elapsed()-o.first >= giveUpTicks*r.cfg.Tick || !r.members.isMember(o.to):
		r.env.Host.Mark("snapshot given up")
		r.endOut(raft.SnapshotFailure)
	case r.elapsed()-o.sent >= o.patience:
		o.patience *= 2
		r.sendFrame(o)
	}
}
