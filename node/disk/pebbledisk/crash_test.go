package pebbledisk

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/node/disk"
)

// The oracle of these tests is package disk's promise: after a crash a store holds the effect of a prefix of its
// batches that is no shorter than the last batch whose Sync completed. Crashes come at random moments, between any two
// operations of the file system, and keep none, some or all of the blocks and directory entries that were not synced.

func TestACrashLeavesAPrefixThatHoldsWhatWasSynced(t *testing.T) {
	for _, store := range []struct {
		name   string
		choose func(disk.Disk) disk.Store
	}{
		{"log", func(d disk.Disk) disk.Store { return d.Log }},
		{"state", func(d disk.Disk) disk.Store { return d.State }},
	} {
		for _, unsynced := range []int{0, 50, 100} {
			for seed := range uint64(4) {
				t.Run(fmt.Sprintf("%s/unsynced=%d%%/seed=%d", store.name, unsynced, seed), func(t *testing.T) {
					t.Parallel()
					h := &crashHistory{
						rng:    rand.New(rand.NewPCG(seed, 0)),
						fs:     vfs.NewCrashableMem(),
						states: []map[string]string{{}},
					}
					for range 6 {
						h.live(t, store.choose, unsynced)
					}
				})
			}
		}
	}
}

// crashHistory is one store over several lives.
type crashHistory struct {
	rng *rand.Rand
	fs  *vfs.MemFS
	// states[i] is what the store holds after i batches.
	states []map[string]string
}

// live opens the store, checks what it holds, writes until a crash, and leaves the surviving file system behind.
func (h *crashHistory) live(t *testing.T, choose func(disk.Disk) disk.Store, unsynced int) {
	d, err := OpenDisk(Settings{
		Dir: "disk", FS: h.fs, CacheBytes: 1 << 20, LogMemTableBytes: 256 << 10, StateMemTableBytes: 256 << 10,
	})
	if err != nil {
		t.Fatalf("open after a crash: %v", err)
	}
	defer d.Close()
	var acknowledged atomic.Int64 // batches
	store := choose(d.Group(func(f func()) { f() }))
	h.check(t, store)

	batches := 20 + h.rng.IntN(120)
	crash := h.rng.IntN(batches)
	survivors := make(chan *vfs.MemFS, 1)
	floor := 0
	for i := range batches {
		number := len(h.states)
		b := h.nextBatch()
		if h.rng.IntN(3) == 0 {
			store.Sync(b, func(err error) {
				if err != nil {
					t.Errorf("sync of batch %d: %v", number, err)
				}
				acknowledged.Store(int64(number))
			})
		} else if err := store.Apply(b); err != nil {
			t.Fatal(err)
		}
		if i == crash {
			floor = int(acknowledged.Load())
			seed := h.rng.Uint64()
			go func() { // beside the writes that follow
				survivors <- h.fs.CrashClone(vfs.CrashCloneCfg{
					UnsyncedDataPercent: unsynced, RNG: rand.New(rand.NewPCG(seed, 0)),
				})
			}()
		}
	}
	survivor := <-survivors
	h.cut(t, survivor, choose, floor)
	h.fs = survivor
}

// nextBatch makes a batch that has its number in it, and notes what the store holds after it.
func (h *crashHistory) nextBatch() *disk.Batch {
	var b disk.Batch
	state := maps.Clone(h.states[len(h.states)-1])
	for range 1 + h.rng.IntN(4) {
		key := fmt.Sprintf("k%02d", h.rng.IntN(30))
		switch h.rng.IntN(5) {
		case 0:
			b.Delete([]byte(key))
			delete(state, key)
		case 1:
			hi := key + "~"
			b.DeleteRange([]byte(key), []byte(hi))
			maps.DeleteFunc(state, func(k, _ string) bool { return k >= key && k < hi })
		default:
			value := make([]byte, h.rng.IntN(4000))
			for i := range value {
				value[i] = byte(len(h.states) + i)
			}
			b.Set([]byte(key), value)
			state[key] = string(value)
		}
	}
	number := binary.BigEndian.AppendUint64(nil, uint64(len(h.states)))
	b.Set([]byte("number"), number)
	state["number"] = string(number)
	h.states = append(h.states, state)
	return &b
}

// cut finds how many batches survived, which must be no fewer than floor, and forgets the others.
func (h *crashHistory) cut(t *testing.T, fs vfs.FS, choose func(disk.Disk) disk.Store, floor int) {
	d, err := OpenDisk(Settings{Dir: "disk", FS: fs, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatalf("open after a crash: %v", err)
	}
	defer d.Close()
	survived := 0
	if v, err := choose(d.Group(func(f func()) { f() })).Get([]byte("number")); err == nil {
		survived = int(binary.BigEndian.Uint64(v))
	}
	if survived < floor {
		t.Fatalf("%d batches survived, but %d were acknowledged", survived, floor)
	}
	if survived >= len(h.states) {
		t.Fatalf("%d batches survived of %d", survived, len(h.states)-1)
	}
	h.states = h.states[:survived+1]
}

// check compares the store with the effect of the batches that survived so far.
func (h *crashHistory) check(t *testing.T, r disk.Reader) {
	t.Helper()
	got := map[string]string{}
	err := r.Scan([]byte("\x00"), []byte("\xff"), func(key, value []byte) bool {
		got[string(key)] = string(value)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := h.states[len(h.states)-1]; !maps.Equal(got, want) {
		t.Fatalf("after %d batches the store holds keys %q, want %q with the values last set",
			len(h.states)-1, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
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
