package node

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"sqsd/node/disk"
	"sqsd/node/queue"
)

// A snapshot is the keys of a group's state as the state store had them at an applied index. The leader reads them from
// a view of the store, chunk by chunk, each sent when the one before is acknowledged, while the group goes on. The
// receiver writes them into the next generation of its own state and, when all are durable, gives raft the message that
// announced them. Raft then has the log restarted behind the snapshot, and that write names the new generation.
type snapshotter struct {
	made *outgoing // for raft, which has not said yet to whom it goes
	out  *outgoing // on its way
	in   *incoming
	used uint64 // the highest generation ever begun
}

const (
	// chunkTries is how often a chunk is sent before the snapshot is given up.
	chunkTries = 30
	// chunkTicks is how long an acknowledgement may take.
	chunkTicks = 3
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
	sent    time.Duration
	tries   int
}

// incoming is a snapshot being received.
type incoming struct {
	from        NodeID
	index, term uint64
	generation  uint64
	next        uint64 // number of the chunk to come
	syncing     bool   // all chunks are here and being made durable
	durable     bool   // they are
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
	o.to, o.message = NodeID(m.GetTo()), message
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
	o.frame, o.tries = append(b, pairs...), 0
	r.sendFrame(o)
}

func (r *Replica) sendFrame(o *outgoing) {
	o.sent = r.elapsed()
	o.tries++
	r.send(o.to, slices.Clone(o.frame))
}

// resendSnapshots sends an unacknowledged chunk again, or gives the snapshot up.
func (r *Replica) resendSnapshots() {
	o := r.snaps.out
	switch {
	case o == nil || r.elapsed()-o.sent < chunkTicks*r.cfg.Tick:
	case !r.lead.leading || o.tries >= chunkTries || !r.members.isMember(o.to):
		r.env.Host.Mark("snapshot given up")
		r.endOut(raft.SnapshotFailure)
	default:
		r.sendFrame(o)
	}
}

// chunkHead identifies a chunk; it is the whole body of an acknowledgement.
type chunkHead struct{ index, term, number uint64 }

func (c chunkHead) encode(kind frameKind, size int) []byte {
	b := startFrame(kind, size+64)
	b = binary.AppendUvarint(b, c.index)
	b = binary.AppendUvarint(b, c.term)
	return binary.AppendUvarint(b, c.number)
}

// receiveSnapshot takes a chunk or an acknowledgement.
func (r *Replica) receiveSnapshot(kind frameKind, from NodeID, body reader) error {
	head := chunkHead{index: body.uvarint(), term: body.uvarint(), number: body.uvarint()}
	if body.err != nil {
		return body.err
	}
	if kind == frameChunk {
		return r.receiveChunk(from, head, body)
	}
	o := r.snaps.out
	if o == nil || from != o.to || head != (chunkHead{o.meta.GetIndex(), o.meta.GetTerm(), o.number}) {
		return body.end("chunk acknowledgement")
	}
	if o.last {
		r.endOut(raft.SnapshotFinish)
		return nil
	}
	o.number++
	r.sendChunk()
	return nil
}

// receiveChunk stores a chunk and acknowledges it; the last one when everything is durable.
func (r *Replica) receiveChunk(from NodeID, head chunkHead, body reader) error {
	in := r.snaps.in
	switch {
	case r.log.restarting || head.index <= r.applied.index:
		return nil
	case in == nil || in.from != from || in.index != head.index || in.term != head.term:
		if head.number != 0 || in != nil && (head.term < in.term || head.term == in.term && head.index < in.index) {
			return nil
		}
		if err := r.beginIncoming(from, head); err != nil {
			return nil
		}
		in = r.snaps.in
	}
	if head.number > in.next || in.syncing {
		return nil
	}
	ack := head.encode(frameChunkAck, 0)
	if head.number < in.next {
		r.send(from, ack)
		return nil
	}
	message, batch, err := readChunk(&body, statePrefix(r.cfg.Group, in.generation))
	if err != nil {
		return err
	}
	in.next++
	if message == nil {
		if err := r.env.Disk.State.Apply(batch); err != nil {
			r.fail(fmt.Errorf("write a snapshot: %w", err))
		}
		r.send(from, ack)
		return nil
	}
	in.syncing = true
	r.env.Disk.State.Sync(batch, func(err error) {
		if err != nil {
			r.fail(fmt.Errorf("sync a snapshot: %w", err))
			return
		}
		r.completions = append(r.completions, func() {
			in.durable = true
			r.send(from, ack)
			r.step(message)
			r.dropRefused(in)
		})
	})
	return nil
}

