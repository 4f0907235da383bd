package node

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
	"sqsd/node/queue"
	"sqsd/wire"
)

// still is a world in which nothing happens but what the test does.
type still struct{ t *testing.T }

func (still) Now() wire.Time                  { return 1_000_000 }
func (still) Elapsed() time.Duration          { return time.Hour }
func (still) WakeAt(time.Duration)            {}
func (still) Send(NodeID, GroupID, []byte)    {}
func (still) Logf(GroupID, string, ...any)    {}
func (still) Mark(string)                     {}
func (s still) Fail(group GroupID, err error) { s.t.Errorf("group %d failed: %v", group, err) }
func (still) Read(random []byte) (n int, _ error) {
	return copy(random, bytes.Repeat([]byte{7}, len(random))), nil
}

// measuredStore remembers how large its largest batch was.
type measuredStore struct {
	testStore
	largest, sum int
}

func (s *measuredStore) Apply(b *disk.Batch) error {
	s.largest, s.sum = max(s.largest, b.Len()), s.sum+b.Len()
	return s.testStore.Apply(b)
}

// lone configures a node alone.
func lone() Config {
	return Config{
		Node: 1, Life: 1, Groups: 1, Peers: []NodeID{1}, Account: "000000000000", Region: "us-east-1", Limits: queue.DefaultLimits(),
		Tick: time.Second, ElectionTicks: 10, CallTimeout: time.Minute, MaxSkew: time.Minute, MaxEntryBytes: 1 << 20,
		MaxPendingBytes: 1 << 30, CheckpointBytes: 1 << 30, KeepEntries: 1 << 20, SnapshotChunkBytes: 1 << 20,
		StateBatchKeys: 1000, Format: NewestFormat,
	}
}

func openLone(t *testing.T, log testStore, state disk.Store) *Replica {
	t.Helper()
	return openNode(t, lone(), log, state)
}

func openNode(t *testing.T, c Config, log testStore, state disk.Store) *Replica {
	t.Helper()
	world := still{t}
	r, err := Open(c, Env{Clock: world, Network: world, Random: world, Host: world, Disk: disk.Disk{Log: log, State: state}})
	if err != nil {
		t.Fatal(err)
	}
	r.Advance()
	return r
}

// do has the replica carry out a request.
func do(t *testing.T, r *Replica, req wire.Request) {
	t.Helper()
	answered := false
	r.Submit(&Call{Request: req, Done: func(res Result) {
		answered = true
		if res.Err != nil {
			t.Errorf("%s: %v", req.Action(), res.Err)
		}
	}})
	r.Advance()
	if !answered {
		t.Fatalf("no answer to %s", req.Action())
	}
}

// A replica that starts again has all of its log to apply at once.
func TestLongLogIsAppliedInBatchesOfBoundedSize(t *testing.T) {
	log, state := openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State)
	r := openLone(t, log, state)
	do(t, r, &wire.CreateQueueRequest{QueueName: "q"})
	const sends, each = 500, wire.MaxBatchEntries
	for i := range sends {
		req := &wire.SendMessageBatchRequest{QueueRef: wire.QueueRef{Name: "q"}}
		for j := range each {
			req.Entries = append(req.Entries, wire.SendMessageBatchEntry{ID: fmt.Sprint(j),
				Outgoing: wire.Outgoing{MessageBody: fmt.Sprint(i, j)}})
		}
		do(t, r, req)
	}
	before, err := r.state.hash()
	if err != nil {
		t.Fatal(err)
	}
	again := &measuredStore{testStore: openTestStore(t, pebbledisk.State)}
	after, err := openLone(t, log, again).state.hash()
	if err != nil {
		t.Fatal(err)
	}
	if after != before {
		t.Error("the state is not what it was")
	}
	if again.sum < sends*each || again.largest > 2*r.cfg.StateBatchKeys {
		t.Errorf("%d writes, up to %d of them in one batch", again.sum, again.largest)
	}
}

func TestAStoreIsNotOpenedWithoutTheOther(t *testing.T) {
	log, state := openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State)
	c := lone()
	c.CheckpointBytes, c.KeepEntries = 1, 0
	r := openNode(t, c, log, state)
	do(t, r, &wire.CreateQueueRequest{QueueName: "q"})
	do(t, r, &wire.PurgeQueueRequest{QueueRef: wire.QueueRef{Name: "q"}})
	for _, test := range []struct {
		name  string
		disk  disk.Disk
		words string
	}{
		{"state", disk.Disk{Log: openTestStore(t, pebbledisk.Log), State: state}, "the log ends at entry 1"},
		{"log", disk.Disk{Log: log, State: openTestStore(t, pebbledisk.State)}, "the log begins behind entry"},
	} {
		t.Run(test.name, func(t *testing.T) {
			world := still{t}
			_, err := Open(c, Env{Clock: world, Network: world, Random: world, Host: world, Disk: test.disk})
			if !errors.Is(err, disk.ErrCorrupt) || !strings.Contains(err.Error(), test.words) {
				t.Errorf("got %v, want %q", err, test.words)
			}
		})
	}
}

func TestANodeThatIsStartedOftenTrimsItsLog(t *testing.T) {
	log, state := openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State)
	c := lone()
	c.CheckpointBytes, c.KeepEntries = 1000, 0
	for range 100 {
		r := openNode(t, c, log, state)
		for !r.Status().Leading {
			r.Advance()
		}
		do(t, r, &wire.CreateQueueRequest{QueueName: "q"})
		r.Advance()
		if held := r.log.last - r.log.meta.index; held > 1000/32 {
			t.Fatalf("the log holds %d entries", held)
		}
	}
}
