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

// What a power failure may do is wider here than on any file system that we know. Of the changes to a directory that
// were not synced any may be lost, whatever was done before or after them, in this directory or another; a file that
// was removed may come back. Nothing is assumed between the entry of a file and its data: a file may be there empty,
// with zeros up to its size, or with any of its sectors, and a synced file may have no entry. Linux's ext4, XFS, btrfs
// and F2FS lose less: they keep the order in which directories were changed (linux-kernel, "metadata operation
// reordering regards to crash", September 2018).
//
// What is assumed: after a sync of a file its data and size are safe, after one of a directory its entries; a rename
// happens whole or not at all; and what was never written reads as zeros, not as what the blocks held before, as on XFS
// and on ext4 with data=ordered.
//
// When only the process dies everything is still there in the next life, but no more of it is safe than was before.

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
	c := &crash{fate: f, rng: rng, copies: map[*inode]*inode{}}
	image.root = c.copy(fs.root)
	image.fill(image.root, "")
	return image
}

// fill writes the content of a directory to memory.
func (fs *crashFS) fill(dir *inode, at string) {
	for _, name := range slices.Sorted(maps.Keys(dir.now)) {
		n, to := dir.now[name], path.Join(at, name)
		if n.now != nil {
			must(fs.MemFS.MkdirAll(to, 0o755))
			fs.fill(n, to)
			continue
		}
		f, err := fs.MemFS.Create(to, vfs.WriteCategoryUnspecified)
		must(err)
		_, err = f.Write(n.content())
		must(err)
		must(f.Close())
	}
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("memory file system: %v", err)) // it cannot fail
	}
}

// crash is the making of an image.
type crash struct {
	fate   fate
	rng    *rand.Rand
	copies map[*inode]*inode // of files and directories, which can have several names
}

func (c *crash) fateOfOne() fate {
	if c.fate == mixed {
		return fate(c.rng.IntN(int(mixed)))
	}
	return c.fate
}

// copy returns what is left of a file or directory, nil of nil.
func (c *crash) copy(n *inode) *inode {
	left := c.copies[n]
	if left != nil || n == nil {
		return left
	}
	left = &inode{}
	c.copies[n] = left
	switch {
	case c.fate == kept:
		left.data, left.writes, left.size = slices.Clone(n.data), slices.Clone(n.writes), n.size
		if n.now != nil {
			left.synced, left.now = c.copyEntries(n.synced), c.copyEntries(n.now)
		}
		for _, unsynced := range n.changes {
			var own change
			for _, e := range unsynced {
				own = append(own, entry{e.name, c.copy(e.inode)})
			}
			left.changes = append(left.changes, own)
		}
	case n.now != nil:
		left.now = c.copyEntries(c.entries(n))
		left.synced = maps.Clone(left.now)
	default:
		left.data = c.content(n)
		left.size = len(left.data)
	}
	return left
}

// copyEntries keeps an order, so that a seed's randomness goes the same way.
func (c *crash) copyEntries(entries map[string]*inode) map[string]*inode {
	own := map[string]*inode{}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		own[name] = c.copy(entries[name])
	}
	return own
}

// entries are what is left of a directory.
func (c *crash) entries(dir *inode) map[string]*inode {
	entries := maps.Clone(dir.synced)
	f, percent := c.fateOfOne(), c.rng.IntN(100)
	whole := c.rng.IntN(len(dir.changes) + 1)
	for i, change := range dir.changes {
		if f == kept || (f == torn || f == flipped) && i < whole || f == scattered && c.rng.IntN(100) < percent {
			change.apply(entries)
		}
	}
	return entries
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
