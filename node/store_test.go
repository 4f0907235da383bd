package node

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// testStore is a store whose syncs complete before Sync returns.
type testStore struct{ *pebbledisk.DB }

func (s testStore) Sync(b *disk.Batch, done func(error)) { done(s.Commit(b)) }

func openTestStore(t testing.TB, role pebbledisk.Role) testStore {
	db, err := pebbledisk.Open(pebbledisk.Options{Dir: "store", FS: vfs.NewMem(), MemTableBytes: 1 << 20}, role)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return testStore{db}
}

// anyFormat is known to a log whose entries hold anything.
const anyFormat = ^Format(0)

func entriesOf(term, from, to uint64) []*raftpb.Entry {
	var entries []*raftpb.Entry
	for i := from; i <= to; i++ {
		entries = append(entries, &raftpb.Entry{Index: new(i), Term: new(term), Data: fmt.Appendf(nil, "%d@%d", i, term)})
	}
	return entries
}

// describe lists the log as raft sees it: index@term.
func (l *logStore) describe(t *testing.T) string {
	first, _ := l.FirstIndex()
	last, _ := l.LastIndex()
	if first > last {
		return fmt.Sprintf("(%d)", first-1)
	}
	entries, err := l.Entries(first, last+1, ^uint64(0))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "(%d)", first-1)
	for i, e := range entries {
		term, err := l.Term(e.GetIndex())
		if err != nil || term != e.GetTerm() || e.GetIndex() != first+uint64(i) {
			t.Fatalf("entry %d of term %d: Term says %d, %v", e.GetIndex(), e.GetTerm(), term, err)
		}
		fmt.Fprintf(&b, " %s", e.GetData())
	}
	return b.String()
}

// TestLogStore runs writes against a log and looks at it in memory and as a restart finds it on disk.
func TestLogStore(t *testing.T) {
	write := func(entries []*raftpb.Entry) func(*logStore, *disk.Batch) {
		return func(l *logStore, b *disk.Batch) { l.append(b, entries); l.addTrim(b) }
	}
	snapshot := &raftpb.SnapshotMetadata{Index: new(uint64(9)), Term: new(uint64(4)), ConfState: &raftpb.ConfState{Voters: []uint64{1}}}
	type step struct {
		write func(*logStore, *disk.Batch)
		then  func(*testing.T, *logStore)
	}
	appendStep := func(entries []*raftpb.Entry) step {
		return step{write(entries), func(_ *testing.T, l *logStore) { l.appended(entries) }}
	}
	trimStep := func(index uint64) step {
		return step{nil, func(t *testing.T, l *logStore) {
			if err := l.trimTo(index); err != nil {
				t.Fatal(err)
			}
		}}
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"a new log is empty behind index 1", nil, "(1)"},
		{"appends follow each other", []step{appendStep(entriesOf(1, 2, 3)), appendStep(entriesOf(1, 4, 4))}, "(1) 2@1 3@1 4@1"},
		{"a conflicting append replaces the tail",
			[]step{appendStep(entriesOf(1, 2, 6)), appendStep(entriesOf(2, 4, 4))}, "(1) 2@1 3@1 4@2"},
		{"an append may replace everything", []step{appendStep(entriesOf(1, 2, 4)), appendStep(entriesOf(3, 2, 2))}, "(1) 2@3"},
		{"a trim goes with the next append",
			[]step{appendStep(entriesOf(1, 2, 5)), trimStep(4), appendStep(entriesOf(1, 6, 6))}, "(4) 5@1 6@1"},
		{"a trim never goes back",
			[]step{appendStep(entriesOf(1, 2, 5)), trimStep(4), trimStep(3), appendStep(entriesOf(1, 6, 6))}, "(4) 5@1 6@1"},
		{"a snapshot restarts the log", []step{appendStep(entriesOf(1, 2, 5)), {
			func(l *logStore, b *disk.Batch) { l.restart(b, 2, snapshot) },
			func(_ *testing.T, l *logStore) { l.restarted(2, snapshot) }}}, "(9)"},
		{"a trim under way gives way to a snapshot", []step{appendStep(entriesOf(1, 2, 5)), {
			func(l *logStore, b *disk.Batch) { l.restart(b, 2, snapshot) },
			func(t *testing.T, l *logStore) { _ = l.trimTo(3); l.restarted(2, snapshot) }},
			appendStep(entriesOf(5, 10, 10))}, "(9) 10@5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := openTestStore(t, pebbledisk.Log)
			l, found, err := openLog(3, store, 1<<20, anyFormat)
			if err != nil || found {
				t.Fatalf("found %v, %v", found, err)
			}
			l.fail = func(err error) { t.Error(err) }
			var b disk.Batch
			l.create(&b, []uint64{1})
			sync(t, store, &b)
			for _, s := range c.steps {
				if s.write != nil {
					b.Reset()
					s.write(l, &b)
					sync(t, store, &b)
				}
				s.then(t, l)
			}
			if got := l.describe(t); got != c.want {
				t.Errorf("in memory: %s, want %s", got, c.want)
			}
			again, found, err := openLog(3, store, 1<<20, anyFormat)
			if err != nil || !found {
				t.Fatalf("reopened: found %v, %v", found, err)
			}
			if got := again.describe(t); got != c.want {
				t.Errorf("reopened: %s, want %s", got, c.want)
			}
		})
	}
}

