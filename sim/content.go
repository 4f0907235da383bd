package sim

import (
	"bytes"
	"fmt"

	"github.com/tidwall/btree"

	"sqsd/node/disk"
)

// record is one key of a store.
type record struct {
	key, value []byte
	sets       uint32 // since the key was last removed
}

// content is what a store holds at one moment, in memory. Copies share their nodes until one side writes.
type content struct {
	tree *btree.BTreeG[record]
}

func newContent() *content {
	less := func(a, b record) bool { return bytes.Compare(a.key, b.key) < 0 }
	return &content{tree: btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})}
}

// clone is a copy that later writes to either side do not touch.
func (c *content) clone() *content { return &content{tree: c.tree.Copy()} }

// apply makes the writes of b, whose memory the content keeps. It returns an error if b breaks the contract of
// SingleDelete; the writes are made all the same.
func (c *content) apply(b *disk.Batch) error {
	var broken error
	b.Each(func(kind disk.OpKind, key, value []byte) {
		switch kind {
		case disk.OpSet:
			old, _ := c.tree.Get(record{key: key})
			c.tree.Set(record{key: key, value: value, sets: old.sets + 1})
		case disk.OpDelete:
			c.tree.Delete(record{key: key})
		case disk.OpSingleDelete:
			old, _ := c.tree.Delete(record{key: key})
			if old.sets != 1 {
				broken = fmt.Errorf("single delete of key %x, which was set %d times", key, old.sets)
			}
		case disk.OpDeleteRange:
			if bytes.Compare(key, value) >= 0 {
				return
			}
			c.tree.DeleteRange(record{key: key}, record{key: value}, &btree.DeleteRangeOptions{NoReturn: true})
		}
	})
	return broken
}

func (c *content) Get(key []byte) ([]byte, error) {
	r, ok := c.tree.Get(record{key: key})
	if !ok {
		return nil, disk.ErrNotFound
	}
	return append(make([]byte, 0, len(r.value)), r.value...), nil
}

func (c *content) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	c.tree.Ascend(record{key: lo}, func(r record) bool {
		return bytes.Compare(r.key, hi) < 0 && f(r.key, r.value)
	})
	return nil
}

// Close lets a copy serve as a snapshot.
func (c *content) Close() error { return nil }