// dropRefused forgets a snapshot that raft has not taken, since its leader's term is over. The next leader may have to send the
// same one: the entries behind it may need this node to be committed.
func (r *Replica) dropRefused(in *incoming) {
	if r.raft.BasicStatus().GetCommit() < in.index && r.snaps.in == in {
		r.env.Host.Mark("snapshot of an earlier leader refused")
		r.snaps.in = nil
	}
}

// readChunk reads the pairs of a chunk into a batch, and raft's message from the last chunk.
func readChunk(body *reader, prefix []byte) (*raftpb.Message, *disk.Batch, error) {
	var message *raftpb.Message
	if body.byte() == 1 {
		message = &raftpb.Message{}
		if err := proto.Unmarshal(body.bytes(), message); err != nil {
			return nil, nil, err
		}
	}
	batch := &disk.Batch{}
	for body.err == nil && len(body.buf) > 0 {
		key, value := body.bytes(), body.bytes()
		batch.Set(append(slices.Clone(prefix), key...), value)
	}
	return message, batch, body.end("snapshot chunk")
}

// beginIncoming prepares the next generation for a snapshot, which replaces one that was not finished.
func (r *Replica) beginIncoming(from NodeID, head chunkHead) error {
	s := &r.snaps
	s.used = max(s.used, r.state.generation) + 1
	s.in = &incoming{from: from, index: head.index, term: head.term, generation: s.used}
	if err := r.state.dropOthers(); err != nil {
		r.fail(fmt.Errorf("write a snapshot: %w", err))
		return err
	}
	return nil
}

// persistSnapshot has the log restarted behind a received snapshot, together with what else raft wants durable.
func (r *Replica) persistSnapshot(b *disk.Batch, m *raftpb.Message) {
	meta, in := m.GetSnapshot().GetMetadata(), r.snaps.in
	if in == nil || !in.durable || in.index != meta.GetIndex() || in.term != meta.GetTerm() {
		panic(fmt.Sprintf("raft wants snapshot %d, which is not on the disk", meta.GetIndex()))
	}
	r.log.restart(b, in.generation, meta)
	if len(m.Entries) > 0 {
		r.log.append(b, m.Entries)
	}
	entries, responses := m.Entries, m.Responses
	r.writeLog(b, func() {
		r.log.restarted(in.generation, meta)
		if len(entries) > 0 {
			r.log.appended(entries)
		}
		r.install(in.generation, meta)
		if r.failed == nil {
			r.stepAll(responses)
		}
	})
}

// install makes a received snapshot the replica's state.
func (r *Replica) install(generation uint64, meta *raftpb.SnapshotMetadata) {
	r.env.Host.Mark("snapshot installed")
	if r.members.isEmpty() {
		r.env.Host.Mark("snapshot installed by a node that joins")
	}
	r.snaps.in = nil
	r.state = newStateStore(r.env.Disk.State, r.cfg.Group, generation)
	got, err := r.state.loadApplied(r.cfg.Format)
	if err == nil && (got.index != meta.GetIndex() || got.term != meta.GetTerm()) {
		err = fmt.Errorf("%w: snapshot of entry %d holds the state at %d", disk.ErrCorrupt, meta.GetIndex(), got.index)
	}
	if err == nil {
		r.applied = got
		r.check.durable = got.index
		r.members, err = r.state.loadMembers(meta.GetConfState().GetVoters(), r.cfg.Format)
	}
	if err == nil && !r.members.agrees(meta.GetConfState()) {
		err = fmt.Errorf("%w: snapshot of entry %d has the members %v, raft %v", disk.ErrCorrupt, got.index, r.members,
			meta.GetConfState())
	}
	if err == nil {
		err = r.state.dropOthers()
	}
	if err != nil {
		r.fail(fmt.Errorf("install a snapshot: %w", err))
		return
	}
	if r.machine, err = queue.Open(r.state, r.machineConfig()); err != nil {
		r.fail(fmt.Errorf("install a snapshot: %w", err))
		return
	}
	for _, q := range r.prop.forget() {
		r.finish(q, unavailable("the outcome is hidden in a snapshot"))
	}
	if r.env.Observer != nil {
		r.env.Observer.Restored(r.cfg.Group, r.applied.index)
	}
}
