package node

import (
	"io"
	"time"

	"sqsd/node/disk"
	"sqsd/node/queue"
	"sqsd/wire"
)

// NodeID identifies a node of the cluster; it is the raft id of all its replicas. 0 is no node.
type NodeID uint64

// GroupID identifies a raft group, from 0 to the cluster's group count less one.
type GroupID uint32

// Clock is a node's time. Both readings are taken by the host when asked.
type Clock interface {
	// Now is the wall clock. It may be wrong and may jump.
	Now() wire.Time
	// Elapsed is the time since some fixed instant. It never goes back and does not jump, but may drift.
	Elapsed() time.Duration
	// WakeAt asks for a call of Replica.Wake once Elapsed has reached t, replacing any earlier request.
	WakeAt(t time.Duration)
}

// Network carries frames between the replicas of a group and between groups of one node. It is unreliable.
type Network interface {
	// Send sends a frame to a replica. The frame belongs to the network from then on.
	Send(to NodeID, group GroupID, frame []byte)
}

// Host receives what is neither a message nor a write.
type Host interface {
	// Fail says that the replica has stopped for good, because of a disk error or a broken invariant.
	Fail(group GroupID, err error)
	// Logf records a rare event of interest to operators, such as a change of leader.
	Logf(group GroupID, format string, args ...any)
	// Mark counts a rare situation by name (coverage marks). It is called on rare paths only.
	Mark(name string)
}

// Observer sees what a replica applies; simulations check histories with it. It may be nil.
type Observer interface {
	// Applied is called for every command, in order, on every replica. result is the command's answer. An entry whose
	// commands are passed over because too much was due counts as a tick, of nobody, at the time that it reached.
	Applied(at Position, cmd wire.Request, result queue.Result)
	// Restored is called when the replica's state was replaced by a snapshot at an index.
	Restored(group GroupID, index uint64)
}

// Env is everything a replica touches.
type Env struct {
	Clock    Clock
	Network  Network
	Disk     disk.Disk
	Random   io.Reader // source of seeds and nonces; crypto/rand.Reader in production
	Host     Host
	Observer Observer
}

// Config is what a replica is told. Durations are in ticks or in time as said.
type Config struct {
	Node  NodeID
	Group GroupID
	// Life is the number of the node's life, which rises with every start: see Identity.
	Life uint64
	// Groups is the cluster's number of groups, the same on every node and for ever.
	Groups int
	// Peers are the voters of a group when it is created, this node among them. They count only then.
	Peers []NodeID
	// Join says that the node is to be added to a group that exists: on a disk without the group it waits for the leader to
	// send it a snapshot, and until then takes no part. Peers do not count.
	Join bool
	// Account and Region appear in queue ARNs.
	Account, Region string
	// Limits are stamped on the entries that this replica proposes.
	Limits queue.Limits
	// Format is the newest format that this node knows and may write; what is newer it refuses.
	Format Format

	// Tick is raft's tick. A leader beats once a tick.
	Tick time.Duration
	// ElectionTicks is how many ticks without a leader start an election; the actual wait is 1 to 2 times that.
	ElectionTicks int
	// CallTimeout bounds how long a call waits beyond its WaitTimeSeconds before it is answered ServiceUnavailable.
	CallTimeout time.Duration
	// MaxSkew is how far a node's clock may be from its peers' for it to lead.
	MaxSkew time.Duration
	// MaxEntryBytes bounds the commands of one log entry together (a single larger command still goes alone).
	MaxEntryBytes int
	// MaxPendingBytes bounds the commands that wait or are in the log unapplied; beyond it calls are refused (a single
	// larger command still goes alone, so that it does not wait for ever).
	MaxPendingBytes int
	// LogCacheBytes is how many bytes of the newest log entries of the group stay in memory, at least one entry; followers
	// that are further behind are served from the disk.
	LogCacheBytes int
	// CheckpointBytes is how many bytes of log make the replica sync the state store and trim the log behind it.
	CheckpointBytes int
	// KeepEntries is how many applied entries the log keeps behind a checkpoint for slow followers, at most; large
	// entries are kept up to 64 MiB. What follows a snapshot is kept until its receiver has caught up, up to 4 GiB.
	KeepEntries uint64
	// StateBatchKeys is how many keys the entries that are applied together may write before the state store takes them, which
	// are in memory until then. A single entry may write more.
	StateBatchKeys int
	// SnapshotChunkBytes bounds the frames that snapshots are sent in.
	SnapshotChunkBytes int
}

// Call is one client request. The caller fills in the exported fields and does not touch them afterwards.
type Call struct {
	Request wire.Request
	// Done is called exactly once, on the replica's thread, unless the replica fails first.
	Done func(Result)

	callState
}

// Result is the outcome of a call.
type Result struct {
	Response wire.Response
	// Err is nil exactly if Response is not. With ServiceUnavailable the outcome may be unknown.
	Err *wire.Error
	// At is the place in the group's history where the call took effect: the witness of its linearization.
	// It is zero when Err is ServiceUnavailable.
	At Position
}

// Position is a place in a group's history.
type Position struct {
	Group GroupID
	Index uint64 // of the log entry
	Sub   uint32 // of the command in the entry
	// Read says that the call took effect after the entry's last command, without being in the log.
	Read bool
	// Time is the replicated time there.
	Time wire.Time
	// Proposer, Boot and Seq identify the proposed command: unique for ever. They are zero for reads.
	Proposer NodeID
	Boot     uint64
	Seq      uint64
}

// DefaultConfig returns settings for production, to be completed with Node, Group, Life, Groups, Peers, Account and Region.
func DefaultConfig() Config {
	return Config{
		Limits:             queue.DefaultLimits(),
		Format:             NewestFormat,
		Tick:               50 * time.Millisecond,
		ElectionTicks:      15,
		CallTimeout:        5 * time.Second,
		MaxSkew:            500 * time.Millisecond,
		MaxEntryBytes:      1 << 20,
		MaxPendingBytes:    64 << 20,
		LogCacheBytes:      4 << 20,
		CheckpointBytes:    16 << 20,
		KeepEntries:        5000,
		StateBatchKeys:     1000,
		SnapshotChunkBytes: 256 << 10,
	}
}
