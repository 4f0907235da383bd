package node

import (
	"errors"
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/disk"
)

// logStore is a group's raft log: raft reads it through [raft.Storage], the replica writes it.
//
// What raft may read is what a completed write holds: an append enters the store's memory when the disk says that it is
// durable, in the order of the appends. Until then raft reads its own unstable copy.
type logStore struct {
	group  GroupID
	disk   disk.Store
	newest Format // that the node knows
	meta   logMeta
	conf   *raftpb.ConfState // for raft's start
	hard   *raftpb.HardState
	last   uint64 // of the durable log
	loaded int    // weight of the entries that were there when it was opened

	written uint64          // last index given to the disk, durable or not
	cache   []*raftpb.Entry // the newest entries, consecutive, up to last
	bytes   int             // of the cache
	most    int             // bytes of the cache
	trim    uint64          // entries up to here go with the next write; 0 is none

	restarting bool // a write that restarts the log is under way; nothing else may write the meta record

	// snapshot makes the state's snapshot when raft asks for one.
	snapshot func() (*raftpb.Snapshot, error)
	// fail reports a read error, which raft itself could only answer by a panic.
	fail func(error)
}

var (
	errLogGap = errors.New("the log has a gap")
	errTerm   = errors.New("the term goes down")
)

// openLog reads a group's log. found is false for a group that was never created on this disk. Up to cacheBytes of entries
// are kept in memory; older ones are read from the disk. No record may be of a newer format than newest.
func openLog(group GroupID, store disk.Store, cacheBytes int, newest Format) (l *logStore, found bool, err error) {
	l = &logStore{group: group, disk: store, newest: newest, most: cacheBytes, hard: &raftpb.HardState{}}
	b, err := store.Get(metaKey(group))
	if errors.Is(err, disk.ErrNotFound) {
		return l, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if l.meta, err = decodeLogMeta(b, newest); err != nil {
		return nil, false, corrupt(err)
	}
	b, err = store.Get(hardKey(group))
	if err == nil {
		l.hard, err = decodeHardState(b, newest)
	}
	if err != nil && !errors.Is(err, disk.ErrNotFound) {
		return nil, false, err
	}
	return l, true, l.load()
}

// load finds the end of the log, checks that it has no gap, that terms do not go down in it and that it has no entries of
// formats that the node does not know, and fills the cache.
func (l *logStore) load() error {
	l.last = l.meta.index
	term := l.meta.term
	var bad error
	err := l.disk.Scan(entryKey(l.group, l.meta.index+1), entryKey(l.group, ^uint64(0)), func(key, value []byte) bool {
		e, err := decodeLogEntry(l.last+1, value, l.newest)
		if err == nil && string(key) != string(entryKey(l.group, l.last+1)) {
			err = errLogGap
		}
		if err == nil && e.GetTerm() < term {
			err = errTerm
		}
		if format := entryFormat(e); err == nil && format > l.newest {
			err = newerFormat(format, l.newest)
		}
		if err != nil {
			bad = corrupt(fmt.Errorf("entry %d: %w", l.last+1, err))
			return false
		}
		l.last++
		l.loaded += weight(e)
		term = e.GetTerm()
		l.push(e)
		return true
	})
	l.written = l.last
	return errors.Join(err, bad)
}

// create fills b with the first records of a group whose log starts behind index 1, the state that all voters agree on
// without having to vote for it. The log of a node that waits to join has no voters and is empty.
func (l *logStore) create(b *disk.Batch, voters []uint64) {
	l.meta = logMeta{generation: 1, voters: voters}
	if len(voters) > 0 {
		l.meta.index, l.meta.term = 1, 1
		l.hard = &raftpb.HardState{Term: new(uint64(1)), Commit: new(uint64(1))}
		b.Set(hardKey(l.group), encodeHardState(l.hard))
	}
	l.last, l.written = l.meta.index, l.meta.index
	b.Set(metaKey(l.group), l.meta.encode())
}

// append fills b with entries, and with the removal of what they replace.
func (l *logStore) append(b *disk.Batch, entries []*raftpb.Entry) {
	first, end := entries[0].GetIndex(), entries[len(entries)-1].GetIndex()+1
	if end <= l.written {
		b.DeleteRange(entryKey(l.group, end), entryKey(l.group, l.written+1))
	}
	if first > l.written+1 {
		panic(fmt.Sprintf("append at %d behind a log that ends at %d", first, l.written))
	}
	for _, e := range entries {
		b.Set(entryKey(l.group, e.GetIndex()), encodeLogEntry(e))
	}
	l.written = end - 1
}

// appended takes entries that are durable now.
func (l *logStore) appended(entries []*raftpb.Entry) {
	first := entries[0].GetIndex()
	if first <= l.meta.index {
		return // a trim has passed them already
	}
	if start := l.cacheStart(); first < start {
		l.cache, l.bytes = nil, 0
	} else if keep := first - start; keep < uint64(len(l.cache)) {
		for _, e := range l.cache[keep:] {
			l.bytes -= len(e.GetData())
		}
		l.cache = l.cache[:keep:keep]
	}
	l.last = first - 1
	for _, e := range entries {
		l.last = e.GetIndex()
		l.push(e)
	}
}

// push adds the newest entry to the cache and drops the oldest ones beyond its size.
func (l *logStore) push(e *raftpb.Entry) {
	l.cache = append(l.cache, e)
	l.bytes += len(e.GetData())
	for l.bytes > l.most && len(l.cache) > 1 {
		l.bytes -= len(l.cache[0].GetData())
		l.cache[0] = nil
		l.cache = l.cache[1:]
	}
}

// cacheStart is the index of the oldest cached entry.
func (l *logStore) cacheStart() uint64 { return l.last + 1 - uint64(len(l.cache)) }

// trimTo forgets the entries up to index, on disk with the next write.
func (l *logStore) trimTo(index uint64) error {
	if index <= l.meta.index || l.restarting {
		return nil
	}
	term, err := l.Term(index)
	if err != nil {
		return err
	}
	for len(l.cache) > 0 && l.cacheStart() <= index {
		l.bytes -= len(l.cache[0].GetData())
		l.cache[0] = nil
		l.cache = l.cache[1:]
	}
	l.meta.index, l.meta.term = index, term
	l.trim = index
	return nil
}

// addTrim fills b with the removal of trimmed entries, if there are any.
func (l *logStore) addTrim(b *disk.Batch) {
	if l.trim == 0 {
		return
	}
	b.Set(metaKey(l.group), l.meta.encode())
	b.DeleteRange(entryKey(l.group, 0), entryKey(l.group, l.trim+1))
	l.trim = 0
}

// restart fills b with a log that begins behind a snapshot, in the state's next generation.
func (l *logStore) restart(b *disk.Batch, generation uint64, snap *raftpb.SnapshotMetadata) {
	l.trim, l.restarting = 0, true
	b.DeleteRange(entryKey(l.group, 0), entryKey(l.group, ^uint64(0)))
	m := logMeta{generation: generation, index: snap.GetIndex(), term: snap.GetTerm(), voters: snap.GetConfState().GetVoters()}
	b.Set(metaKey(l.group), m.encode())
	l.written = m.index
}

// restarted takes the snapshot that is durable now.
func (l *logStore) restarted(generation uint64, snap *raftpb.SnapshotMetadata) {
	l.meta = logMeta{generation: generation, index: snap.GetIndex(), term: snap.GetTerm(), voters: snap.GetConfState().GetVoters()}
	l.last = l.meta.index
	l.cache, l.bytes = nil, 0
	l.restarting = false
}

// InitialState implements raft.Storage.
func (l *logStore) InitialState() (*raftpb.HardState, *raftpb.ConfState, error) {
	return l.hard, l.conf, nil
}

// Entries implements raft.Storage.
func (l *logStore) Entries(lo, hi, maxSize uint64) ([]*raftpb.Entry, error) {
	if lo <= l.meta.index {
		return nil, raft.ErrCompacted
	}
	if hi > l.last+1 {
		return nil, raft.ErrUnavailable
	}
	if start := l.cacheStart(); lo >= start {
		return limitSize(append([]*raftpb.Entry(nil), l.cache[lo-start:hi-start]...), maxSize), nil
	}
	entries, err := l.read(lo, hi, maxSize)
	if err != nil {
		l.fail(err)
		return nil, raft.ErrUnavailable
	}
	return entries, nil
}

// read reads entries from the disk until they pass maxSize.
func (l *logStore) read(lo, hi, maxSize uint64) ([]*raftpb.Entry, error) {
	var entries []*raftpb.Entry
	var size uint64
	var bad error
	next := lo
	err := l.disk.Scan(entryKey(l.group, lo), entryKey(l.group, hi), func(key, value []byte) bool {
		e, err := decodeLogEntry(next, value, l.newest)
		if err == nil && string(key) != string(entryKey(l.group, next)) {
			err = errLogGap
		}
		if err != nil {
			bad = corrupt(fmt.Errorf("entry %d: %w", next, err))
			return false
		}
		entries = append(entries, e)
		size += uint64(len(e.GetData()))
		next++
		return size < maxSize
	})
	if err == nil && bad == nil && len(entries) == 0 {
		bad = fmt.Errorf("%w: entry %d: %w", disk.ErrCorrupt, lo, errLogGap)
	}
	return entries, errors.Join(err, bad)
}

// limitSize cuts entries so that their data stays within size, but leaves at least one.
func limitSize(entries []*raftpb.Entry, size uint64) []*raftpb.Entry {
	var sum uint64
	for i, e := range entries {
		if sum += uint64(len(e.GetData())); sum > size && i > 0 {
			return entries[:i]
		}
	}
	return entries
}

// Term implements raft.Storage.
func (l *logStore) Term(i uint64) (uint64, error) {
	switch {
	case i < l.meta.index:
		return 0, raft.ErrCompacted
	case i == l.meta.index:
		return l.meta.term, nil
	case i > l.last:
		return 0, raft.ErrUnavailable
	}
	if start := l.cacheStart(); i >= start {
		return l.cache[i-start].GetTerm(), nil
	}
	entries, err := l.read(i, i+1, 0)
	if err != nil {
		l.fail(err)
		return 0, raft.ErrUnavailable
	}
	return entries[0].GetTerm(), nil
}

// LastIndex implements raft.Storage.
func (l *logStore) LastIndex() (uint64, error) { return l.last, nil }

// FirstIndex implements raft.Storage.
func (l *logStore) FirstIndex() (uint64, error) { return l.meta.index + 1, nil }

// Snapshot implements raft.Storage.
func (l *logStore) Snapshot() (*raftpb.Snapshot, error) { return l.snapshot() }
