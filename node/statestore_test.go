package node

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// TestStateStoreReadsItsWrites holds random writes, reads, scans and commits against a plain map.
func TestStateStoreReadsItsWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db, err := pebbledisk.Open(pebbledisk.Options{Dir: "s", FS: vfs.NewMem(), MemTableBytes: 1 << 20}, pebbledisk.State)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		s := newStateStore(testStore{db}, 2, 1)
		want := map[string]string{}
		key := rapid.Map(rapid.IntRange(0, 15), func(i int) []byte { return []byte{byte('a' + i)} })
		bounds := func(t *rapid.T) (lo, hi []byte) {
			lo, hi = key.Draw(t, "lo"), key.Draw(t, "hi")
			if string(lo) > string(hi) {
				lo, hi = hi, lo
			}
			return lo, hi
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k, v := key.Draw(t, "key"), rapid.StringN(0, 3, -1).Draw(t, "value")
				s.Set(k, []byte(v))
				want[string(k)] = v
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "key")
				s.Delete(k)
				delete(want, string(k))
			},
			"delete range": func(t *rapid.T) {
				lo, hi := bounds(t)
				s.DeleteRange(lo, hi)
				for k := range want {
					if k >= string(lo) && k < string(hi) {
						delete(want, k)
					}
				}
			},
			"commit": func(t *rapid.T) {
				if err := s.commit(applied{5, 2, firstFormat}); err != nil {
					t.Fatal(err)
				}
			},
			"scan": func(t *rapid.T) {
				lo, hi := bounds(t)
				compareScan(t, s, want, lo, hi, rapid.IntRange(1, 16).Draw(t, "most"))
			},
			"": func(t *rapid.T) {
				compareGets(t, s, want)
				compareScan(t, s, want, []byte("a"), []byte("z"), len(want)+1)
			},
		})
	})
}

func compareGets(t *rapid.T, s *stateStore, want map[string]string) {
	for k, v := range want {
		if got, err := s.Get([]byte(k)); err != nil || string(got) != v {
			t.Fatalf("get %q: %q, %v; want %q", k, got, err, v)
		}
	}
	if _, err := s.Get([]byte("zz")); !errors.Is(err, disk.ErrNotFound) {
		t.Fatalf("absent key: %v", err)
	}
}

// compareScan scans a range until it has seen so many keys.
func compareScan(t *rapid.T, s *stateStore, want map[string]string, lo, hi []byte, most int) {
	var keys, got []string
	for k, v := range want {
		if k >= string(lo) && k < string(hi) {
			keys = append(keys, k+"="+v)
		}
	}
	slices.Sort(keys)
	keys = keys[:min(most, len(keys))]
	err := s.Scan(lo, hi, func(k, v []byte) bool {
		got = append(got, string(k)+"="+string(v))
		return len(got) < most
	})
	if err != nil || !slices.Equal(got, keys) {
		t.Fatalf("scan from %q to %q, up to %d: %q, %v; want %q", lo, hi, most, got, err, keys)
	}
}

// A command may write any number of keys and scan between them, such as one that lowers a queue's retention.
func TestAScanDoesNotGatherWhatTheBatchHas(t *testing.T) {
	cost := func(keys int) float64 {
		s := newStateStore(nothing{}, 2, 1)
		for i := range keys {
			s.Set(fmt.Appendf(nil, "%08d", i), nil)
		}
		return testing.AllocsPerRun(10, func() {
			if err := s.Scan([]byte("0"), []byte("1"), func(_, _ []byte) bool { return false }); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := cost(1_000), cost(64_000)
	if many > few+3 { // a tree of so many keys is one or two levels higher
		t.Errorf("a scan for one key allocates %v times among 64,000 keys, %v times among 1,000", many, few)
	}
}

// nothing is a store in which a scan finds nothing.
type nothing struct{ disk.Store }

func (nothing) Scan(_, _ []byte, _ func(key, value []byte) bool) error { return nil }
