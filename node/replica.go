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

	departure departure
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
	switch {
	case r.applied.index < log.meta.index:
		return fmt.Errorf("%w: the state is at entry %d, and the log begins behind entry %d", disk.ErrCorrupt, r.applied.index, log.meta.index)
	case r.applied.index > log.last:
		return fmt.Errorf("%w: the state is at entry %d, and the log ends at entry %d", disk.ErrCorrupt, r.applied.index, log.last)
	}
	r.check.resume(log, r.applied.index)
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
	r.snaps.init()
	r.startClock()
}

// elapsed is the monotonic clock.
func (r *Replica) elapsed() time.Duration { return r.env.Clock.Elapsed() }

// here is the place in history right behind everything applied.
func (r *Replica) here() Position {
	return Position{
		Group: r.cfg.Group, Index: r.applied.index, Sub: ^uint32(0), Read: true, Time: r.machine.Now(),
	}
}
