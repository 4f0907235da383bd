// Package disktest says in tests what package disk asks of a store, crashes aside. Every implementation runs it.
package disktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sqsd/node/disk"
)

// Opened is an empty store under test.
type Opened struct {
	Store disk.Store
	// RunEvents runs the completions of all syncs requested so far, waiting for them if need be.
	RunEvents func()
}

// Run checks the stores that open makes against the contract of package disk.
func Run(t *testing.T, open func(t *testing.T) Opened) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Opened)
	}{
		{"a key that was never set is not found", missingKey},
		{"Apply is visible at once", applyIsVisible},
		{"the caller owns what Get returns", getCopies},
		{"the store keeps nothing of a batch", batchIsReusable},
		{"an empty value is a value", emptyValue},
		{"writes of a batch apply in order", batchOrder},
		{"Scan is half open and ascending", scanBounds},
		{"Scan stops when told", scanStops},
		{"Scan of an empty or inverted range sees nothing", scanNothing},
		{"DeleteRange is half open", deleteRange},
		{"DeleteRange of an inverted range removes nothing", deleteRangeInverted},
		{"DeleteRange spares what is set after it", deleteRangeThenSet},
		{"SingleDelete removes a key set once", singleDelete},
		{"a snapshot does not change", snapshotStays},
		{"Sync makes its batch visible and completes", syncCompletes},
		{"Sync of an empty batch completes", syncEmpty},
		{"done never runs inside Sync", syncIsLater},
		{"completions come in order", syncOrder},
		{"Apply behind a waiting Sync wins over it", applyAfterSync},
		{"random writes agree with a sorted map", randomWrites},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) { c.test(t, open(t)) })
	}
}

func missingKey(t *testing.T, o Opened) {
	wantMissing(t, o.Store, "absent")
}

func applyIsVisible(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("k"), []byte("v")) })
	wantValue(t, o.Store, "k", "v")
	apply(t, o.Store, func(b *disk.Batch) { b.Delete([]byte("k")); b.Delete([]byte("never set")) })
	wantMissing(t, o.Store, "k")
}

func getCopies(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("k"), []byte("value")) })
	v, err := o.Store.Get([]byte("k"))
	if err != nil {
		t.Fatal(err)
	}
	copy(v, "XXXXX")
	wantValue(t, o.Store, "k", "value")
}

func batchIsReusable(t *testing.T, o Opened) {
	var b disk.Batch
	b.Set([]byte("a"), []byte("1"))
	if err := o.Store.Apply(&b); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	b.Set([]byte("b"), []byte("2"))
	o.Store.Sync(&b, func(err error) {})
	b.Reset()
	b.Set([]byte("c"), []byte("3"))
	o.RunEvents()
	wantAll(t, o.Store, "a=1 b=2")
}

func emptyValue(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("k"), nil) })
	wantValue(t, o.Store, "k", "")
}

func batchOrder(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) {
		b.Set([]byte("twice"), []byte("first"))
		b.Set([]byte("twice"), []byte("second"))
		b.Set([]byte("gone"), []byte("v"))
		b.Delete([]byte("gone"))
		b.Delete([]byte("back"))
		b.Set([]byte("back"), []byte("v"))
	})
	wantAll(t, o.Store, "back=v twice=second")
}

func scanBounds(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) {
		for _, k := range []string{"c", "a", "\xff\xff", "b", "bb", "b\x00"} {
			b.Set([]byte(k), []byte("v"))
		}
	})
	if got, want := scan(t, o.Store, "b", "c"), "b=v b\x00=v bb=v"; got != want {
		t.Errorf("Scan(b, c) saw %q, want %q", got, want)
	}
	if got, want := scan(t, o.Store, "b\x00", "\xff\xff"), "b\x00=v bb=v c=v"; got != want {
		t.Errorf("Scan(b\\x00, \\xff\\xff) saw %q, want %q", got, want)
	}
}

func scanStops(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) {
		b.Set([]byte("a"), nil)
		b.Set([]byte("b"), nil)
		b.Set([]byte("c"), nil)
	})
	var seen []string
	err := o.Store.Scan([]byte("a"), []byte("z"), func(key, _ []byte) bool {
		seen = append(seen, string(key))
		return len(seen) < 2
	})
	if err != nil || !slices.Equal(seen, []string{"a", "b"}) {
		t.Errorf("Scan told to stop after two keys saw %q, error %v", seen, err)
	}
}

