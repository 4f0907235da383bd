// Package disk is the storage that a node is given: two ordered key-value stores with atomic batches.
//
// A [Disk] has two stores. The log store holds what raft must not lose (entries, term, vote): every write is synced
// before it is acknowledged. The state store holds the queues: writes are visible at once and become durable later,
// because after a crash the log replays what the state store lost.
//
// Host's duties: after a crash a store holds the effect of a prefix of its batches, in the order in which they were
// given to Apply and Sync, that is no shorter than the last batch whose Sync completed. A batch is there whole or not
// at all. A read never returns bytes other than those written: damage that a checksum shows is [ErrCorrupt].
//
// Implementations: node/disk/pebbledisk in production; sim has an in-memory one with faults.
package disk

import "errors"

// Errors that a store returns. Any of them, except ErrNotFound, makes the replica that sees it stop.
var (
	// ErrNotFound says that Get found no value.
	ErrNotFound = errors.New("key not found")
	// ErrCorrupt says that a checksum did not match.
	ErrCorrupt = errors.New("corrupt data on disk")
	// ErrNoSpace says that the disk is full.
	ErrNoSpace = errors.New("no space on disk")
	// ErrIO says that the device failed.
	ErrIO = errors.New("disk i/o error")
)

// Disk is a node's storage as one raft group sees it. Groups share the stores and prefix their keys.
type Disk struct {
	Log   Store
	State Store
}

// Reader reads a store at one instant.
type Reader interface {
	// Get returns the value of key, as a copy that the caller owns, or ErrNotFound.
	Get(key []byte) ([]byte, error)
	// Scan calls f with the keys in [lo, hi) in ascending order until f returns false. The slices are valid only
	// during the call.
	Scan(lo, hi []byte, f func(key, value []byte) bool) error
}

// Store is an ordered key-value store. It is used from one thread, like everything of a group.
type Store interface {
	Reader
	// Apply writes b. Reads see it as soon as Apply returns; it is durable once a later Sync is.
	// The store takes what it needs of b before it returns.
	Apply(b *Batch) error
	// Sync writes b, which may be empty, and calls done once b and everything written before are durable.
	// done runs as an event of the calling group, never inside Sync, in the order of the calls. Reads see b no later
	// than done runs; before that they may or may not. After an error the store acknowledges nothing more.
	// The store takes what it needs of b before it returns.
	Sync(b *Batch, done func(error))
	// Snapshot returns a view of the store as it is now, which later writes do not change.
	Snapshot() Snapshot
}

// Snapshot is a consistent view of a store. It must be closed.
type Snapshot interface {
	Reader
	Close() error
}
