package pebbledisk

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// crashFS is a file system in memory that knows what was not synced: bytes of files and entries of directories. Its
// device can fail. It counts the operations that change something, so that a crash or a failure can strike before any of
// them.
type crashFS struct {
	*vfs.MemFS

	mu     sync.Mutex
	root   *inode
	done   int      // operations
	recent []string // the last of them
	at     int      // before the operation of this number, strike is called, with mu held
	strike func()

	// failure is what operations fail with, nil while the device is well. A full disk (ENOSPC) lets pass what needs no
	// more space, and some syncs.
	failure error
	rng     *rand.Rand // decides how far a failing operation gets
}

func newCrashFS(seed uint64) *crashFS {
	return &crashFS{MemFS: vfs.NewMem(), root: newDir(), rng: rand.New(rand.NewPCG(seed, 1))}
}

// locked runs f while no operation does.
func (fs *crashFS) locked(f func()) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f()
}

// keptOperations is how many of the last operations a failing test prints, at least.
const keptOperations = 100

// begin starts an operation, which may fail.
func (fs *crashFS) begin(grows bool, format string, args ...any) error {
	if fs.done == fs.at && fs.strike != nil {
		fs.strike()
	}
	fs.done++
	if len(fs.recent) == 2*keptOperations {
		fs.recent = append(fs.recent[:0], fs.recent[keptOperations:]...)
	}
	what := fmt.Sprintf("%d: ", fs.done) + fmt.Sprintf(format, args...)
	if fs.failure == nil || fs.failure == syscall.ENOSPC && !grows {
		fs.recent = append(fs.recent, what)
		return nil
	}
	fs.recent = append(fs.recent, what+" fails")
	return &os.PathError{Op: "inject", Path: what, Err: fs.failure}
}

// find returns the directory of a path and the name in it.
func (fs *crashFS) find(path string) (dir *inode, name string) {
	dir = fs.root
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, part := range parts[:len(parts)-1] {
		if dir = dir.now[part]; dir == nil {
			return newDir(), ""
		}
	}
	return dir, parts[len(parts)-1]
}

// lookup returns what is at a path, nil if there is nothing.
func (fs *crashFS) lookup(path string) *inode {
	if path == "." || path == "/" {
		return fs.root
	}
	dir, name := fs.find(path)
	return dir.now[name]
}

func (fs *crashFS) Create(path string, category vfs.DiskWriteCategory) (vfs.File, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if err := fs.begin(true, "create %s", path); err != nil {
		return nil, err
	}
	f, err := fs.MemFS.Create(path, category)
	if err != nil {
		return nil, err
	}
	n := &inode{}
	dir, name := fs.find(path)
	if dir.now[name] != nil { // is replaced in two steps
		dir.enter(entry{name, nil})
	}
	dir.enter(entry{name, n})
	return &crashFile{File: f, fs: fs, inode: n, path: path}, nil
}

func (fs *crashFS) Open(path string, options ...vfs.OpenOption) (vfs.File, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f, err := fs.MemFS.Open(path, options...)
	if err != nil {
		return nil, err
	}
	return &crashFile{File: f, fs: fs, inode: fs.lookup(path), path: path}, nil
}

func (fs *crashFS) OpenDir(path string) (vfs.File, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f, err := fs.MemFS.OpenDir(path)
	if err != nil {
		return nil, err
	}
	return &crashFile{File: f, fs: fs, inode: fs.lookup(path), path: path}, nil
}

func (fs *crashFS) OpenReadWrite(string, vfs.DiskWriteCategory, ...vfs.OpenOption) (vfs.File, error) {
	return nil, errors.ErrUnsupported // Pebble opens none of a store's files so
}

func (fs *crashFS) Link(from, to string) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if err := fs.begin(true, "link %s to %s", from, to); err != nil {
		return err
	}
	if err := fs.MemFS.Link(from, to); err != nil {
		return err
	}
	n := fs.lookup(from)
	dir, name := fs.find(to)
	dir.enter(entry{name, n})
	return nil
}

func (fs *crashFS) Remove(path string) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if err := fs.begin(false, "remove %s", path); err != nil {
		return err
	}
	if err := fs.MemFS.Remove(path); err != nil {
		return err
	}
	dir, name := fs.find(path)
	dir.enter(entry{name, nil})
	return nil
}

func (fs *crashFS) RemoveAll(string) error { return errors.ErrUnsupported }

func (fs *crashFS) Rename(from, to string) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.rename(from, to)
}

func (fs *crashFS) rename(from, to string) error {
	if err := fs.begin(false, "rename %s to %s", from, to); err != nil {
		return err
	}
	if err := fs.MemFS.Rename(from, to); err != nil {
		return err
	}
	dir, old := fs.find(from)
	_, name := fs.find(to) // Pebble moves nothing to another directory
	dir.enter(entry{name, dir.now[old]}, entry{old, nil})
	return nil
}

func (fs *crashFS) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if err := fs.rename(from, to); err != nil {
		return nil, err
	}
	f, err := fs.MemFS.ReuseForWrite(to, to, category)
	if err != nil {
		return nil, err
	}
	return &crashFile{File: f, fs: fs, inode: fs.lookup(to), path: to}, nil
}

func (fs *crashFS) MkdirAll(path string, mode os.FileMode) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.lookup(path) != nil {
		return nil
	}
	if err := fs.begin(true, "mkdir %s", path); err != nil {
		return err
	}
	if err := fs.MemFS.MkdirAll(path, mode); err != nil {
		return err
	}
	dir := fs.root
	for _, part := range strings.Split(path, "/") {
		if dir.now[part] == nil {
			dir.enter(entry{part, newDir()})
		}
		dir = dir.now[part]
	}
	return nil
}

// Lock makes the lock's file, which needs space only where there is none yet.
func (fs *crashFS) Lock(path string) (io.Closer, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	dir, name := fs.find(path)
	if err := fs.begin(dir.now[name] == nil, "lock %s", path); err != nil {
		return nil, err
	}
	if dir.now[name] == nil {
		dir.enter(entry{name, &inode{}})
	}
	return fs.MemFS.Lock(path)
}

// crashFile is an open file or directory.
type crashFile struct {
	vfs.File
	fs    *crashFS
	inode *inode
	path  string
	at    int // where the next write goes
}

func (f *crashFile) Read(p []byte) (int, error) {
	if err := f.readable(); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *crashFile) ReadAt(p []byte, at int64) (int, error) {
	if err := f.readable(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, at)
}

func (f *crashFile) readable() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.fs.failure == syscall.EIO {
		return &os.PathError{Op: "read", Path: f.path, Err: syscall.EIO}
	}
	return nil
}

func (f *crashFile) Write(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	failed := f.fs.begin(f.at+len(p) > f.inode.size, "write %s at %d, %d bytes", f.path, f.at, len(p))
	if failed != nil {
		p = p[:f.fs.rng.IntN(len(p)+1)] // may have got this far
	}
	f.inode.write(f.at, p)
	f.at += len(p)
	if n, err := f.File.Write(p); err != nil {
		return n, err
	}
	return len(p), failed
}

func (f *crashFile) WriteAt([]byte, int64) (int, error) { return 0, errors.ErrUnsupported }

func (f *crashFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.begin(f.fs.rng.IntN(2) == 0, "sync %s", f.path); err != nil {
		return err
	}
	f.inode.sync()
	return nil
}

func (f *crashFile) SyncData() error { return f.Sync() }
