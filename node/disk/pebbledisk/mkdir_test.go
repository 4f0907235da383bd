package pebbledisk

import (
	"errors"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

func TestDirectoriesAreDurableThoughTheirMakerWasKilled(t *testing.T) {
	rng := rand.New(rand.NewPCG(0, 0))
	for at, done := 0, false; !done; at++ {
		fs := newCrashFS(0)
		killed := fs
		fs.at, fs.strike = at, func() { killed = fs.crashed(kept, rng) }
		if err := MakeDir(fs, "a/b/c"); err != nil {
			t.Fatal(err)
		}
		done = killed == fs
		if err := MakeDir(killed, "a/b/c"); err != nil {
			t.Fatal(err)
		}
		if left := killed.crashed(dropped, rng); left.lookup("a/b/c") == nil {
			t.Errorf("killed before operation %d: MakeDir made something that a power failure took away", at)
		}
	}
}

func TestAParentThatCannotBeSyncedMattersOnlyToANewDirectory(t *testing.T) {
	for _, c := range []struct {
		err              error
		existing, absent bool // whether MakeDir succeeds
	}{
		{syscall.EACCES, true, false},
		{syscall.EINVAL, true, false},
		{syscall.EIO, false, false},
		{nil, true, true},
	} {
		mem := vfs.NewMem()
		if err := mem.MkdirAll("parent/existing", 0o755); err != nil {
			t.Fatal(err)
		}
		f := &faults{err: c.err, hit: onFile(errorfs.OpOpenDir, "parent")}
		f.armed.Store(c.err != nil)
		fs := errorfs.Wrap(mem, f)
		if err := MakeDir(fs, "parent/existing"); (err == nil) != c.existing || err != nil && !errors.Is(err, c.err) {
			t.Errorf("parent fails with %v: MakeDir of an existing directory returned %v", c.err, err)
		}
		if err := MakeDir(fs, "parent/absent"); (err == nil) != c.absent || err != nil && !errors.Is(err, c.err) {
			t.Errorf("parent fails with %v: MakeDir of a new directory returned %v", c.err, err)
		}
	}
}
