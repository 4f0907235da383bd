package sim

import (
	"bytes"
	"fmt"

	"sqsd/node/disk"
)

// damage is a range of a store's keys that cannot be read.
type damage struct {
	lo, hi  []byte
	lasting bool // beyond the next start
}

// part is the range of the keys between two thousandths of all; nil if there are no keys.
func (c *content) part(first, last int) *damage {
	n := c.tree.Len()
	if n == 0 {
		return nil
	}
	from, _ := c.tree.GetAt(n * first / 1000)
	to, _ := c.tree.GetAt(max(n*first/1000, n*last/1000-1))
	return &damage{lo: bytes.Clone(from.key), hi: append(bytes.Clone(to.key), 0)}
}

func (d *damage) stays() bool { return d != nil && d.lasting }

func (d *damage) error() error { return fmt.Errorf("%w: injected", disk.ErrCorrupt) }

// damagedReader reads around the damage and refuses to read into it.
type damagedReader struct {
	disk.Reader
	damage *damage
	seen   func() // is told when a read was refused
}

// Get implements disk.Reader.
func (r damagedReader) Get(key []byte) ([]byte, error) {
	if bytes.Compare(key, r.damage.lo) >= 0 && bytes.Compare(key, r.damage.hi) < 0 {
		r.seen()
		return nil, r.damage.error()
	}
	return r.Reader.Get(key)
}

// Scan implements disk.Reader: what comes before the damage is read.
func (r damagedReader) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	if bytes.Compare(hi, r.damage.lo) <= 0 || bytes.Compare(lo, r.damage.hi) >= 0 {
		return r.Reader.Scan(lo, hi, f)
	}
	more := true
	if bytes.Compare(lo, r.damage.lo) < 0 {
		err := r.Reader.Scan(lo, r.damage.lo, func(key, value []byte) bool {
			more = f(key, value)
			return more
		})
		if err != nil || !more {
			return err
		}
	}
	r.seen()
	return r.damage.error()
}

// damagedSnapshot is a snapshot of a damaged store.
type damagedSnapshot struct {
	disk.Snapshot
	store *store
}

func (s damagedSnapshot) Get(key []byte) ([]byte, error) { return s.store.through(s.Snapshot).Get(key) }

func (s damagedSnapshot) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	return s.store.through(s.Snapshot).Scan(lo, hi, f)
}

// through reads with what is damaged now.
func (s *store) through(r disk.Reader) disk.Reader {
	d := s.volume.damage
	if d == nil {
		return r
	}
	return damagedReader{r, d, func() {
		s.process.misread = true
		s.process.tell(s.group)
	}}
}
