package node

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/disk"
)

// Submit hands in a call. Its Done is called by a later Advance.
func (r *Replica) Submit(c *Call) { r.submitted = append(r.submitted, c) }

// Cancel says that a call's client has gone. The call ends with ServiceUnavailable; messages that it would still
// receive are made visible again. Canceling an ended call does nothing.
func (r *Replica) Cancel(c *Call) { r.cancelled = append(r.cancelled, c) }

// Deliver hands in a frame that another replica sent. The replica keeps the bytes.
func (r *Replica) Deliver(from NodeID, frame []byte) {
	r.frames = append(r.frames, inFrame{from, frame})
}

// Wake says that the clock may have reached the time asked for. What is due is done by the next Advance.
func (r *Replica) Wake() {}

// fail stops the replica for good.
func (r *Replica) fail(err error) {
	if r.failed == nil {
		r.failed = err
		r.env.Host.Fail(r.cfg.Group, err)
	}
}

// Advance does the work of all events since the last Advance.
func (r *Replica) Advance() {
	if r.failed != nil {
		return
	}
	defer func() {
		// Raft answers a read error by a panic, after the store has reported it.
		if r.failed != nil {
			_ = recover()
		}
	}()
	r.takeEvents()
	r.runClock()
	// Applying entries can make waiting polls ready, whose receives are proposed in the next turn.
	for r.failed == nil {
		worked := r.propose()
		worked = r.askReads() || worked
		worked = r.handleReady() || worked
		worked = r.takeCompletions() || worked
		if !worked {
			break
		}
	}
	if r.failed != nil || !r.sound() {
		return
	}
	r.checkpoint()
	r.env.Clock.WakeAt(r.nextWake())
}

func (r *Replica) takeEvents() {
	r.takeCompletions()
	for _, f := range r.frames {
		r.receiveFrame(f.from, f.bytes)
	}
	clear(r.frames)
	r.frames = r.frames[:0]
	for _, c := range r.submitted {
		r.start(c)
	}
	clear(r.submitted)
	r.submitted = r.submitted[:0]
	r.takeChanges()
	for _, c := range r.cancelled {
		r.cancel(c)
	}
	clear(r.cancelled)
	r.cancelled = r.cancelled[:0]
}

func (r *Replica) takeCompletions() bool {
	if len(r.completions) == 0 {
		return false
	}
	done := r.completions
	r.completions = nil
	for _, f := range done {
		if r.failed == nil {
			f()
		}
	}
	return true
}

// handleReady carries out what raft wants done and says whether there was anything.
func (r *Replica) handleReady() bool {
	if !r.raft.HasReady() {
		return false
	}
	rd := r.raft.Ready()
	if rd.SoftState != nil || rd.HardState != nil {
		r.observeLeader()
	}
	for _, rs := range rd.ReadStates {
		r.readConfirmed(rs)
	}
	for _, m := range rd.Messages {
		switch m.GetTo() {
		case raft.LocalAppendThread:
			r.persist(m)
		case raft.LocalApplyThread:
			r.apply(m.Entries)
			r.stepAll(m.Responses)
		default:
			r.sendRaft(m)
		}
	}
	return true
}

// persist writes what raft wants durable and delivers the responses when it is.
func (r *Replica) persist(m *raftpb.Message) {
	if m.GetTerm() != 0 {
		r.unsaved = &raftpb.HardState{Term: m.Term, Vote: m.Vote, Commit: m.Commit}
	}
	if len(m.Responses) == 0 {
		// Nothing depends on this being durable, such as a mere change of the commit index. It goes with the next write.
		return
	}
	var b disk.Batch
	if r.unsaved != nil {
		b.Set(hardKey(r.cfg.Group), encodeHardState(r.unsaved))
		r.unsaved = nil
	}
	if !raft.IsEmptySnap(m.Snapshot) {
		r.persistSnapshot(&b, m)
		return
	}
	if len(m.Entries) > 0 {
		r.log.append(&b, m.Entries)
	}
	r.log.addTrim(&b)
	entries, responses := m.Entries, m.Responses
	r.writeLog(&b, func() {
		if len(entries) > 0 {
			r.log.appended(entries)
		}
		r.stepAll(responses)
	})
}

// writeLog syncs a batch to the log store and runs then, as part of an Advance, once it is durable.
func (r *Replica) writeLog(b *disk.Batch, then func()) {
	r.env.Disk.Log.Sync(b, func(err error) {
		if err != nil {
			r.fail(fmt.Errorf("write the log: %w", err))
			return
		}
		r.completions = append(r.completions, then)
	})
}

// stepAll delivers messages that waited for the disk or for apply: to raft itself or to peers.
func (r *Replica) stepAll(messages []*raftpb.Message) {
	for _, m := range messages {
		if m.GetTo() == uint64(r.cfg.Node) {
			r.step(m)
		} else {
			r.sendRaft(m)
		}
	}
}

// step gives raft a message. Raft refuses messages from strangers and outdated ones, which is of no concern here.
func (r *Replica) step(m *raftpb.Message) { _ = r.raft.Step(m) }

func (r *Replica) sendRaft(m *raftpb.Message) {
	if m.GetType() == raftpb.MsgSnap {
		r.sendSnapshot(m)
		return
	}
	if r.isRepeated(m) {
		r.env.Host.Mark("entries not sent twice in a tick")
		return
	}
	to := NodeID(m.GetTo())
	b, err := appendProto(appendLives(startFrame(frameRaft, 128), r.cfg.Life, r.acquaintance(to).life), m)
	if err != nil {
		r.fail(fmt.Errorf("encode raft message: %w", err))
		return
	}
	r.send(to, r.appendFormat(b, m))
}

// isRepeated says that a peer was sent the same entries in this tick and has not answered yet. While raft does not know how
// much of the log a peer has, it sends them with every answer to a heartbeat; one that was suspended answers many at once.
func (r *Replica) isRepeated(m *raftpb.Message) bool {
	if m.GetType() != raftpb.MsgApp || len(m.GetEntries()) == 0 {
		return false
	}
	a, now := r.acquaintance(NodeID(m.GetTo())), asked{r.clock.ticks + 1, m.GetIndex()}
	again := a.asked == now
	a.asked = now
	return again
}

// send sends a frame to this group's replica on another node.
func (r *Replica) send(to NodeID, frame []byte) { r.env.Network.Send(to, r.cfg.Group, frame) }