func scanNothing(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("b"), nil) })
	for _, r := range [][2]string{{"b", "b"}, {"c", "a"}, {"c", "d"}} {
		if got := scan(t, o.Store, r[0], r[1]); got != "" {
			t.Errorf("Scan(%q, %q) saw %q", r[0], r[1], got)
		}
	}
}

func deleteRange(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) {
		for _, k := range []string{"a", "b", "c", "d"} {
			b.Set([]byte(k), []byte("v"))
		}
	})
	apply(t, o.Store, func(b *disk.Batch) { b.DeleteRange([]byte("b"), []byte("d")) })
	wantAll(t, o.Store, "a=v d=v")
	wantMissing(t, o.Store, "b")
}

func deleteRangeInverted(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) {
		b.Set([]byte("b"), []byte("v"))
		b.DeleteRange([]byte("c"), []byte("a"))
		b.DeleteRange([]byte("b"), []byte("b"))
	})
	wantAll(t, o.Store, "b=v")
}

func deleteRangeThenSet(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) {
		b.Set([]byte("a"), []byte("old"))
		b.Set([]byte("b"), []byte("old"))
		b.DeleteRange([]byte("a"), []byte("z"))
		b.Set([]byte("b"), []byte("new"))
	})
	wantAll(t, o.Store, "b=new")
}

func singleDelete(t *testing.T, o Opened) {
	for round := range 3 {
		apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("k"), []byte("v")) })
		wantValue(t, o.Store, "k", "v")
		apply(t, o.Store, func(b *disk.Batch) { b.SingleDelete([]byte("k")) })
		if _, err := o.Store.Get([]byte("k")); !errors.Is(err, disk.ErrNotFound) {
			t.Fatalf("round %d: the key is still there, error %v", round, err)
		}
	}
}

func snapshotStays(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("a"), []byte("1")); b.Set([]byte("b"), []byte("1")) })
	s := o.Store.Snapshot()
	apply(t, o.Store, func(b *disk.Batch) {
		b.Set([]byte("a"), []byte("2"))
		b.DeleteRange([]byte("b"), []byte("c"))
		b.Set([]byte("c"), []byte("2"))
	})
	o.Store.Sync(&disk.Batch{}, func(error) {})
	o.RunEvents()
	wantAll(t, s, "a=1 b=1")
	wantValue(t, s, "a", "1")
	wantMissing(t, s, "c")
	wantAll(t, o.Store, "a=2 c=2")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func syncCompletes(t *testing.T, o Opened) {
	var b disk.Batch
	b.Set([]byte("k"), []byte("v"))
	calls := 0
	o.Store.Sync(&b, func(err error) {
		calls++
		if err != nil {
			t.Error(err)
		}
		wantValue(t, o.Store, "k", "v")
	})
	o.RunEvents()
	o.RunEvents()
	if calls != 1 {
		t.Errorf("done ran %d times", calls)
	}
}

func syncEmpty(t *testing.T, o Opened) {
	apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("k"), []byte("v")) })
	done := false
	o.Store.Sync(&disk.Batch{}, func(err error) { done = err == nil })
	o.RunEvents()
	if !done {
		t.Error("the sync did not complete")
	}
}

func syncIsLater(t *testing.T, o Opened) {
	inside := true
	o.Store.Sync(&disk.Batch{}, func(error) {
		if inside {
			t.Error("done ran inside Sync")
		}
	})
	inside = false
	o.RunEvents()
}

func syncOrder(t *testing.T, o Opened) {
	var order []int
	for i := range 20 {
		var b disk.Batch
		b.Set(fmt.Appendf(nil, "k%02d", i), nil)
		o.Store.Sync(&b, func(error) { order = append(order, i) })
	}
	o.RunEvents()
	if len(order) != 20 || !slices.IsSorted(order) {
		t.Errorf("completions came as %v", order)
	}
}

func applyAfterSync(t *testing.T, o Opened) {
	var b disk.Batch
	b.Set([]byte("k"), []byte("synced"))
	o.Store.Sync(&b, func(error) {})
	apply(t, o.Store, func(b *disk.Batch) { b.Set([]byte("k"), []byte("applied")) })
	o.RunEvents()
	wantValue(t, o.Store, "k", "applied")
}
