package pebbledisk

import (
	"errors"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"sqsd/node/disk"
)

func TestCloseEndsThoughACompactionFailsMeanwhile(t *testing.T) {
	reading, closing := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f := &faults{err: syscall.EIO, hit: func(op errorfs.Op) bool {
		if !onFile(errorfs.OpFileReadAt, "*.sst")(op) {
			return false
		}
		once.Do(func() { close(reading) })
		<-closing
		return true
	}}
	f.armed.Store(true)
	db, err := Open(Options{Dir: "db", FS: errorfs.Wrap(vfs.NewMem(), f)}, State)
	if err != nil {
		t.Fatal(err)
	}
	for begun := false; !begun; {
		var b disk.Batch
		b.Set([]byte("same key"), nil)
		if err := db.Commit(&b); err != nil {
			t.Fatal(err)
		}
		select {
		case <-reading:
			begun = true
		default:
		}
	}
	closed := make(chan error)
	go func() { closed <- db.Close() }()
	for !isClosed(db.db) {
		runtime.Gosched()
	}
	close(closing)
	if err := <-closed; !errors.Is(err, disk.ErrIO) {
		t.Errorf("Close returned %v, want %v", err, disk.ErrIO)
	}
}

func TestOpenThatHasFailedLeavesPebbleTheCache(t *testing.T) {
	returned, wentOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	opened := 0
	f := &faults{err: syscall.EIO, hit: func(op errorfs.Op) bool {
		select {
		case <-returned:
			once.Do(func() { close(wentOn) })
		default:
		}
		if onFile(errorfs.OpOpenDir, "log")(op) {
			opened++
		}
		return opened == 3 // Pebble has the lock and asks for the cache next
	}}
	f.armed.Store(true)
	_, err := OpenDisk(Settings{
		Dir: "disk", FS: errorfs.Wrap(vfs.NewMem(), f), CacheBytes: 1 << 20, OnFail: func(error) { <-returned },
	})
	if !errors.Is(err, disk.ErrIO) {
		t.Errorf("OpenDisk returned %v, want %v", err, disk.ErrIO)
	}
	close(returned)
	<-wentOn
}

// isClosed says whether Close has begun to wait.
func isClosed(db *pebble.DB) (closed bool) {
	defer func() { closed = recover() != nil }()
	_ = db.NewSnapshot().Close()
	return false
}
