package pebbledisk

import (
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Role says which of the two stores of package disk a DB is.
type Role uint8

// The roles.
const (
	// Log is the store with a write-ahead log: a synced batch costs one fdatasync.
	Log Role = iota + 1
	// State is the store without one: a synced batch costs a flush of the memtable.
	State
)

// Options are the settings of one store.
type Options struct {
	// Dir is the store's directory; it is created if absent.
	Dir string
	// FS is the file system, the operating system's if nil.
	FS vfs.FS
	// Cache is the block cache; Pebble makes a small one of its own if nil.
	Cache *pebble.Cache
	// MemTableBytes is the size of a memtable, defaultMemTableBytes if 0. Up to four exist at a time, then writes wait
	// for a flush.
	MemTableBytes uint64
	// OnFail is called once, with the error that stopped the store. It may be called from any goroutine and with locks
	// of the store held: it must return soon and not use the store. It may be nil.
	OnFail func(error)
	// Logf receives rare events of interest to operators. It may be nil.
	Logf func(format string, args ...any)
}

// defaultMemTableBytes suits a resident set of a few hundred megabytes. A larger log memtable lets more of the log be
// trimmed before it is flushed, a larger state memtable lets more messages be deleted before they are.
const defaultMemTableBytes = 32 << 20

const (
	// format is pinned: a newer Pebble must not silently make a directory unreadable to an older sqsd.
	format = pebble.FormatValueSeparation
	// maxMemTables bounds memory while a flush is slow.
	maxMemTables = 4
	// separateBytes is the value size from which the state store keeps values out of its tables: compactions then
	// move keys and records, and leave message bodies where the flush wrote them.
	separateBytes = 512
)

func (o *Options) pebble(role Role, f *failure) *pebble.Options {
	p := &pebble.Options{
		FS:                          &stopFS{FS: o.FS, fail: f},
		Cache:                       o.Cache,
		Logger:                      f,
		EventListener:               f.listener(),
		FormatMajorVersion:          format,
		MemTableSize:                o.MemTableBytes,
		MemTableStopWritesThreshold: maxMemTables,
		MaxOpenFiles:                512,
		// State checkpoints of many groups make many small tables. Reading through them is cheap with filters;
		// stopping writes until they are compacted is not.
		L0CompactionThreshold: 4,
		L0StopWritesThreshold: 1000,
		LBaseMaxBytes:         64 << 20,
	}
	if p.MemTableSize == 0 {
		p.MemTableSize = defaultMemTableBytes
	}
	if o.FS == vfs.Default {
		p.WithFSDefaults() // reports slow operations
	}
	switch role {
	case Log:
		// Entries are trimmed soon after they are written; compressing them would be work for nothing.
		p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
	case State:
		p.DisableWAL = true
		p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
		for i := range p.Levels {
			p.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		}
		p.Experimental.ValueSeparationPolicy = func() pebble.ValueSeparationPolicy {
			return pebble.ValueSeparationPolicy{
				Enabled:               true,
				MinimumSize:           separateBytes,
				MaxBlobReferenceDepth: 10,
				RewriteMinimumAge:     5 * time.Minute,
				TargetGarbageRatio:    0.5,
			}
		}
	}
	return p
}