func sync(t *testing.T, store disk.Store, b *disk.Batch) {
	store.Sync(b, func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestLogWithGapIsCorrupt removes an entry in the middle.
func TestLogWithGapIsCorrupt(t *testing.T) {
	store := openTestStore(t, pebbledisk.Log)
	l, _, _ := openLog(3, store, 1<<20, anyFormat)
	var b disk.Batch
	l.create(&b, []uint64{1})
	l.append(&b, entriesOf(1, 2, 9))
	b.Delete(entryKey(3, 5))
	sync(t, store, &b)
	if _, _, err := openLog(3, store, 1<<20, anyFormat); !errors.Is(err, disk.ErrCorrupt) {
		t.Fatalf("got %v, want %v", err, disk.ErrCorrupt)
	}
}

// A term that goes down is what a log looks like in which replaced entries were left.
func TestLogWithFallingTermIsCorrupt(t *testing.T) {
	for name, entries := range map[string][]*raftpb.Entry{
		"among the entries":      append(entriesOf(3, 2, 5), entriesOf(2, 6, 7)...),
		"behind where it begins": entriesOf(0, 2, 3),
	} {
		t.Run(name, func(t *testing.T) {
			store := openTestStore(t, pebbledisk.Log)
			l, _, _ := openLog(3, store, 1<<20, anyFormat)
			var b disk.Batch
			l.create(&b, []uint64{1})
			l.append(&b, entries)
			sync(t, store, &b)
			if _, _, err := openLog(3, store, 1<<20, anyFormat); !errors.Is(err, disk.ErrCorrupt) {
				t.Fatalf("got %v, want %v", err, disk.ErrCorrupt)
			}
		})
	}
}

// TestLogReadsBehindItsCache reads entries that memory no longer holds.
func TestLogReadsBehindItsCache(t *testing.T) {
	store := openTestStore(t, pebbledisk.Log)
	l, _, _ := openLog(0, store, 1<<20, anyFormat)
	l.fail = func(err error) { t.Error(err) }
	var b disk.Batch
	l.create(&b, []uint64{1})
	entries := entriesOf(1, 2, 20)
	for _, e := range entries {
		e.Data = append(e.Data, make([]byte, 1<<17)...)
	}
	l.append(&b, entries)
	sync(t, store, &b)
	l.appended(entries)
	if l.cacheStart() == 2 {
		t.Fatal("the cache holds everything")
	}
	got, err := l.Entries(2, 5, ^uint64(0))
	if err != nil || len(got) != 3 || !slices.Equal(got[0].GetData(), entries[0].GetData()) {
		t.Fatalf("read %d entries, %v", len(got), err)
	}
	if term, err := l.Term(2); term != 1 || err != nil {
		t.Errorf("term %d, %v", term, err)
	}
	if one, err := l.Entries(2, 5, 1); err != nil || len(one) != 1 {
		t.Errorf("a small limit gave %d entries, %v", len(one), err)
	}
	if _, err := l.Entries(1, 3, 1); err != raft.ErrCompacted {
		t.Errorf("before the beginning: %v", err)
	}
	if _, err := l.Entries(2, 22, 1); err != raft.ErrUnavailable {
		t.Errorf("behind the end: %v", err)
	}
}
