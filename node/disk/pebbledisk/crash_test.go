package pebbledisk

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/node/disk"
)

var (
	crashSeeds = flag.Uint64("crash-seeds", 40, "histories with crashes to try")
	crashFrom  = flag.Uint64("crash-from", 0, "seed of the first of them")
)

// The oracle of these tests is package disk's promise: after a crash a store holds the effect of a prefix of its
// batches that is no shorter than the last batch whose Sync completed. Both stores of a disk live through several
// crashes and failures of the device, which strike before any operation of the file system (crashimage_test.go). Then a
// bit of what they left is flipped: that must be found, or do no harm. Pebble's goroutines make every run of a seed a
// little different.

func TestACrashLeavesAPrefixThatHoldsWhatWasSynced(t *testing.T) {
	var found atomic.Int64
	t.Run("histories", func(t *testing.T) {
		for seed := *crashFrom; seed < *crashFrom+*crashSeeds; seed++ {
			t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
				t.Parallel()
				h := newCrashHistory(t, seed)
				for range 5 {
					h.live()
					if t.Failed() {
						return
					}
					if h.damage() {
						found.Add(1)
					}
				}
			})
		}
	})
	if found.Load() == 0 && *crashSeeds >= 10 {
		t.Error("no flipped bit was found at all")
	}
}

// crashHistory is a disk over several lives.
type crashHistory struct {
	t      *testing.T
	rng    *rand.Rand
	fs     *crashFS
	stores []*storeHistory
	story  []string // of the lives, for a test that fails
}

func newCrashHistory(t *testing.T, seed uint64) *crashHistory {
	h := &crashHistory{t: t, rng: rand.New(rand.NewPCG(seed, 0)), fs: newCrashFS(seed)}
	h.stores = []*storeHistory{
		newStoreHistory(h, "log", func(d disk.Disk) disk.Store { return d.Log }),
		newStoreHistory(h, "state", func(d disk.Disk) disk.Store { return d.State }),
	}
	return h
}

// errorf fails the test with an account of what happened.
func (h *crashHistory) errorf(format string, args ...any) {
	h.t.Helper()
	var recent string
	h.fs.locked(func() { recent = strings.Join(h.fs.recent, "\n") })
	h.t.Errorf("%s\nlives: %s\nlast operations:\n%s", fmt.Sprintf(format, args...), strings.Join(h.story, "; "), recent)
}

// life is one life of a disk.
type life struct {
	*crashHistory
	inject error       // what the device fails with, nil if it does not
	want   error       // what package disk calls it
	over   atomic.Bool // the power has failed or a store has
	image  *crashFS    // what the power failure left
}

// live opens the disk, checks what it holds, writes until the end, and leaves what survives behind.
func (h *crashHistory) live() {
	l := &life{crashHistory: h}
	survives := fate(h.rng.IntN(int(fates)))
	ending := "power loss"
	switch h.rng.IntN(6) {
	case 0:
		ending, l.inject, l.want = "full disk", syscall.ENOSPC, disk.ErrNoSpace
	case 1:
		ending, l.inject, l.want = "dead device", syscall.EIO, disk.ErrIO
	case 2:
		ending, survives = "closed", dropped
	}
	at, rng := h.rng.IntN(30<<h.rng.IntN(6)), rand.New(rand.NewPCG(h.rng.Uint64(), 0))
	h.story = append(h.story, fmt.Sprintf("%s at operation %d, what is unsynced is %v", ending, at, survives))
	crash := func() {
		if l.image == nil {
			l.image = h.fs.crashed(survives, rng)
			l.over.Store(true)
			for _, s := range h.stores {
				s.crashed()
			}
		}
	}
	h.fs.at, h.fs.strike = at, func() {
		if h.fs.failure = l.inject; ending == "power loss" {
			crash()
		}
	}
	d := l.use()
	if ending != "closed" {
		h.fs.locked(crash)
	}
	if d != nil && l.tolerate("close", d.Close()) && ending == "closed" {
		for _, s := range h.stores {
			s.acknowledged.Store(int64(len(s.states) - 1))
		}
	}
	h.fs.locked(crash)
	if l.inject == syscall.ENOSPC {
		l.openOnFullDisk(rng)
	}
	for _, s := range h.stores {
		s.end()
	}
	h.fs.discard()
	h.fs = l.image
}

