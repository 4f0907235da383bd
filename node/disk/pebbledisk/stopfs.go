package pebbledisk

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// stopFS is the file system as Pebble sees it. The first change that fails stops the store; Pebble is told that it went
// well, and so with all later changes, which are not made. Nobody hears what Pebble makes of that.
//
// Pebble 2.1.7 survives few such errors. It repeats a failed flush, for ever if that is one of an opening store; it
// unlocks a mutex twice when it cannot start a new log, which ends the process; it closes a value file twice and crashes
// on a nil pointer; and an Open that fails frees what its other goroutines still use.
type stopFS struct {
	vfs.FS
	fail *failure
}

// Unwrap returns the file system below.
func (fs *stopFS) Unwrap() vfs.FS { return fs.FS }

// change makes a change.
func (fs *stopFS) change(make func() error) error {
	if fs.fail.get() != nil {
		return nil
	}
	err := make()
	if err == nil || errors.Is(err, os.ErrNotExist) { // Pebble asks for this and expects it
		return err
	}
	fs.fail.set(err)
	return nil
}

// open opens a file that is to be changed.
func (fs *stopFS) open(open func() (vfs.File, error)) (vfs.File, error) {
	f := vfs.NewMemFile(nil)
	err := fs.change(func() error {
		opened, err := open()
		if err == nil {
			f = opened
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &stopFile{File: f, fs: fs}, nil
}

// Open opens a file for reading.
func (fs *stopFS) Open(name string, options ...vfs.OpenOption) (vfs.File, error) {
	f, err := fs.FS.Open(name, options...)
	if err != nil {
		return nil, err
	}
	return &readFile{File: f, fail: fs.fail}, nil
}

// Create creates a file, of a manifest two. A marker comes after what it names.
func (fs *stopFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if isMarker(fs, name) {
		fs.syncDirOf(name)
	}
	f, err := fs.open(func() (vfs.File, error) { return fs.FS.Create(name, category) })
	if err != nil || !isManifest(fs, name) {
		return f, err
	}
	proofs, err := fs.Create(name+proofSuffix, category)
	return &provenFile{File: f, proofs: proofs}, err
}

// ReuseForWrite renames a file and opens it.
func (fs *stopFS) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return fs.open(func() (vfs.File, error) { return fs.FS.ReuseForWrite(from, to, category) })
}

// OpenDir opens a directory for syncing.
func (fs *stopFS) OpenDir(name string) (vfs.File, error) {
	return fs.open(func() (vfs.File, error) { return fs.FS.OpenDir(name) })
}

// MkdirAll makes a directory.
func (fs *stopFS) MkdirAll(dir string, mode os.FileMode) error {
	return fs.change(func() error { return fs.FS.MkdirAll(dir, mode) })
}

// Rename renames a file.
func (fs *stopFS) Rename(from, to string) error {
	return fs.change(func() error { return fs.FS.Rename(from, to) })
}

// Remove removes a file, of a manifest two. A marker goes after the one that replaces it has come.
func (fs *stopFS) Remove(name string) error {
	if isMarker(fs, name) {
		fs.syncDirOf(name)
	}
	if isManifest(fs, name) {
		_ = fs.change(func() error { return fs.FS.Remove(name + proofSuffix) }) // older manifests have none
	}
	return fs.change(func() error { return fs.FS.Remove(name) })
}

// isMarker says whether a path is one of Pebble's markers: files without content whose names say, for example, which
// manifest counts. Pebble 2.1.7 creates a manifest, creates its marker and removes the old marker, and syncs the
// directory only then. A file system that does not keep the order of such changes may keep the marker without the
// manifest, or no marker.
func isMarker(fs vfs.FS, path string) bool { return strings.HasPrefix(fs.PathBase(path), "marker.") }

// syncDirOf makes durable what was changed in the directory of a file.
func (fs *stopFS) syncDirOf(name string) {
	_ = fs.change(func() error { return SyncDir(fs.FS, fs.PathDir(name)) })
}

type stopFile struct {
	vfs.File
	fs *stopFS
}

func (f *stopFile) Write(p []byte) (int, error) {
	err := f.fs.change(func() error {
		_, err := f.File.Write(p)
		return err
	})
	return len(p), err
}

func (f *stopFile) Sync() error { return f.fs.change(f.File.Sync) }

func (f *stopFile) SyncData() error { return f.fs.change(f.File.SyncData) }

func (f *stopFile) SyncTo(length int64) (full bool, err error) {
	err = f.fs.change(func() error {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

func (f *stopFile) Preallocate(offset, length int64) error {
	return f.fs.change(func() error { return f.File.Preallocate(offset, length) })
}

// Close closes the file even of a store that has stopped.
func (f *stopFile) Close() error {
	if err := f.File.Close(); err != nil {
		f.fs.fail.set(err)
	}
	return nil
}

type readFile struct {
	vfs.File
	fail *failure
}

func (f *readFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	return n, f.check(err)
}

func (f *readFile) ReadAt(p []byte, at int64) (int, error) {
	n, err := f.File.ReadAt(p, at)
	return n, f.check(err)
}

func (f *readFile) check(err error) error {
	if err != nil && err != io.EOF {
		f.fail.halt(err)
	}
	return err
}
