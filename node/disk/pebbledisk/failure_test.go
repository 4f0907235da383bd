package pebbledisk

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"sqsd/node/disk"
)

// faults is an injector that fails the operations it is told to once it is armed.
type faults struct {
	armed atomic.Bool
	hit   func(errorfs.Op) bool
	err   error
}

func (f *faults) String() string { return "faults" }

func (f *faults) MaybeError(op errorfs.Op) error {
	if f.armed.Load() && f.hit(op) {
		return &os.PathError{Op: "inject", Path: op.Path, Err: f.err}
	}
	return nil
}

func onFile(kind errorfs.OpKind, pattern string) func(errorfs.Op) bool {
	return func(op errorfs.Op) bool {
		match, _ := path.Match(pattern, path.Base(op.Path))
		return op.Kind == kind && match
	}
}

func onSync(pattern string) func(errorfs.Op) bool {
	full, data := onFile(errorfs.OpFileSync, pattern), onFile(errorfs.OpFileSyncData, pattern)
	return func(op errorfs.Op) bool { return full(op) || data(op) }
}

func TestAFailedWriteIsNotAcknowledgedAndStopsTheStore(t *testing.T) {
	logStore := func(d disk.Disk) disk.Store { return d.Log }
	stateStore := func(d disk.Disk) disk.Store { return d.State }
	for _, c := range []struct {
		name   string
		choose func(disk.Disk) disk.Store
		hit    func(errorfs.Op) bool
		err    error
		want   error
	}{
		{"full disk under the log", logStore, onFile(errorfs.OpFileWrite, "*.log"), syscall.ENOSPC, disk.ErrNoSpace},
		{"quota under the log", logStore, onFile(errorfs.OpFileWrite, "*.log"), syscall.EDQUOT, disk.ErrNoSpace},
		{"sync of the log", logStore, onSync("*.log"), syscall.EIO, disk.ErrIO},
		{"full disk under a table", stateStore, onFile(errorfs.OpFileWrite, "*.sst"), syscall.ENOSPC, disk.ErrNoSpace},
		{"sync of a table", stateStore, onSync("*.sst"), syscall.EIO, disk.ErrIO},
		{"sync of a value file", stateStore, onSync("*.blob"), syscall.EIO, disk.ErrIO},
		{"full disk under a value file", stateStore, onFile(errorfs.OpFileWrite, "*.blob"), syscall.ENOSPC, disk.ErrNoSpace},
		{"creation of a value file", stateStore, onFile(errorfs.OpCreate, "*.blob"), syscall.ENOSPC, disk.ErrNoSpace},
		{"creation of a table", stateStore, onFile(errorfs.OpCreate, "*.sst"), syscall.ENOSPC, disk.ErrNoSpace},
		{"full disk under the manifest", stateStore, onFile(errorfs.OpFileWrite, "MANIFEST-*"), syscall.ENOSPC, disk.ErrNoSpace},
		{"sync of the manifest", stateStore, onSync("MANIFEST-*"), syscall.EIO, disk.ErrIO},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			f := &faults{hit: c.hit, err: c.err}
			failed := make(chan error, 10)
			d, err := OpenDisk(Settings{
				Dir: "disk", FS: errorfs.Wrap(vfs.NewMem(), f), CacheBytes: 1 << 20,
				OnFail: func(err error) { failed <- err },
			})
			if err != nil {
				t.Fatal(err)
			}
			var events inbox
			store := c.choose(d.Group(events.post))
			sync := func(key string) (outcome error) {
				var b disk.Batch
				b.Set([]byte(key), make([]byte, 4<<10))
				store.Sync(&b, func(err error) { outcome = err })
				events.run(1)
				return outcome
			}
			if err := sync("before"); err != nil {
				t.Fatal(err)
			}
			f.armed.Store(true)
			if err := sync("during"); !errors.Is(err, c.want) {
				t.Fatalf("the sync ended with %v, want %v", err, c.want)
			}
			told := <-failed
			f.armed.Store(false)
			if err := sync("after"); !errors.Is(err, c.want) {
				t.Errorf("a sync after the failure ended with %v, want %v again", err, c.want)
			}
			if err := store.Apply(&disk.Batch{}); !errors.Is(err, c.want) {
				t.Errorf("Apply after the failure returned %v, want %v", err, c.want)
			}
			if _, err := store.Get([]byte("before")); !errors.Is(err, c.want) {
				t.Errorf("Get after the failure returned %v, want %v", err, c.want)
			}
			if len(failed) > 0 || !errors.Is(told, c.want) {
				t.Errorf("OnFail was told %v and %d more, want %v once", told, len(failed), c.want)
			}
		})
	}
}

