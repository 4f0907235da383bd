package queue

import (
	"fmt"
	"hash/fnv"

	"github.com/tidwall/btree"

	"sqsd/node/disk"
)

// memoryStore is a Store that checks how it is used: a key that is removed by SingleDelete must have been set exactly
// once since it was last removed.
type memoryStore struct {
	values btree.Map[string, string]
	sets   map[string]int // since the key was last removed
	gets   int
	scans  int
}

func newMemoryStore() *memoryStore { return &memoryStore{sets: map[string]int{}} }

func (s *memoryStore) Get(key []byte) ([]byte, error) {
	s.gets++
	v, ok := s.values.Get(string(key))
	if !ok {
		return nil, disk.ErrNotFound
	}
	return []byte(v), nil
}

func (s *memoryStore) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	s.scans++
	s.values.Ascend(string(lo), func(k, v string) bool {
		return k < string(hi) && f([]byte(k), []byte(v))
	})
	return nil
}

func (s *memoryStore) Set(key, value []byte) {
	s.values.Set(string(key), string(value))
	s.sets[string(key)]++
}

func (s *memoryStore) Delete(key []byte) {
	s.values.Delete(string(key))
	delete(s.sets, string(key))
}

func (s *memoryStore) SingleDelete(key []byte) {
	if n := s.sets[string(key)]; n != 1 {
		panic(fmt.Sprintf("SingleDelete of %q, which was set %d times", key, n))
	}
	s.Delete(key)
}

func (s *memoryStore) DeleteRange(lo, hi []byte) {
	var keys []string
	s.values.Ascend(string(lo), func(k, _ string) bool {
		if k < string(hi) {
			keys = append(keys, k)
		}
		return k < string(hi)
	})
	for _, k := range keys {
		s.Delete([]byte(k))
	}
}

// hash digests all keys and values.
func (s *memoryStore) hash() uint64 {
	h := fnv.New64a()
	s.values.Scan(func(k, v string) bool {
		fmt.Fprintf(h, "%q=%q\n", k, v)
		return true
	})
	return h.Sum64()
}
