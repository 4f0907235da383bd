package pebbledisk

import (
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// valueFS stops the store when a write to one of Pebble's value files fails, before Pebble sees the error: Pebble
// 2.1.7 closes such a file twice and crashes on a nil pointer in a goroutine of its own.
type valueFS struct {
	vfs.FS
	fail *failure
}

// Unwrap returns the file system below.
func (fs *valueFS) Unwrap() vfs.FS { return fs.FS }

// Create creates a file.
func (fs *valueFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, category)
	if err != nil || !strings.HasSuffix(name, ".blob") {
		return f, err
	}
	return &valueFile{File: f, fail: fs.fail}, nil
}

type valueFile struct {
	vfs.File
	fail *failure
}

func (f *valueFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	return n, f.check(err)
}

func (f *valueFile) Sync() error { return f.check(f.File.Sync()) }

func (f *valueFile) SyncData() error { return f.check(f.File.SyncData()) }

func (f *valueFile) SyncTo(length int64) (bool, error) {
	full, err := f.File.SyncTo(length)
	return full, f.check(err)
}

func (f *valueFile) Close() error { return f.check(f.File.Close()) }

func (f *valueFile) check(err error) error {
	if err != nil {
		f.fail.stop(err)
	}
	return nil
}
