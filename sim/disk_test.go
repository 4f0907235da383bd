package sim

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sqsd/node/disk"
	"sqsd/node/disk/disktest"
)

func TestStoresKeepTheContract(t *testing.T) {
	for _, onPebble := range []bool{false, true} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("pebble=%v/late=%v", onPebble, late), func(t *testing.T) {
				disktest.Run(t, func(t *testing.T) disktest.Opened {
					plan := quietPlan(5, 1)
					plan.disk.late = late
					w := newWorld(plan, Options{Pebble: onPebble})
					p := w.processes[0]
					p.boot, p.alive, p.members = 1, true, []member{{scheduled: true}}
					t.Cleanup(p.close)
					return disktest.Opened{
						Store:     &store{volume: p.state, process: p, boot: 1},
						RunEvents: func() { w.until(w.now+time.Minute, nil) },
					}
				})
			})
		}
	}
}

// key is a key that sorts like its number.
func key(i int) []byte { return fmt.Appendf(nil, "%06d", i) }

func TestACrashKeepsAPrefixNoShorterThanTheLastSync(t *testing.T) {
	kept := map[int]bool{}
	for seed := range uint64(200) {
		plan := quietPlan(seed, 1)
		plan.disk.late = seed%2 == 0
		w, p := bootless(plan)
		s := &store{volume: p.state, process: p, boot: 1}
		synced := 0
		const writes = 40
		for i := 1; i <= writes; i++ {
			var b disk.Batch
			b.Set(key(i), nil)
			if i%7 == 0 {
				s.Sync(&b, func(err error) {
					if err != nil {
						t.Error(err)
					}
					synced = i
				})
			} else if err := s.Apply(&b); err != nil {
				t.Fatal(err)
			}
			w.until(w.now+100*time.Microsecond, nil)
		}
		p.crash("test")
		p.boot, p.alive = 2, true
		s = &store{volume: p.state, process: p, boot: 2}
		n := 0
		_ = s.Scan(key(0), key(writes+1), func(k, _ []byte) bool {
			n++
			if string(k) != string(key(n)) {
				t.Fatalf("seed %d: key %s is there without those before it", seed, k)
			}
			return true
		})
		if n < synced {
			t.Fatalf("seed %d: %d writes are left, %d were synced", seed, n, synced)
		}
		kept[n-synced] = true
	}
	if len(kept) < 5 {
		t.Errorf("crashes keep %v writes behind the last sync: too little variety", kept)
	}
}

func TestSingleDeleteOfAKeySetTwiceBreaksTheContract(t *testing.T) {
	w, p := bootless(quietPlan(1, 1))
	s := &store{volume: p.state, process: p, boot: 1}
	write := func(f func(b *disk.Batch)) func() {
		return func() {
			var b disk.Batch
			f(&b)
			_ = s.Apply(&b)
		}
	}
	set := write(func(b *disk.Batch) { b.Set([]byte("k"), nil) })
	remove := write(func(b *disk.Batch) { b.SingleDelete([]byte("k")) })
	for range 2 {
		set()
		if remove(); w.difference != nil {
			t.Fatalf("removing a key that was set once: %v", w.difference)
		}
	}
	set()
	set()
	if remove(); w.difference == nil {
		t.Error("removing a key that was set twice is not noticed")
	}
}

func TestAStoreIsNotUsedAfterACrash(t *testing.T) {
	_, p := bootless(quietPlan(1, 1))
	s := &store{volume: p.state, process: p, boot: 1}
	p.crash("test")
	if breaks(func() { _ = s.Apply(new(disk.Batch)) }) == nil {
		t.Error("a write after a crash is not noticed")
	}
}

func TestAFailedDeviceAcknowledgesNothingMore(t *testing.T) {
	w, p := bootless(quietPlan(1, 1))
	s := &store{volume: p.state, process: p, boot: 1}
	var results []error
	sync := func() { s.Sync(new(disk.Batch), func(err error) { results = append(results, err) }) }
	sync()
	p.device.fail(disk.ErrNoSpace, 0)
	sync()
	w.until(time.Second, nil)
	for _, err := range results {
		if !errors.Is(err, disk.ErrNoSpace) {
			t.Errorf("sync returns %v, want no space", err)
		}
	}
	if len(results) != 2 {
		t.Errorf("%d of 2 syncs are answered", len(results))
	}
	if err := s.Apply(new(disk.Batch)); !errors.Is(err, disk.ErrNoSpace) {
		t.Errorf("write returns %v, want no space", err)
	}
}
