package pebbledisk

import (
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/node/disk"
	"sqsd/node/disk/disktest"
)

func TestStoresKeepTheContract(t *testing.T) {
	t.Run("log", func(t *testing.T) {
		disktest.Run(t, func(t *testing.T) disktest.Opened {
			return openGroup(t, func(d disk.Disk) disk.Store { return d.Log })
		})
	})
	t.Run("state", func(t *testing.T) {
		disktest.Run(t, func(t *testing.T) disktest.Opened {
			return openGroup(t, func(d disk.Disk) disk.Store { return d.State })
		})
	})
}

func openGroup(t *testing.T, choose func(disk.Disk) disk.Store) disktest.Opened {
	d, err := OpenDisk(Settings{Dir: "disk", FS: vfs.NewMem(), CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	var events inbox
	s := &countedStore{Store: choose(d.Group(events.post))}
	return disktest.Opened{Store: s, RunEvents: func() {
		events.run(s.requested)
		s.requested = 0
	}}
}

// countedStore counts syncs, so that a test knows how many completions to wait for.
type countedStore struct {
	disk.Store
	requested int
}

func (s *countedStore) Sync(b *disk.Batch, done func(error)) {
	s.requested++
	s.Store.Sync(b, done)
}

// inbox is a group's event queue for tests.
type inbox struct {
	mu     sync.Mutex
	posted sync.Cond
	queue  []func()
}

func (i *inbox) post(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.queue = append(i.queue, f)
	i.cond().Signal()
}

// run waits for n events and runs them.
func (i *inbox) run(n int) {
	for ; n > 0; n-- {
		i.mu.Lock()
		for len(i.queue) == 0 {
			i.cond().Wait()
		}
		f := i.queue[0]
		i.queue = i.queue[1:]
		i.mu.Unlock()
		f()
	}
}

func (i *inbox) cond() *sync.Cond {
	i.posted.L = &i.mu
	return &i.posted
}
