package node

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"

	"github.com/tidwall/btree"

	"sqsd/node/disk"
)

// stateStore is the queue machine's key space: a prefix of the node's state store, with the writes of the entries that
// are being applied collected in one batch. Reads see those writes. The batch and the applied index reach the disk
// together, so that the disk always holds the state after some entry.
type stateStore struct {
	disk       disk.Store
	group      GroupID
	generation uint64
	prefix     []byte // of the machine's keys

	batch   disk.Batch
	written btree.Map[string, int] // by full key: where in the batch its last write is, or removed
	ranges  []keyRange             // that the batch removes
	key     []byte                 // scratch
}

type keyRange struct{ lo, hi []byte }

func (r keyRange) holds(key string) bool { return key >= string(r.lo) && key < string(r.hi) }

// removed stands in stateStore.written for a key that the batch removes.
const removed = -1

func newStateStore(store disk.Store, group GroupID, generation uint64) *stateStore {
	return &stateStore{
		disk: store, group: group, generation: generation,
		prefix: append(statePrefix(group, generation), queueKind),
	}
}

// full returns the key in the node's store; it is valid until the next call.
func (s *stateStore) full(key []byte) []byte {
	s.key = append(append(s.key[:0], s.prefix...), key...)
	return s.key
}

// Set implements queue.Store.
func (s *stateStore) Set(key, value []byte) {
	k := s.full(key)
	s.written.Set(string(k), s.batch.Size())
	s.batch.Set(k, value)
}

// Delete implements queue.Store.
func (s *stateStore) Delete(key []byte) {
	k := s.full(key)
	s.written.Set(string(k), removed)
	s.batch.Delete(k)
}

// SingleDelete implements queue.Store.
func (s *stateStore) SingleDelete(key []byte) {
	k := s.full(key)
	s.written.Set(string(k), removed)
	s.batch.SingleDelete(k)
}

// DeleteRange implements queue.Store.
func (s *stateStore) DeleteRange(lo, hi []byte) {
	r := keyRange{slices.Clone(s.full(lo)), slices.Clone(s.full(hi))}
	var covered []string
	s.written.Ascend(string(r.lo), func(key string, _ int) bool {
		if key < string(r.hi) {
			covered = append(covered, key)
		}
		return key < string(r.hi)
	})
	for _, key := range covered {
		s.written.Set(key, removed)
	}
	s.ranges = append(s.ranges, r)
	s.batch.DeleteRange(r.lo, r.hi)
}

// hidden says whether the batch removes a key by range. Keys written after that are in s.written.
func (s *stateStore) hidden(key string) bool {
	return slices.ContainsFunc(s.ranges, func(r keyRange) bool { return r.holds(key) })
}

// Get implements queue.Store.
func (s *stateStore) Get(key []byte) ([]byte, error) {
	k := s.full(key)
	if at, ok := s.written.Get(string(k)); ok {
		if at == removed {
			return nil, disk.ErrNotFound
		}
		return slices.Clone(s.batch.Value(at)), nil
	}
	if len(s.ranges) > 0 && s.hidden(string(k)) {
		return nil, disk.ErrNotFound
	}
	return s.disk.Get(k)
}

// Scan implements queue.Store: the disk's keys and the batch's, merged.
func (s *stateStore) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	from, to := slices.Clone(s.full(lo)), slices.Clone(s.full(hi))
	more, fresh := true, s.written.Iter()
	left := fresh.Seek(string(from))
	// emit passes on what the batch has before a key.
	emit := func(before string) {
		for ; more && left && fresh.Key() < before; left = fresh.Next() {
			if at := fresh.Value(); at != removed {
				more = f([]byte(fresh.Key()[len(s.prefix):]), s.batch.Value(at))
			}
		}
	}
	err := s.disk.Scan(from, to, func(key, value []byte) bool {
		emit(string(key))
		switch {
		case !more:
		case left && fresh.Key() == string(key): // the batch has replaced or removed it
		case !s.hidden(string(key)):
			more = f(key[len(s.prefix):], value)
		}
		return more
	})
	if err == nil {
		emit(string(to))
	}
	return err
}

// commit writes the batch together with how far the state has got.
func (s *stateStore) commit(a applied) error {
	s.batch.Set(append(statePrefix(s.group, s.generation), appliedKind), a.encode())
	err := s.disk.Apply(&s.batch)
	s.batch.Reset()
	s.written.Clear()
	s.ranges = s.ranges[:0]
	return err
}

// loadApplied reads how far the state has got. It must not be of a newer format than newest.
func (s *stateStore) loadApplied(newest Format) (applied, error) {
	b, err := s.disk.Get(appliedKey(s.group, s.generation))
	if err != nil {
		return applied{}, err
	}
	return decodeApplied(b, newest)
}

// setMembers writes the membership with the next commit.
func (s *stateStore) setMembers(m membership) {
	s.batch.Set(membersKey(s.group, s.generation), m.encode())
}

// loadMembers reads the membership; it is that of the first voters if it has never changed.
// It must not be of a newer format than newest.
func (s *stateStore) loadMembers(first []uint64, newest Format) (membership, error) {
	b, err := s.disk.Get(membersKey(s.group, s.generation))
	if errors.Is(err, disk.ErrNotFound) {
		return firstMembers(first), nil
	}
	if err != nil {
		return membership{}, err
	}
	return decodeMembership(b, newest)
}

// bounds is the range of all keys of the generation.
func (s *stateStore) bounds() (lo, hi []byte) {
	return statePrefix(s.group, s.generation), statePrefix(s.group, s.generation+1)
}

// dropOthers removes all generations but this one.
func (s *stateStore) dropOthers() error {
	var b disk.Batch
	lo, hi := s.bounds()
	b.DeleteRange(statePrefix(s.group, 0), lo)
	b.DeleteRange(hi, statePrefix(s.group+1, 0))
	return s.disk.Apply(&b)
}

// hash digests the queue machine's keys and values as they are on disk.
func (s *stateStore) hash() (uint64, error) {
	h := fnv.New64a()
	var length [8]byte
	sum := func(b []byte) {
		binary.BigEndian.PutUint64(length[:], uint64(len(b)))
		h.Write(length[:])
		h.Write(b)
	}
	hi := append(slices.Clone(s.prefix[:len(s.prefix)-1]), queueKind+1)
	err := s.disk.Scan(s.prefix, hi, func(key, value []byte) bool {
		sum(bytes.TrimPrefix(key, s.prefix))
		sum(value)
		return true
	})
	return h.Sum64(), err
}
