package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/disk"
	"sqsd/node/queue"
)

// Replica is one member of one raft group; see the package comment.
type Replica struct {
	cfg  Config
	env  Env
	boot uint64 // nonce of this life of the replica

	opened standing                 // of the log, when this life began
	peers  map[NodeID]*acquaintance // never ranged over

	raft    *raft.RawNode
	log     *logStore
	state   *stateStore
	machine *queue.Machine
	applied applied
	members membership        // at applied
	found   uint64            // last entry of the log that Open found
	unsaved *raftpb.HardState // the hard state, if the disk has an older one
	failed  error

	// Events since the last Advance.
	submitted   []*Call
	cancelled   []*Call
	frames      []inFrame
	completions []func()

	lead    leadership
	formats formatTable
	clock   replicaClock
	calls   callTable
	prop    proposer
	reads   readTable
	polls   pollTable
	relay   relay // of calls to and from other replicas
	asks    askTable
	courier courier
	snaps   snapshotter
	check   checkpointer
	changes memberTable
}

type inFrame struct {
	from  NodeID
	bytes []byte
}

// Open starts a replica on what its disk holds. A disk without the group gets a new member of it: all members of
// Config.Peers must be started like that once, or with Config.Join a node that is added to the group. It returns
// disk.ErrCorrupt, wrapped, for a disk that contradicts itself, and ErrNewerFormat for one that holds a newer format than
// Config.Format; the disk is as it was then.
func Open(cfg Config, env Env) (*Replica, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	r := &Replica{cfg: cfg, env: env}
	var nonce [8]byte
	if _, err := io.ReadFull(env.Random, nonce[:]); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	r.boot = binary.BigEndian.Uint64(nonce[:])
	err := r.openStores()
	if err == nil {
		r.opened, err = r.log.openedAt()
	}
	if err != nil {
		return nil, fmt.Errorf("group %d: %w", cfg.Group, err)
	}
	r.peers = map[NodeID]*acquaintance{}
	r.raft, err = raft.NewRawNode(&raft.Config{
		ID: uint64(cfg.Node), ElectionTick: cfg.ElectionTicks, HeartbeatTick: 1,
		Storage: r.log, Applied: r.applied.index, AsyncStorageWrites: true,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256, MaxInflightBytes: 64 << 20,
		MaxCommittedSizePerReady: 8 << 20, MaxUncommittedEntriesSize: uint64(cfg.MaxPendingBytes),
		CheckQuorum: true, PreVote: true, DisableProposalForwarding: true, StepDownOnRemoval: true,
		Logger: raftLogger{r},
	})
	if err != nil {
		return nil, err
	}
	r.lead.term = r.log.hard.GetTerm()
	r.startTables()
	if r.members.isOnly(cfg.Node) {
		return r, r.raft.Campaign() // there is nobody to wait for
	}
	return r, nil
}

func (c Config) validate() error {
	switch {
	case c.Node == 0 || !c.Join && !slices.Contains(c.Peers, c.Node):
		return fmt.Errorf("node %d is not among the peers %v", c.Node, c.Peers)
	case c.Life == 0:
		return errors.New("the node's life is not numbered")
	case c.Format < firstFormat || c.Format > NewestFormat:
		return fmt.Errorf("format %d is not among those known, %d to %d", c.Format, firstFormat, NewestFormat)
	case int(c.Group) >= c.Groups:
		return fmt.Errorf("group %d of %d groups", c.Group, c.Groups)
	case c.Tick <= 0 || c.ElectionTicks < 2 || c.CallTimeout <= 0 || c.MaxSkew <= 0:
		return errors.New("tick, election ticks, call timeout and clock skew must be positive")
	case c.LogCacheBytes < 0 || c.MaxEntryBytes <= 0 || c.MaxPendingBytes <= 0 || c.CheckpointBytes <= 0 || c.SnapshotChunkBytes <= 0 ||
		c.StateBatchKeys <= 0:
		return errors.New("limits of bytes and keys must be positive")
	}
	return nil
}

// openStores loads log, state and queue machine, or creates them.
func (r *Replica) openStores() error {
	log, found, err := openLog(r.cfg.Group, r.env.Disk.Log, r.cfg.LogCacheBytes, r.cfg.Format)
	if err != nil {
		return err
	}
	r.log, r.found = log, log.last
	log.fail, log.snapshot = r.fail, r.makeSnapshot
	if !found {
		r.createGroup()
	}
	r.state = newStateStore(r.env.Disk.State, r.cfg.Group, log.meta.generation)
	r.applied, err = r.state.loadApplied(r.cfg.Format)
	if errors.Is(err, disk.ErrNotFound) {
		// Nothing of the state was flushed yet: it is the empty one that the log starts from.
		r.applied, err = firstApplied(log.meta.voters), nil
	}
	if err != nil {
		return err
	}
	if r.members, err = r.state.loadMembers(log.meta.voters, r.cfg.Format); err != nil {
		return err
	}
	log.conf = r.members.confState()
	if r.applied.index < log.meta.index || r.applied.index > log.last {
		return fmt.Errorf("%w: the state is at entry %d, but the log has %d to %d", disk.ErrCorrupt,
			r.applied.index, log.meta.index+1, log.last)
	}
	if err := r.state.dropOthers(); err != nil {
		return err
	}
	// What is applied was committed, even if the commit index that says so was not written again since.
	if log.hard.GetCommit() < r.applied.index {
		log.hard.Commit = new(r.applied.index)
	}
	r.machine, err = queue.Open(r.state, r.machineConfig())
	return err
}

// machineConfig is what the queue machine is told.
func (r *Replica) machineConfig() queue.Config {
	return queue.Config{
		Account: r.cfg.Account, Region: r.cfg.Region, Mark: r.env.Host.Mark, Group: uint32(r.cfg.Group),
		GroupOf: func(queueName string) uint32 { return uint32(GroupOf(queueName, r.cfg.Groups)) },
	}
}

// firstApplied is how far the empty state is that a group's log starts from.
func firstApplied(voters []uint64) applied {
	if len(voters) == 0 {
		return applied{format: firstFormat}
	}
	return applied{index: 1, term: 1, format: firstFormat}
}

// createGroup writes the first records of a new member. Later writes are synced behind it, so nothing waits for it.
func (r *Replica) createGroup() {
	var voters []uint64
	if !r.cfg.Join {
		voters = rawIDs(r.cfg.Peers)
		slices.Sort(voters)
	}
	var b disk.Batch
	r.log.create(&b, voters)
	r.writeLog(&b, func() {})
}

// startTables makes the parts that keep state in memory only.
func (r *Replica) startTables() {
	r.calls.init()
	r.polls.init()
	r.relay.init()
	r.asks.init()
	r.courier.init()
	r.startClock()
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
	to := NodeID(m.GetTo())
	b, err := appendProto(appendLives(startFrame(frameRaft, 128), r.cfg.Life, r.acquaintance(to).life), m)
	if err != nil {
		r.fail(fmt.Errorf("encode raft message: %w", err))
		return
	}
	r.send(to, r.appendFormat(b, m))
}

// send sends a frame to this group's replica on another node.
func (r *Replica) send(to NodeID, frame []byte) { r.env.Network.Send(to, r.cfg.Group, frame) }

// elapsed is the monotonic clock.
func (r *Replica) elapsed() time.Duration { return r.env.Clock.Elapsed() }

// here is the place in history right behind everything applied.
func (r *Replica) here() Position {
	return Position{
		Group: r.cfg.Group, Index: r.applied.index, Sub: ^uint32(0), Read: true, Time: r.machine.Now(),
	}
}
