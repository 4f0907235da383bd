package pebbledisk

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/node/disk"
)

// Settings are the settings of a node's disk.
type Settings struct {
	// Dir holds the directories "log" and "state"; it is created if absent.
	Dir string
	// FS is the file system, the operating system's if nil.
	FS vfs.FS
	// CacheBytes is the size of the block cache that both stores share.
	CacheBytes int64
	// LogMemTableBytes and StateMemTableBytes are the sizes of memtables, see Options.
	LogMemTableBytes, StateMemTableBytes uint64
	// OnFail is told the first error of each store, see Options.
	OnFail func(error)
	// Logf receives rare events of interest to operators. It may be nil.
	Logf func(format string, args ...any)
	// OnLogSync is told how long each Sync of the log took, from the call to its completion. It may be nil.
	OnLogSync func(time.Duration)
}

// Disk is a node's disk: two stores that its groups share.
type Disk struct {
	log, state   *DB
	committer    *committer
	checkpointer *checkpointer
}

// OpenDisk opens or creates the stores under s.Dir.
func OpenDisk(s Settings) (*Disk, error) {
	cache := pebble.NewCache(s.CacheBytes)
	defer cache.Unref() // the stores hold it from here
	options := func(dir string, memTable uint64) Options {
		return Options{
			Dir: filepath.Join(s.Dir, dir), FS: s.FS, Cache: cache, MemTableBytes: memTable, OnFail: s.OnFail, Logf: s.Logf,
		}
	}
	log, err := Open(options("log", s.LogMemTableBytes), Log)
	if err != nil {
		return nil, err
	}
	state, err := Open(options("state", s.StateMemTableBytes), State)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	onSync := s.OnLogSync
	if onSync == nil {
		onSync = func(time.Duration) {}
	}
	return &Disk{log: log, state: state, committer: newCommitter(log, onSync), checkpointer: newCheckpointer(state)}, nil
}

// Group returns the disk as one group sees it. post runs a function as an event of that group: it may be called from
// any goroutine, keeps order, and does not wait for the function.
func (d *Disk) Group(post func(func())) disk.Disk {
	return disk.Disk{
		Log:   &logStore{DB: d.log, committer: d.committer, post: post},
		State: &stateStore{DB: d.state, checkpointer: d.checkpointer, post: post},
	}
}

// Close waits for the writes under way, posts their completions, and closes the stores. No call may follow.
func (d *Disk) Close() error {
	d.committer.close()
	d.checkpointer.close()
	return errors.Join(d.log.Close(), d.state.Close())
}

// logStore is a group's handle on the log.
type logStore struct {
	*DB
	committer *committer
	post      func(func())
}

// Sync commits b and calls done as an event of the group once it is durable.
func (s *logStore) Sync(b *disk.Batch, done func(error)) { s.committer.sync(b, s.post, done) }

// stateStore is a group's handle on the state.
type stateStore struct {
	*DB
	checkpointer *checkpointer
	post         func(func())
}

// Sync writes b and calls done as an event of the group once it is flushed.
func (s *stateStore) Sync(b *disk.Batch, done func(error)) { s.checkpointer.sync(b, s.post, done) }
