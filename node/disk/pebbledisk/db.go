package pebbledisk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/node/disk"
)

// ErrLocked says that another process, or another DB of this one, has the directory open.
var ErrLocked = errors.New("directory is locked by another process")

// DB is one store. Its methods may be called from many goroutines; batches are ordered as their calls return.
type DB struct {
	role Role
	db   *pebble.DB
	lock *pebble.Lock
	fail *failure
	// synced is the sequence number up to which the log is known to be synced; see syncMarker.
	synced atomic.Uint64
}

// Open opens or creates a store. Errors are ErrLocked or of package disk's kinds. After one of the latter
// the directory may stay locked as long as the process lives.
func Open(o Options, role Role) (*DB, error) {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if err := MakeDir(o.FS, o.Dir); err != nil {
		return nil, mapError(err)
	}
	lock, err := pebble.LockDirectory(o.Dir, o.FS)
	if failed := (*os.PathError)(nil); errors.As(err, &failed) { // there is no file to lock
		return nil, mapError(err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s (%v)", ErrLocked, o.Dir, err)
	}
	db := &DB{role: role, lock: lock, fail: newFailure(&o)}
	p := o.pebble(role, db.fail)
	p.Lock = lock
	if o.Cache != nil {
		o.Cache.Ref() // for Pebble, which may still be at it when Open has returned
	}
	err = attempt(db.fail, func() (err error) {
		if o.Cache != nil {
			defer o.Cache.Unref()
		}
		if err := checkJournals(o.FS, o.Dir); err != nil {
			return err
		}
		db.db, err = pebble.Open(o.Dir, p)
		return err
	})
	if err != nil {
		return nil, errors.Join(mapError(err), lock.Close())
	}
	return db, nil
}

// Get returns a copy of the value of key, or disk.ErrNotFound.
func (db *DB) Get(key []byte) ([]byte, error) { return get(db.fail, db.db, key) }

// Scan calls f with the keys in [lo, hi) in ascending order until f returns false.
func (db *DB) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	return scan(db.fail, db.db, lo, hi, f)
}

// Snapshot returns a view of the store as it is now.
func (db *DB) Snapshot() disk.Snapshot { return &snapshot{fail: db.fail, s: db.db.NewSnapshot()} }

// Apply writes b without waiting for the disk.
func (db *DB) Apply(b *disk.Batch) error {
	return guard(db.fail, func() error {
		p := db.newBatch(b)
		fill(p, b)
		if err := db.db.Apply(p, pebble.NoSync); err != nil {
			return db.fail.set(err)
		}
		return p.Close()
	})
}

// Commit writes b, which may be empty, and returns once it and everything before it are durable.
func (db *DB) Commit(b *disk.Batch) error {
	if db.role == State {
		if err := db.Apply(b); err != nil {
			return err
		}
		flushed, err := db.startFlush()
		if err != nil {
			return err
		}
		return db.waitFlush(flushed)
	}
	p, err := db.startCommit(b)
	if err != nil {
		return err
	}
	return db.waitCommit(p)
}

// startCommit writes b to memory and into the queue of the log writer.
func (db *DB) startCommit(b *disk.Batch) (p *pebble.Batch, err error) {
	err = guard(db.fail, func() error {
		p = db.newBatch(b)
		// The marker also makes a record of a batch without writes, so that there is something to sync.
		if err := p.LogData(syncMarker(db.synced.Load()), nil); err != nil {
			return err
		}
		fill(p, b)
		if err := db.db.ApplyNoSyncWait(p, pebble.Sync); err != nil {
			return db.fail.set(err)
		}
		return nil
	})
	return p, err
}

// waitCommit waits until a started commit is durable.
func (db *DB) waitCommit(p *pebble.Batch) error {
	err := p.SyncWait()
	if err != nil {
		return db.fail.set(err)
	}
	if err := db.fail.get(); err != nil {
		return err
	}
	next := uint64(p.SeqNum()) + uint64(p.Count())
	for {
		synced := db.synced.Load()
		if next <= synced || db.synced.CompareAndSwap(synced, next) {
			return p.Close()
		}
	}
}

