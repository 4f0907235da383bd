package pebbledisk

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"sqsd/node/disk"
)

// A power failure strikes before each operation of a few short lives, and of the changes to the store's directory that
// were not synced any are kept: no file system is needed that keeps their order.
func TestAStoreSurvivesWithAnyOfItsUnsyncedDirectoryEntries(t *testing.T) {
	for _, role := range []Role{Log, State} {
		fs := newCrashFS(0)
		var committed atomic.Int64
		var images []orderImage
		fs.strike = func() {
			fs.at++
			images = append(images, orderImages(fs, committed.Load())...)
		}
		for range 3 {
			db, err := Open(Options{Dir: "db", FS: fs}, role)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				var b disk.Batch
				b.Set(fmt.Append(nil, committed.Load()), []byte("v"))
				if err := db.Commit(&b); err != nil {
					t.Fatal(err)
				}
				committed.Add(1)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if len(images) < 50 {
			t.Errorf("role %d: only %d crashes", role, len(images))
		}
		for _, image := range images {
			image.check(t, role)
		}
	}
}

// orderImage is what a power failure left of a store.
type orderImage struct {
	fs        *crashFS
	story     string
	committed int64
}

// orderImages makes an image for each choice of the unsynced changes to the store's directory. The caller holds mu.
func orderImages(fs *crashFS, committed int64) (images []orderImage) {
	db := fs.lookup("db")
	if db == nil || len(db.changes) == 0 {
		return nil
	}
	synced, changes := db.synced, db.changes
	defer func() { db.synced = synced }()
	for choice := range 1 << len(changes) {
		db.synced = maps.Clone(synced)
		story := fmt.Sprintf("crash before operation %d, kept:", fs.done)
		for i, c := range changes {
			if choice>>i&1 == 1 {
				c.apply(db.synced)
				story += fmt.Sprintf(" %v", c)
			}
		}
		image := fs.crashed(dropped, rand.New(rand.NewPCG(0, 0)))
		images = append(images, orderImage{fs: image, story: story, committed: committed})
	}
	return images
}

func (i *orderImage) check(t *testing.T, role Role) {
	t.Helper()
	defer i.fs.discard()
	db, err := Open(Options{Dir: "db", FS: i.fs}, role)
	if err != nil {
		t.Errorf("role %d: open: %v\n%s", role, err, i.story)
		return
	}
	found := int64(0)
	if err := db.Scan([]byte("0"), []byte(":"), func(_, _ []byte) bool { found++; return true }); err != nil {
		t.Error(err)
	}
	if found < i.committed {
		t.Errorf("role %d: %d of %d committed batches survived\n%s", role, found, i.committed, i.story)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
