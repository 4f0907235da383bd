package sim

import (
	"fmt"

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
}

func newPebbleMirror(w *World, name string, role pebbledisk.Role) *pebbleMirror {
	m := &pebbleMirror{world: w, name: name, role: role, fs: vfs.NewMem()}
	m.open()
	return m
}

// must ends the run if Pebble returns an error: this file system never fails.
func (m *pebbleMirror) must(err error) {
	if err != nil {
		m.world.violate(model.NothingSilent, "", "Pebble, %s: %v", m.name, err)
	}
}

func (m *pebbleMirror) open() {
	options := pebbledisk.Options{Dir: fmt.Sprint(m.dir), FS: m.fs, MemTableBytes: 1 << 20}
	db, err := pebbledisk.Open(options, m.role)
	m.must(err)
	m.db = db
}

func (m *pebbleMirror) close() {
	if m.db != nil {
		_ = m.db.Close() // the run is over
	}
}

func (m *pebbleMirror) Get(key []byte) ([]byte, error) { return m.db.Get(key) }

func (m *pebbleMirror) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	return m.db.Scan(lo, hi, f)
}

func (m *pebbleMirror) snapshot() disk.Snapshot { return m.db.Snapshot() }

func (m *pebbleMirror) apply(b *disk.Batch) { m.must(m.db.Apply(b)) }

// restart opens the directory again, or fills a new one if the crash has lost writes.
func (m *pebbleMirror) restart(survived *content, lost bool) {
	m.must(m.db.Close())
	if lost {
		m.dir++
	}
	m.open()
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
