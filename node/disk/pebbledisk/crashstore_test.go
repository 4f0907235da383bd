package pebbledisk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"

	"sqsd/node/disk"
)

// storeHistory is one store of a disk over several lives.
type storeHistory struct {
	*crashHistory
	name  string
	of    func(disk.Disk) disk.Store
	life  *life
	store disk.Store // of this life
	// states[i] is what the store holds after i batches.
	states []map[string]string
	once   []string   // keys in the last state that were set once
	syncs  []syncCall // of this life

	acknowledged atomic.Int64 // batches
	survivors    atomic.Int64 // of them, when the power failed
	failed       atomic.Bool  // a Sync of this life has
	floor        int          // batches that must have survived
	proven       int          // of them, those whose loss to damage must be found
}

// syncCall says how many batches were acknowledged when one was given to Sync.
type syncCall struct{ batch, acknowledged int }

func newStoreHistory(h *crashHistory, name string, of func(disk.Disk) disk.Store) *storeHistory {
	return &storeHistory{crashHistory: h, name: name, of: of, states: []map[string]string{{}}}
}

// start begins a life with a check of what survived. It returns false if that cannot be read.
func (s *storeHistory) start(l *life, group disk.Disk) bool {
	s.life, s.store, s.syncs = l, s.of(group), nil
	survived, err := s.check(s.store)
	if !l.tolerate("read the "+s.name, err) {
		return false
	}
	if survived < s.floor {
		s.errorf("%d batches of the %s survived, but %d were acknowledged", survived, s.name, s.floor)
		return false
	}
	s.states = s.states[:survived+1]
	s.once = nil
	for key := range s.states[survived] {
		if strings.HasPrefix(key, "once") {
			s.once = append(s.once, key)
		}
	}
	slices.Sort(s.once)
	if !l.over.Load() {
		s.floor, s.proven = survived, survived // Open has made durable what it read
		s.acknowledged.Store(int64(survived))
	}
	s.failed.Store(false)
	return true
}

// crashed notes what must have survived when the power fails.
func (s *storeHistory) crashed() { s.survivors.Store(s.acknowledged.Load()) }

// end ends a life.
func (s *storeHistory) end() {
	s.floor = max(s.floor, int(s.survivors.Load()))
	s.acknowledged.Store(int64(s.floor))
	if s.name == "state" {
		s.proven = s.floor
		return
	}
	// A commit in the log says how many others had been synced before it. One of the commits may be damaged, so that
	// the last but one is what can be relied on.
	synced := slices.DeleteFunc(s.syncs, func(c syncCall) bool { return c.batch > s.floor })
	if n := len(synced); n > 1 {
		s.proven = max(s.proven, synced[n-2].acknowledged)
	}
}

// check compares what the store holds with the state after as many batches as it says.
func (s *storeHistory) check(r disk.Reader) (batches int, err error) {
	got := map[string]string{}
	err = r.Scan([]byte("\x00"), []byte("\xff"), func(key, value []byte) bool {
		got[string(key)] = string(value)
		return true
	})
	if err != nil {
		return 0, err
	}
	number, err := r.Get([]byte("number"))
	if err == nil {
		batches = int(binary.BigEndian.Uint64(number))
	} else if !errors.Is(err, disk.ErrNotFound) {
		return 0, err
	}
	if batches >= len(s.states) {
		s.errorf("%d batches of the %s survived of %d", batches, s.name, len(s.states)-1)
		return 0, nil
	}
	var wrong []string
	for key := range s.states[batches] {
		if got[key] != s.states[batches][key] {
			wrong = append(wrong, key)
		}
	}
	for key := range got {
		if _, known := s.states[batches][key]; !known {
			wrong = append(wrong, key)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		s.errorf("after %d batches the %s has lost, kept or changed the keys %q", batches, s.name, wrong)
	}
	return batches, nil
}

// checkDamaged checks a store in which a bit was flipped.
func (s *storeHistory) checkDamaged(group disk.Disk) error {
	batches, err := s.check(s.of(group))
	if err == nil && batches < s.proven {
		s.errorf("the %s silently lost %d of %d batches that were safe", s.name, s.proven-batches, s.proven)
	}
	return err
}

// act writes a batch.
func (s *storeHistory) act() {
	var b disk.Batch
	if s.rng.IntN(20) > 0 {
		s.fill(&b)
	} // else sync what was applied
	number := len(s.states) - 1
	if b.Len() > 0 && s.rng.IntN(3) > 0 {
		s.life.tolerate("write to the "+s.name, s.store.Apply(&b))
		return
	}
	s.syncs = append(s.syncs, syncCall{number, int(s.acknowledged.Load())})
	s.store.Sync(&b, func(err error) { s.synced(number, err) })
}

// synced is called when a sync completes.
func (s *storeHistory) synced(batch int, err error) {
	switch {
	case !s.life.tolerate("sync of the "+s.name, err):
		s.failed.Store(true)
	case s.failed.Load():
		s.errorf("batch %d of the %s is acknowledged after another one failed", batch, s.name)
	default:
		s.acknowledged.Store(int64(batch))
	}
}

// fill makes a batch that has its number in it, and notes what the store holds after it.
func (s *storeHistory) fill(b *disk.Batch) {
	state := maps.Clone(s.states[len(s.states)-1])
	set := func(key string, value []byte) {
		b.Set([]byte(key), value)
		state[key] = string(value)
	}
	for range 1 + s.rng.IntN(4) {
		key := fmt.Sprintf("k%02d", s.rng.IntN(30))
		switch s.rng.IntN(8) {
		case 0:
			b.Delete([]byte(key))
			delete(state, key)
		case 1:
			hi := key + "~"
			b.DeleteRange([]byte(key), []byte(hi))
			maps.DeleteFunc(state, func(k, _ string) bool { return k >= key && k < hi })
		case 2:
			key = fmt.Sprintf("once%06d.%d", len(s.states), b.Len())
			s.once = append(s.once, key)
			set(key, s.value())
		case 3:
			if n := len(s.once); n > 0 {
				i := s.rng.IntN(n)
				b.SingleDelete([]byte(s.once[i]))
				delete(state, s.once[i])
				s.once = slices.Delete(s.once, i, i+1)
			}
		default:
			set(key, s.value())
		}
	}
	set("number", binary.BigEndian.AppendUint64(nil, uint64(len(s.states))))
	s.states = append(s.states, state)
}

// value makes a value, mostly a small one.
func (s *storeHistory) value() []byte {
	most := 4 << 10
	switch n := s.rng.IntN(100); {
	case n < 2:
		most = 1 << 20
	case n < 10:
		most = 64 << 10
	}
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], s.rng.Uint64())
	value := make([]byte, s.rng.IntN(most+1))
	rand.NewChaCha8(seed).Read(value)
	return value
}
