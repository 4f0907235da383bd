package sim

import (
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/model"
	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// pebbleMirror keeps the content of a volume on real Pebble over a memory file system. Timing and what a crash keeps
// come from the volume, so a run on Pebble has the same trace as one in memory, or one of the two stores is wrong.
type pebbleMirror struct {
	world *World
	name  string
	role  pebbledisk.Role
	fs    vfs.FS
	dir   int // number of the directory in use
	db    *pebbledisk.DB
	open  []disk.Snapshot // that the node has not closed; a crash closes them
}

func newPebbleMirror(w *World, name string, role pebbledisk.Role) *pebbleMirror {
	m := &pebbleMirror{world: w, name: name, role: role, fs: vfs.NewMem()}
	m.openDir()
	return m
}

// must ends the run if Pebble returns an error: this file system never fails.
func (m *pebbleMirror) must(err error) {
	if err != nil {
		m.world.violate(model.NothingSilent, "", "Pebble, %s: %v", m.name, err)
	}
}

func (m *pebbleMirror) openDir() {
	options := pebbledisk.Options{Dir: fmt.Sprint(m.dir), FS: m.fs, MemTableBytes: 1 << 20}
	db, err := pebbledisk.Open(options, m.role)
	m.must(err)
	m.db = db
}

func (m *pebbleMirror) close() {
	for _, s := range m.open {
		m.must(s.Close())
	}
	m.open = nil
	m.must(m.db.Close())
}

func (m *pebbleMirror) Get(key []byte) ([]byte, error) { return m.db.Get(key) }

func (m *pebbleMirror) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	return m.db.Scan(lo, hi, f)
}

func (m *pebbleMirror) snapshot() disk.Snapshot {
	s := &pebbleSnapshot{m.db.Snapshot(), m}
	m.open = append(m.open, s.Snapshot)
	return s
}

// pebbleSnapshot takes itself off the list of open ones when it is closed.
type pebbleSnapshot struct {
	disk.Snapshot
	mirror *pebbleMirror
}

func (s *pebbleSnapshot) Close() error {
	if i := slices.Index(s.mirror.open, s.Snapshot); i >= 0 {
		s.mirror.open = slices.Delete(s.mirror.open, i, i+1)
	}
	return s.Snapshot.Close()
}

func (m *pebbleMirror) apply(b *disk.Batch) { m.must(m.db.Apply(b)) }

// restart opens the directory again, or fills a new one if the crash has lost writes.
func (m *pebbleMirror) restart(survived *content, lost bool) {
	m.close()
	if lost {
		m.dir++
	}
	m.openDir()
	if !lost {
		return
	}
	var b disk.Batch
	survived.tree.Scan(func(r record) bool {
		b.Set(r.key, r.value)
		return true
	})
	m.apply(&b)
}
