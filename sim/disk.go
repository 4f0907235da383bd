package sim

import (
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"

	"sqsd/model"
	"sqsd/node/disk"
)

// Fault model: a sync takes the device's latency, which may grow a hundredfold for a while (a stall). A crash keeps a
// prefix of a store's batches that is no shorter than the last one whose sync completed: none, some or all of the
// rest. A device may fail: the next write or sync returns an error, and so does everything after it until the node
// has been started again; what was written since the last completed sync is then kept or lost as in a crash. A full device
// may stay full over restarts, until there is space again.
// A range of keys may be unreadable, see damage.go. Bytes that are read are those that were written: how Pebble finds out
// that they are not is the subject of the tests of node/disk/pebbledisk.
//
// The stores also check how they are used: see content.apply for SingleDelete, and store.usable.

// device is what the stores of one node share.
type device struct {
	latency time.Duration // mean of a sync
	stalled time.Duration // until when syncs are slow
	failing error         // what the next write or sync returns; nil is healthy
	repair  time.Duration // from the stop of a node because of that until its restart
	full    time.Duration // until when there is no space
}

// volume is one store of a node across its crashes.
type volume struct {
	world   *World
	name    string
	device  *device
	late    bool     // writes of Sync become visible when they are durable, not when they are requested
	visible *content // what reads see
	durable *content // what a crash keeps at least
	pending []write  // behind durable, in order
	written uint64   // number of the last write
	shown   uint64   // number of the last write that is in visible
	synced  time.Duration
	damage  *damage // nil if all can be read
	mirror  mirror  // nil unless the run is on real Pebble
}

// write is one batch on its way to being durable.
type write struct {
	number uint64
	batch  *disk.Batch
}

// mirror is a second store that holds the same as visible and serves the reads in its place.
type mirror interface {
	disk.Reader
	apply(b *disk.Batch)
	snapshot() disk.Snapshot
	// restart is called after a crash with what survived; lost says that it is less than what was applied.
	restart(survived *content, lost bool)
	close()
}

func newVolume(w *World, name string, d *device, late bool, m mirror) *volume {
	return &volume{world: w, name: name, device: d, late: late, visible: newContent(), durable: newContent(), mirror: m}
}

// store is a volume as one group of one boot of a node sees it. It implements disk.Store.
type store struct {
	volume  *volume
	process *process
	boot    uint64
	group   int // or ofNode
}

// Apply implements disk.Store.
func (s *store) Apply(b *disk.Batch) error {
	if err := s.usable(); err != nil {
		s.process.tell(s.group)
		return err
	}
	s.process.trace(kindWrite, digest(b))
	s.volume.show(s.volume.add(b))
	return nil
}

// Sync implements disk.Store.
func (s *store) Sync(b *disk.Batch, done func(error)) {
	v, p := s.volume, s.process
	finish := func(err error) {
		p.event(s.group, func() {
			if err != nil {
				p.tell(s.group)
			}
			done(err)
		})
	}
	if err := s.usable(); err != nil {
		p.after(0, func() { finish(err) })
		return
	}
	p.trace(kindSync, digest(b))
	if v == p.state && b.Len() > 0 {
		p.world.faults.writes(p, s.group)
	}
	number := v.add(b)
	if !v.late {
		v.show(number)
	}
	p.afterUnpaused(v.delay(), func() {
		if err := s.usable(); err != nil {
			finish(err)
			return
		}
		v.harden(number)
		p.trace(kindSynced, number)
		finish(nil)
	})
}

// usable returns the error of a failed device, and reports a replica that goes on after its node has crashed.
func (s *store) usable() error {
	if s.boot != s.process.boot || !s.process.alive {
		s.volume.world.violate(model.NothingSilent, "", "the %s is used after its node has crashed", s.volume.name)
		return disk.ErrIO
	}
	if err := s.volume.device.failing; err != nil {
		s.process.failedDevice = true
		return err
	}
	return nil
}

func (s *store) reader() disk.Reader {
	if s.boot != s.process.boot {
		s.usable()
	}
	if s.volume.mirror != nil {
		return s.through(s.volume.mirror)
	}
	return s.through(s.volume.visible)
}

// Get implements disk.Reader.
func (s *store) Get(key []byte) ([]byte, error) { return s.reader().Get(key) }

// Scan implements disk.Reader.
func (s *store) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	return s.reader().Scan(lo, hi, f)
}

// Snapshot implements disk.Store.
func (s *store) Snapshot() disk.Snapshot {
	if s.volume.mirror != nil {
		return damagedSnapshot{s.volume.mirror.snapshot(), s}
	}
	return damagedSnapshot{s.volume.visible.clone(), s}
}

// add copies a batch behind the others.
func (v *volume) add(b *disk.Batch) (number uint64) {
	copied := new(disk.Batch)
	copied.Append(b)
	v.written++
	v.pending = append(v.pending, write{number: v.written, batch: copied})
	return v.written
}

// show makes the writes up to number visible.
func (v *volume) show(number uint64) {
	for v.shown < number {
		w := &v.pending[v.shown+1-v.pending[0].number]
		if err := v.visible.apply(w.batch); err != nil {
			v.world.differ(model.NothingSilent, "", "%s: %v", v.name, err)
		}
		if v.mirror != nil {
			v.mirror.apply(w.batch)
		}
		v.shown = w.number
	}
}

// delay draws when a sync that is requested now completes. Syncs of a volume complete in order.
func (v *volume) delay() time.Duration {
	w := v.world
	took := v.device.latency/4 + w.random.disk.spread(v.device.latency)
	if v.device.stalled > w.now {
		took = min(100*took, v.device.stalled-w.now+took)
	}
	v.synced = max(v.synced, w.now+took)
	return v.synced - w.now
}

// harden makes the writes up to number durable.
func (v *volume) harden(number uint64) {
	v.show(number)
	n := 0
	for n < len(v.pending) && v.pending[n].number <= number {
		_ = v.durable.apply(v.pending[n].batch) // show has judged it
		n++
	}
	v.pending = append(v.pending[:0], v.pending[n:]...)
}

// crash forgets a part of what is not durable.
func (v *volume) crash() {
	r := v.world.random.disk
	keep := 0
	switch r.IntN(3) {
	case 0:
		keep = len(v.pending)
	case 1:
		keep = r.between(0, len(v.pending))
	}
	lost := v.shown > 0 && keep < len(v.pending) && v.shown >= v.pending[keep].number
	if keep > 0 {
		v.harden(v.pending[keep-1].number)
	}
	v.world.trace.hash(kindCrash, 0, uint64(keep)<<32|uint64(len(v.pending)))
	if n := len(v.pending); n > 0 {
		v.world.trace.printf(0, "%s loses %d writes", v.name, n)
	}
	v.visible, v.pending, v.shown, v.synced = v.durable.clone(), v.pending[:0], v.written, v.world.now
	if v.mirror != nil {
		v.mirror.restart(v.visible, lost)
	}
}

// digest is a hash of a batch's writes.
func digest(b *disk.Batch) uint64 {
	var d xxhash.Digest
	d.Reset()
	b.Each(func(kind disk.OpKind, key, value []byte) {
		d.Write([]byte{byte(kind), byte(len(key))})
		d.Write(key)
		d.Write(value)
	})
	return d.Sum64()
}

// restart makes the device healthy again, unless it is full.
func (d *device) restart(now time.Duration) {
	if d.full <= now {
		d.failing = nil
	}
}

// fail makes the device fail from now on.
func (d *device) fail(err error, repair time.Duration) {
	d.failing, d.repair = fmt.Errorf("injected: %w", err), repair
}
