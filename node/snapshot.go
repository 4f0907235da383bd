package node

import (
	"encoding/binary"
	"fmt"
	"slices"

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
	// fed are the nodes that were sent a snapshot in this leadership and may not have caught up since; never ranged over.
	fed map[NodeID]bool
}

func (s *snapshotter) init() { s.fed = map[NodeID]bool{} }

// incoming is a snapshot being received.
type incoming struct {
	from        NodeID
	index, term uint64
	generation  uint64
	next        uint64 // number of the chunk to come
	syncing     bool   // all chunks are here and being made durable
	durable     bool   // they are
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
	r.measure(o)
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
	case r.log.restarting, in != nil && in.syncing && in.index > r.applied.index:
		return nil // one is about to become the state; its leader, or the next one, sends this again
	case head.index <= r.applied.index:
		// The sender may not know, if an earlier answer was lost. Behind the last chunk it sees how far the log is here.
		r.env.Host.Mark("snapshot sent to a node that has it")
		r.send(from, head.encode(frameChunkAck, 0))
		return nil
	case in == nil || in.from != from || in.index != head.index || in.term != head.term:
		if head.number != 0 || in != nil && !r.outranks(from, head, in) {
			return nil
		}
		if err := r.beginIncoming(from, head); err != nil {
			return nil
		}
		in = r.snaps.in
	}
	if head.number > in.next {
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

// outranks says whether a snapshot that begins is to replace one that is not all here. The leader's goes before any other, whose
// rest may never come, even if that is of a later entry; of two others the newer one goes first.
func (r *Replica) outranks(from NodeID, head chunkHead, in *incoming) bool {
	if leader := r.lead.leader; (from == leader) != (in.from == leader) {
		return from == leader
	}
	return head.term > in.term || head.term == in.term && head.index >= in.index
}

// dropRefused forgets a snapshot that raft has not taken, since its leader's term is over. The next leader may have to send the
// same one: the entries behind it may need this node to be committed.
func (r *Replica) dropRefused(in *incoming) {
	if r.raft.BasicStatus().GetCommit() < in.index {
		r.env.Host.Mark("snapshot of an earlier leader refused")
		r.snaps.in = nil
		if err := r.state.dropOthers(); err != nil {
			r.fail(fmt.Errorf("drop a snapshot: %w", err))
		}
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

// beginIncoming prepares the next generation for a snapshot, which replaces one whose last chunk is not here.
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
