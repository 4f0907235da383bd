package pebbledisk

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// inode is a file or a directory of a crashFS: what is safe, and what was changed since, in order.
type inode struct {
	data   []byte  // synced content of a file
	writes []write // of a file, not synced
	size   int     // of a file, with what is not synced

	synced  map[string]*inode // synced entries of a directory, nil for a file
	now     map[string]*inode // its entries
	changes []entry           // to its entries, not synced
}

type write struct {
	at    int
	bytes []byte
}

// entry is a name's new meaning; nil if it was removed.
type entry struct {
	name  string
	inode *inode
}

func newDir() *inode { return &inode{synced: map[string]*inode{}, now: map[string]*inode{}} }

func (n *inode) enter(name string, to *inode) {
	n.changes = append(n.changes, entry{name, to})
	setEntry(n.now, name, to)
}

func setEntry(entries map[string]*inode, name string, to *inode) {
	if to == nil {
		delete(entries, name)
	} else {
		entries[name] = to
	}
}

func (n *inode) write(at int, p []byte) {
	n.writes = append(n.writes, write{at, slices.Clone(p)})
	n.size = max(n.size, at+len(p))
}

func (n *inode) sync() {
	for _, w := range n.writes {
		n.data = put(n.data, w.at, w.bytes)
	}
	n.synced = maps.Clone(n.now)
	n.writes, n.changes = nil, nil
}

// put writes into a file's content, with zeros before it if that ends earlier.
func put(data []byte, at int, p []byte) []byte {
	if end := at + len(p); end > len(data) {
		data = slices.Grow(data, end-len(data))
		clear(data[len(data):end])
		data = data[:end]
	}
	copy(data[at:], p)
	return data
}

// fate is what becomes, in a crash, of the changes to a file or directory that were not synced.
type fate int

const (
	dropped   fate = iota
	kept           // as when only the process dies
	torn           // the first ones are kept, one perhaps in part
	scattered      // any are kept, of writes any sectors
	flipped        // as torn, with flipped bits in some sectors of files
	mixed          // each file and directory has another of the fates
	fates
)

func (f fate) String() string {
	return [...]string{"dropped", "kept", "torn", "scattered", "flipped", "mixed"}[f]
}

const sector = 512 // bytes

// crashed is the file system that a crash leaves. The caller holds mu.
func (fs *crashFS) crashed(f fate, rng *rand.Rand) *crashFS {
	image := newCrashFS(rng.Uint64())
	c := &crash{image: image, fate: f, rng: rng, copies: map[*inode]*inode{}}
	image.root = c.copyDir(fs.root, "")
	return image
}

// crash is the making of an image.
type crash struct {
	image  *crashFS
	fate   fate
	rng    *rand.Rand
	copies map[*inode]*inode // of files, which can have several names
}

func (c *crash) fateOfOne() fate {
	if c.fate == mixed {
		return fate(c.rng.IntN(int(mixed)))
	}
	return c.fate
}

func (c *crash) copyDir(dir *inode, at string) *inode {
	left := newDir()
	entries := maps.Clone(dir.synced)
	f, percent := c.fateOfOne(), c.rng.IntN(100)
	whole := c.rng.IntN(len(dir.changes) + 1)
	lost, barrier := false, false
	for i, e := range dir.changes {
		// Pebble relies on two orders that journaling file systems keep: a removal does not come before earlier changes,
		// and nothing comes before the entry of a file that was itself synced.
		anyway := f == scattered && c.rng.IntN(100) < percent && (e.inode != nil || !lost) && !barrier
		if f == kept || (f == torn || f == flipped) && i < whole || anyway {
			setEntry(entries, e.name, e.inode)
		} else {
			lost, barrier = true, barrier || e.inode != nil && len(e.inode.data) > 0
		}
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		from, to := entries[name], path.Join(at, name)
		if from.synced != nil {
			c.must(c.image.MemFS.MkdirAll(to, 0o755))
			left.now[name] = c.copyDir(from, to)
		} else {
			left.now[name] = c.copyFile(from, to)
		}
	}
	left.synced = maps.Clone(left.now)
	return left
}

func (c *crash) copyFile(from *inode, to string) *inode {
	left := c.copies[from]
	if left == nil {
		left = &inode{data: c.content(from)}
		left.size = len(left.data)
		c.copies[from] = left
	}
	f, err := c.image.MemFS.Create(to, vfs.WriteCategoryUnspecified)
	c.must(err)
	_, err = f.Write(left.data)
	c.must(err)
	c.must(f.Close())
	return left
}

// content is what is left of a file.
func (c *crash) content(n *inode) []byte {
	data := slices.Clone(n.data)
	unsynced := 0
	for _, w := range n.writes {
		unsynced += len(w.bytes)
	}
	f, percent, rest := c.fateOfOne(), c.rng.IntN(100), unsynced
	if f == torn || f == flipped && c.rng.IntN(2) == 0 {
		rest = c.rng.IntN(unsynced + 1)
	}
	for _, w := range n.writes {
		for at, p := w.at, w.bytes; len(p) > 0; {
			size := min(sector-at%sector, len(p))
			piece := p[:min(size, rest)]
			rest -= len(piece)
			switch {
			case f == dropped, f == scattered && c.rng.IntN(100) >= percent:
				piece = nil
			case f == flipped && c.rng.IntN(100) < percent/2:
				piece = flip(piece, c.rng)
			}
			if len(piece) > 0 {
				data = put(data, at, piece)
			}
			at, p = at+size, p[size:]
		}
	}
	if f != dropped && c.rng.IntN(2) == 0 { // the size is known, the blocks were not written
		data = put(data, n.size, nil)
	}
	return data
}

// flip returns bytes with one bit changed.
func flip(p []byte, rng *rand.Rand) []byte {
	if len(p) == 0 {
		return p
	}
	p = slices.Clone(p)
	p[rng.IntN(len(p))] ^= 1 << rng.IntN(8)
	return p
}

func (c *crash) must(err error) {
	if err != nil {
		panic(fmt.Sprintf("memory file system: %v", err)) // it cannot fail
	}
}

// smallBlock is the size of a file whose blocks are all small: from the checksum of a block Pebble tries to find the bit
// that was flipped, which takes a second for 32 KiB and half a minute for 1 MiB.
const smallBlock = 16 << 10

// damageable lists the files that are not empty, of tables and value files only small ones.
func (fs *crashFS) damageable() (paths []string) {
	fs.root.each("", func(at string, n *inode) {
		if n.size > 0 && (n.size <= smallBlock || path.Ext(at) != ".sst" && path.Ext(at) != ".blob") {
			paths = append(paths, at)
		}
	})
	return paths
}

// each calls f with the files in a directory and below.
func (n *inode) each(at string, f func(at string, n *inode)) {
	for _, name := range slices.Sorted(maps.Keys(n.now)) {
		if child := n.now[name]; child.now != nil {
			child.each(path.Join(at, name), f)
		} else {
			f(path.Join(at, name), child)
		}
	}
}

// discard gives up the content, which the goroutines of a store that has failed would keep in memory.
func (fs *crashFS) discard() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.root.each("", func(at string, _ *inode) { _ = fs.MemFS.Remove(at) }) // LOCK may have no entry there
	fs.root, fs.failure = newDir(), syscall.EIO
}

// flip changes one bit of a file.
func (fs *crashFS) flip(path string, rng *rand.Rand) (at, bit int) {
	data, err := fs.UnsafeGetFileDataBuffer(path)
	if err != nil {
		panic(err)
	}
	at, bit = rng.IntN(len(data)), rng.IntN(8)
	data[at] ^= 1 << bit
	return at, bit
}
