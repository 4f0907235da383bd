package node

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// raftFrame is a frame with a raft message, from and for the first lives of two nodes.
func raftFrame(t *testing.T, m *raftpb.Message) []byte {
	t.Helper()
	b, err := appendProto(appendLives(startFrame(frameRaft, 0), 1, 1), m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// snapshotFrame is the only chunk of a snapshot at entry 10, which the leader of a term sends to node 4.
func snapshotFrame(t *testing.T, from, term uint64) []byte {
	t.Helper()
	members := membership{voters: []NodeID{1}, learners: []NodeID{4}}
	message, err := proto.Marshal(&raftpb.Message{
		Type: raftpb.MsgSnap.Enum(), From: &from, To: new(uint64(4)), Term: &term,
		Snapshot: &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
			Index: new(uint64(10)), Term: new(uint64(2)), ConfState: members.confState()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := appendBytes(append(chunkHead{10, 2, 0}.encode(frameChunk, 0), bit(true)), message)
	b = appendBytes(appendBytes(b, []byte{appliedKind}), applied{index: 10, term: 2, format: firstFormat}.encode())
	return appendBytes(appendBytes(b, []byte{membersKind}), members.encode())
}

// openJoining is a replica of node 4, which waits to join.
func openJoining(t *testing.T) *Replica {
	t.Helper()
	c := lone()
	c.Node, c.Peers, c.Join = 4, nil, true
	return openNode(t, c, openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State))
}

// hear has the replica take a frame from node 1, with all that follows.
func (r *Replica) hear(frame []byte) {
	r.Deliver(1, frame)
	r.Advance()
	r.Advance() // what was synced is complete
}

// hearTerm5 introduces the first life of node 1, which leads in term 5.
func hearTerm5(t *testing.T, r *Replica) {
	t.Helper()
	r.hear(standing{}.append(append(startFrame(framePing, 0), 0, 1)))
	r.hear(raftFrame(t, &raftpb.Message{
		Type: raftpb.MsgHeartbeat.Enum(), From: new(uint64(1)), To: new(uint64(4)), Term: new(uint64(5))}))
}

// A snapshot may come to its end when its leader's term is over. The next leader may send the same one.
func TestASnapshotThatCameTooLateIsTakenFromTheNextLeader(t *testing.T) {
	r := openJoining(t)
	hearTerm5(t, r)
	r.hear(snapshotFrame(t, 1, 3))
	if got := r.Status(); got.Term != 5 || got.Applied != 0 {
		t.Fatalf("behind the snapshot of a leader of term 3: %+v", got)
	}
	r.hear(snapshotFrame(t, 1, 5))
	if got := r.Status(); got.Applied != 10 || !slices.Contains(got.Members.Learners, 4) {
		t.Errorf("behind the snapshot of the leader: %+v", got)
	}
}

func TestARefusedSnapshotLeavesNoKeys(t *testing.T) {
	r := openJoining(t)
	keys := func() (n int) {
		_, others := r.state.bounds()
		if err := r.state.disk.Scan(others, statePrefix(1, 0), func(_, _ []byte) bool { n++; return true }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	hearTerm5(t, r)
	r.Deliver(1, snapshotFrame(t, 1, 3))
	r.takeEvents()
	if keys() == 0 {
		t.Fatal("the snapshot has not come")
	}
	r.Advance()
	if got := r.Status(); got.Applied != 0 || keys() > 0 {
		t.Errorf("behind the snapshot of a leader of term 3: %d keys of it, %+v", keys(), got)
	}
}

// The acknowledgement of a snapshot's end may be lost. In an idle group no newer one follows.
func TestASnapshotThatIsThereIsAcknowledgedAgain(t *testing.T) {
	r := openJoining(t)
	var sent [][]byte
	r.env.Network = outbox{still{t}, &sent}
	ack := chunkHead{10, 2, 0}.encode(frameChunkAck, 0)
	for time := range 2 {
		sent = nil
		r.hear(snapshotFrame(t, 1, 5))
		if !slices.ContainsFunc(sent, func(frame []byte) bool { return bytes.Equal(frame, ack) }) {
			t.Errorf("time %d: the end of the snapshot is not acknowledged, applied %d", time+1, r.Status().Applied)
		}
	}
}

// heldSyncs is a store whose syncs are complete when the test says so.
type heldSyncs struct {
	testStore
	done *[]func()
}

func (h heldSyncs) Sync(b *disk.Batch, done func(error)) {
	h.testStore.Sync(b, func(err error) { *h.done = append(*h.done, func() { done(err) }) })
}

// The next leader may send a snapshot while the same one from its predecessor is being synced.
func TestASnapshotThatIsBeingSyncedIsNotReplaced(t *testing.T) {
	c := lone()
	c.Node, c.Peers, c.Join = 4, nil, true
	var syncs []func()
	r := openNode(t, c, openTestStore(t, pebbledisk.Log), heldSyncs{openTestStore(t, pebbledisk.State), &syncs})
	r.Deliver(1, snapshotFrame(t, 1, 5))
	r.Advance()
	r.Deliver(2, snapshotFrame(t, 2, 6))
	r.Advance()
	syncs[0]()
	r.Advance()
	r.Advance() // the log has been synced
	if got := r.Status(); got.Applied != 10 {
		t.Errorf("behind a snapshot that two leaders sent: %+v", got)
	}
}

// A leader that dies leaves a snapshot of which the rest never comes. That of the next leader may be of an earlier entry.
func TestTheLeadersSnapshotReplacesThatOfADeadOne(t *testing.T) {
	r := openJoining(t)
	deliver := func(from NodeID, frames ...[]byte) {
		for _, frame := range frames {
			r.Deliver(from, frame)
		}
		r.Advance()
		r.Advance() // what was synced is complete
	}
	deliver(1, append(chunkHead{12, 2, 0}.encode(frameChunk, 0), bit(false)))
	deliver(2, snapshotFrame(t, 2, 6))
	if got := r.Status(); got.Applied != 0 {
		t.Errorf("an older snapshot of a node that is not known to lead was installed: %+v", got)
	}
	deliver(2, standing{}.append(append(startFrame(framePing, 0), 0, 1)), raftFrame(t, &raftpb.Message{
		Type: raftpb.MsgHeartbeat.Enum(), From: new(uint64(2)), To: new(uint64(4)), Term: new(uint64(6))}))
	deliver(2, snapshotFrame(t, 2, 6))
	if got := r.Status(); got.Applied != 10 {
		t.Errorf("behind the snapshot of the leader: %+v", got)
	}
	deliver(1, append(chunkHead{12, 2, 1}.encode(frameChunk, 0), bit(false)))
}

// handClock is a monotonic clock that the test moves.
type handClock struct {
	still
	now *time.Duration
}

func (h handClock) Elapsed() time.Duration { return *h.now }

func TestAChunkIsNotSentAgainAndAgainOverASlowLink(t *testing.T) {
	var sent [][]byte
	var ticks []int
	state := openTestStore(t, pebbledisk.State)
	var now time.Duration
	meta := &raftpb.SnapshotMetadata{Index: new(uint64(10)), Term: new(uint64(2))}
	batch := &disk.Batch{}
	for _, key := range []string{"k1", "k2", "k3", "k4"} {
		batch.Set([]byte(key), []byte("v"))
	}
	if err := state.Commit(batch); err != nil {
		t.Fatal(err)
	}
	view := state.Snapshot()
	defer func() { _ = view.Close() }()
	r := &Replica{
		cfg:  Config{Tick: time.Second, SnapshotChunkBytes: 1, Format: NewestFormat},
		env:  Env{Clock: handClock{still{t}, &now}, Network: outbox{still{t}, &sent}, Host: still{t}},
		lead: leadership{leading: true}, members: membership{voters: []NodeID{1, 4}},
	}
	r.snaps.out = &outgoing{to: 4, meta: meta, view: view, end: []byte("l"), next: []byte("k"), patience: chunkTicks * time.Second}
	run := func(seconds int) {
		for range seconds {
			now += time.Second
			before := len(sent)
			r.resendSnapshots()
			if len(sent) > before {
				ticks = append(ticks, int(now/time.Second))
			}
		}
	}
	acknowledge := func() {
		_, body, err := openFrame(chunkHead{10, 2, r.snaps.out.number}.encode(frameChunkAck, 0), NewestFormat)
		if err == nil {
			err = r.receiveSnapshot(frameChunkAck, 4, body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r.sendChunk()
	run(20)
	acknowledge() // at 20, after two copies: the patience stays
	run(10)
	acknowledge() // at 30, of a chunk sent once: the patience is 20
	run(25)
	if want := []int{3, 9, 50}; !slices.Equal(ticks, want) || len(sent) != 3+len(want) {
		t.Errorf("sent again at %v, want %v", ticks, want)
	}
}