// use opens the disk and writes to it. It returns nil if the disk cannot be opened.
func (l *life) use() *Disk {
	d, err := OpenDisk(Settings{
		Dir: "disk", FS: l.fs, CacheBytes: 1 << 20,
		LogMemTableBytes: 256 << 10 << l.rng.IntN(3), StateMemTableBytes: 256 << 10 << l.rng.IntN(3),
	})
	if err != nil {
		l.tolerate("open", err)
		return nil
	}
	group := d.Group(func(f func()) { f() })
	for _, s := range l.stores {
		if !s.start(l, group) {
			return d
		}
	}
	for range 20 + l.rng.IntN(120) {
		if l.over.Load() {
			break
		}
		l.stores[l.rng.IntN(len(l.stores))].act()
	}
	return d
}

// tolerate fails the test for an error that the device did not cause. It says whether there is none.
func (l *life) tolerate(what string, err error) bool {
	l.t.Helper()
	if err == nil {
		return true
	}
	l.over.Store(true)
	var failure error
	l.fs.locked(func() { failure = l.fs.failure })
	if failure == nil || !errors.Is(err, l.want) {
		l.errorf("%s: %v", what, err)
	}
	return false
}

// openOnFullDisk opens what was left while there still is no space.
func (l *life) openOnFullDisk(rng *rand.Rand) {
	var full *crashFS
	l.image.locked(func() { full = l.image.crashed(kept, rng) })
	full.failure = l.inject
	defer full.discard()
	d, err := OpenDisk(Settings{Dir: "disk", FS: full, CacheBytes: 1 << 20})
	if err == nil {
		err = d.Close()
	}
	if err != nil && !errors.Is(err, disk.ErrNoSpace) {
		l.errorf("open while the disk is full: %v", err)
	}
}

// damage flips a bit of a copy of the disk. It says whether opening and reading the disk finds it; else nothing that
// was safe may be missing or wrong.
func (h *crashHistory) damage() (found bool) {
	var fs *crashFS
	h.fs.locked(func() { fs = h.fs.crashed(kept, h.rng) })
	defer fs.discard()
	paths := fs.damageable()
	if len(paths) == 0 {
		return false
	}
	path := paths[h.rng.IntN(len(paths))]
	at, bit := fs.flip(path, h.rng)
	h.story = append(h.story, fmt.Sprintf("in a copy bit %d of byte %d of %s is flipped", bit, at, path))
	d, err := OpenDisk(Settings{Dir: "disk", FS: fs, CacheBytes: 1 << 20})
	if err == nil {
		group := d.Group(func(f func()) { f() })
		for _, s := range h.stores {
			if err = s.checkDamaged(group); err != nil {
				break
			}
		}
		err = errors.Join(err, d.Close())
	}
	unprotected := strings.Contains(path, "OPTIONS-") && errors.Is(err, disk.ErrIO) // a name that Pebble does not know
	if err != nil && !errors.Is(err, disk.ErrCorrupt) && !unprotected {
		h.errorf("open and read a damaged disk: %v", err)
	}
	return err != nil
}

func TestCloseMakesEverythingDurable(t *testing.T) {
	for _, role := range []Role{Log, State} {
		fs := vfs.NewCrashableMem()
		db, err := Open(Options{Dir: "db", FS: fs}, role)
		if err != nil {
			t.Fatal(err)
		}
		var b disk.Batch
		b.Set([]byte("k"), []byte("v"))
		if err := db.Apply(&b); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db, err = Open(Options{Dir: "db", FS: fs.CrashClone(vfs.CrashCloneCfg{})}, role)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := db.Get([]byte("k")); string(v) != "v" {
			t.Errorf("role %d: after Close and a crash Get = %q, %v", role, v, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCommitIsDurableWhenItReturns(t *testing.T) {
	for _, role := range []Role{Log, State} {
		fs := vfs.NewCrashableMem()
		db, err := Open(Options{Dir: "db", FS: fs}, role)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var b disk.Batch
		b.Set([]byte("applied before"), []byte("v"))
		if err := db.Apply(&b); err != nil {
			t.Fatal(err)
		}
		if err := db.Commit(&disk.Batch{}); err != nil {
			t.Fatal(err)
		}
		after, err := Open(Options{Dir: "db", FS: fs.CrashClone(vfs.CrashCloneCfg{})}, role)
		if err != nil {
			t.Fatal(err)
		}
		defer after.Close()
		if v, err := after.Get([]byte("applied before")); string(v) != "v" {
			t.Errorf("role %d: after Commit and a crash Get = %q, %v", role, v, err)
		}
	}
}
