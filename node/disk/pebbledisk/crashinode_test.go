package pebbledisk

import (
	"maps"
	"path"
	"slices"
)

// inode is a file or a directory of a crashFS: what is safe, and what was changed since, in order.
type inode struct {
	data   []byte  // synced content of a file
	writes []write // of a file, not synced
	size   int     // of a file, with what is not synced

	synced  map[string]*inode // synced entries of a directory, nil for a file
	now     map[string]*inode // its entries
	changes []change          // to its entries, not synced
}

type write struct {
	at    int
	bytes []byte
}

// change is what one operation made of a directory's entries.
type change []entry

// entry is a name's new meaning; nil if it was removed.
type entry struct {
	name  string
	inode *inode
}

func newDir() *inode { return &inode{synced: map[string]*inode{}, now: map[string]*inode{}} }

// enter changes entries, all of them or, in a crash, none.
func (n *inode) enter(entries ...entry) {
	c := change(entries)
	n.changes = append(n.changes, c)
	c.apply(n.now)
}

func (c change) apply(entries map[string]*inode) {
	for _, e := range c {
		if e.inode == nil {
			delete(entries, e.name)
		} else {
			entries[e.name] = e.inode
		}
	}
}

func (e entry) String() string {
	if e.inode == nil {
		return "no " + e.name
	}
	return e.name
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

// content is what a process reads.
func (n *inode) content() []byte {
	data := slices.Clone(n.data)
	for _, w := range n.writes {
		data = put(data, w.at, w.bytes)
	}
	return data
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