// startFlush starts to make the memtables durable; the channel is closed when they are.
func (db *DB) startFlush() (flushed <-chan struct{}, err error) {
	err = guard(db.fail, func() error {
		if flushed, err = db.db.AsyncFlush(); err != nil {
			return db.fail.set(err)
		}
		return nil
	})
	return flushed, err
}

// waitFlush waits until a started flush is durable. Pebble does not end a flush that fails, it tries again.
func (db *DB) waitFlush(flushed <-chan struct{}) error {
	select {
	case <-flushed:
	case <-db.fail.done:
	}
	return db.fail.get()
}

// newBatch makes an empty batch with room for b.
func (db *DB) newBatch(b *disk.Batch) *pebble.Batch {
	return db.db.NewBatchWithSize(batchHeader + 2 + markerBytes + b.Size())
}

func fill(p *pebble.Batch, b *disk.Batch) {
	b.Each(func(kind disk.OpKind, key, value []byte) {
		var err error
		switch kind {
		case disk.OpSet:
			err = p.Set(key, value, nil)
		case disk.OpDelete:
			err = p.Delete(key, nil)
		case disk.OpSingleDelete:
			err = p.SingleDelete(key, nil)
		case disk.OpDeleteRange:
			if bytes.Compare(key, value) < 0 {
				err = p.DeleteRange(key, value, nil)
			}
		default:
			panic(fmt.Sprintf("unknown write %d in a batch", kind))
		}
		if err != nil {
			panic(fmt.Sprintf("batch refuses a write: %v", err)) // it has no way to fail
		}
	})
}

// Err returns the error that stopped the store, or nil.
func (db *DB) Err() error { return db.fail.get() }

// Close makes what was written durable and closes the store. All snapshots must be closed. A store that failed is
// left as it is, because Pebble's locks and queues may be stuck: the process should end.
func (db *DB) Close() error {
	return attempt(db.fail, func() error {
		if db.role == State {
			flushed, err := db.startFlush()
			if err != nil {
				return err
			}
			if err := db.waitFlush(flushed); err != nil {
				return err
			}
		}
		return mapError(errors.Join(db.db.Close(), db.lock.Close()))
	})
}

type snapshot struct {
	fail *failure
	s    *pebble.Snapshot
}

func (s *snapshot) Get(key []byte) ([]byte, error) { return get(s.fail, s.s, key) }

func (s *snapshot) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	return scan(s.fail, s.s, lo, hi, f)
}

func (s *snapshot) Close() error { return mapError(s.s.Close()) }

func get(f *failure, r pebble.Reader, key []byte) (value []byte, err error) {
	err = guard(f, func() error {
		v, closer, err := r.Get(key)
		if err != nil {
			return mapError(err)
		}
		value = append(make([]byte, 0, len(v)), v...)
		return mapError(closer.Close())
	})
	return value, err
}

func scan(f *failure, r pebble.Reader, lo, hi []byte, visit func(key, value []byte) bool) error {
	if bytes.Compare(lo, hi) >= 0 {
		return nil
	}
	return guard(f, func() (err error) {
		it, err := r.NewIter(&pebble.IterOptions{LowerBound: lo, UpperBound: hi})
		if err != nil {
			return mapError(err)
		}
		defer closeIter(it, &err)
		for ok := it.First(); ok; ok = it.Next() {
			value, err := it.ValueAndErr()
			if err != nil {
				return mapError(err)
			}
			if !visit(it.Key(), value) {
				return nil
			}
		}
		return mapError(it.Error())
	})
}

func closeIter(it io.Closer, err *error) {
	if e := it.Close(); *err == nil {
		*err = mapError(e)
	}
}