func TestACompactionThatFailsStopsTheStore(t *testing.T) {
	f := &faults{hit: onFile(errorfs.OpFileReadAt, "*.sst"), err: syscall.EIO}
	failed := make(chan error, 1)
	db, err := Open(Options{
		Dir: "db", FS: errorfs.Wrap(vfs.NewMem(), f), OnFail: func(err error) { failed <- err },
	}, State)
	if err != nil {
		t.Fatal(err)
	}
	f.armed.Store(true)
	for i := 0; db.Err() == nil; i++ { // each commit makes a table; compaction starts when there are some
		if i == 1000 {
			t.Fatal("no compaction in 1000 flushes")
		}
		var b disk.Batch
		b.Set([]byte("same key"), fmt.Append(nil, i))
		if err := db.Commit(&b); err != nil && !errors.Is(err, disk.ErrIO) {
			t.Fatal(err)
		}
	}
	if err := <-failed; !errors.Is(err, disk.ErrIO) {
		t.Errorf("OnFail was told %v", err)
	}
}

func TestALockedDirectoryIsRefused(t *testing.T) {
	fs := vfs.NewMem()
	db, err := Open(Options{Dir: "db", FS: fs}, Log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: "db", FS: fs}, Log); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open returned %v, want ErrLocked", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db, err = Open(Options{Dir: "db", FS: fs}, Log)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFullDiskIsReportedByOpen(t *testing.T) {
	for _, pattern := range []string{"MANIFEST-*", "*.log", "LOCK"} {
		f := &faults{hit: onFile(errorfs.OpFileWrite, pattern), err: syscall.ENOSPC}
		if pattern == "LOCK" {
			f.hit = onFile(errorfs.OpLock, pattern)
		}
		if pattern == "*.log" {
			f.hit = onFile(errorfs.OpCreate, pattern)
		}
		f.armed.Store(true)
		if _, err := Open(Options{Dir: "db", FS: errorfs.Wrap(vfs.NewMem(), f)}, Log); !errors.Is(err, disk.ErrNoSpace) {
			t.Errorf("%s: Open on a full disk returned %v, want ErrNoSpace", pattern, err)
		}
	}
}

func TestDamageIsReportedNotServed(t *testing.T) {
	for _, c := range []struct {
		name string
		role Role
		file string
		// where says which byte of a file of that size to flip.
		where func(size int64) int64
	}{
		{"a table's data", State, ".sst", func(int64) int64 { return 20 }},
		{"a table's footer", State, ".sst", func(size int64) int64 { return size - 20 }},
		{"a value file", State, ".blob", func(size int64) int64 { return 20 }},
		{"a value file's footer", State, ".blob", func(size int64) int64 { return size - 10 }},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			fs := vfs.NewCrashableMem()
			db, err := Open(Options{Dir: "db", FS: fs}, c.role)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				var b disk.Batch
				b.Set(fmt.Appendf(nil, "k%02d", i), make([]byte, 1<<10))
				if err := db.Commit(&b); err != nil {
					t.Fatal(err)
				}
			}
			clone := fs.CrashClone(vfs.CrashCloneCfg{})
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			flipIn(t, clone, "db", c.file, c.where)
			if err := readAll(clone, c.role); !errors.Is(err, disk.ErrCorrupt) {
				t.Errorf("opening and reading returned %v, want ErrCorrupt", err)
			}
		})
	}
}

// flipIn flips one bit in every file of dir whose name contains part.
func flipIn(t *testing.T, fs vfs.FS, dir, part string, where func(size int64) int64) {
	t.Helper()
	for _, name := range filesIn(t, fs, dir, part) {
		f, err := fs.OpenReadWrite(name, vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		at := where(info.Size())
		var b [1]byte
		if _, err := f.ReadAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		b[0] ^= 0x10
		if _, err := f.WriteAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// filesIn lists the files of dir whose names contain part, of which there must be some.
func filesIn(t *testing.T, fs vfs.FS, dir, part string) (files []string) {
	t.Helper()
	names, err := fs.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.Contains(name, part) && !strings.HasPrefix(name, "marker") && !strings.HasSuffix(name, proofSuffix) {
			files = append(files, fs.PathJoin(dir, name))
		}
	}
	if len(files) == 0 {
		t.Fatalf("no file %q among %q", part, names)
	}
	return files
}

func readAll(fs vfs.FS, role Role) error {
	db, err := Open(Options{Dir: "db", FS: fs}, role)
	if err != nil {
		return err
	}
	err = db.Scan([]byte("a"), []byte("z"), func(_, _ []byte) bool { return true })
	return errors.Join(err, db.Close())
}
