package node

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
	"sqsd/node/queue"
	"sqsd/wire"
)

// ticking is a still world whose clock goes on and whose failures are kept.
type ticking struct {
	still
	elapsed *time.Duration
	failed  *error
}

func (w ticking) Elapsed() time.Duration        { return *w.elapsed }
func (w ticking) Fail(group GroupID, err error) { *w.failed = err }

// upgraded is a node alone on two stores, started with one binary after another.
type upgraded struct {
	t          *testing.T
	world      ticking
	log, state testStore
	replica    *Replica
}

func newUpgraded(t *testing.T) *upgraded {
	return &upgraded{
		t: t, world: ticking{still: still{t}, elapsed: new(time.Hour), failed: new(error)},
		log: openTestStore(t, pebbledisk.Log), state: openTestStore(t, pebbledisk.State),
	}
}

func (u *upgraded) open(format Format) error {
	c := lone()
	c.Format = format
	w := u.world
	r, err := Open(c, Env{Clock: w, Network: w, Random: w, Host: w, Disk: disk.Disk{Log: u.log, State: u.state}})
	u.replica = r
	if err == nil {
		r.Advance()
	}
	return err
}

func (u *upgraded) tick() {
	*u.world.elapsed += lone().Tick
	u.replica.Advance()
}

func (u *upgraded) do(req wire.Request) {
	u.t.Helper()
	answered := false
	u.replica.Submit(&Call{Request: req, Done: func(res Result) {
		answered = true
		if res.Err != nil {
			u.t.Errorf("%s: %v", req.Action(), res.Err)
		}
	}})
	u.replica.Advance()
	if !answered {
		u.t.Fatalf("no answer to %s", req.Action())
	}
}

func (u *upgraded) send(body string) {
	u.t.Helper()
	u.do(&wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, Outgoing: wire.Outgoing{MessageBody: body}})
}

// formats are those of the log's entries, in order.
func (u *upgraded) formats() (list []Format) {
	u.t.Helper()
	log := u.replica.log
	entries, err := log.Entries(log.meta.index+1, log.last+1, ^uint64(0))
	if err != nil {
		u.t.Fatal(err)
	}
	for _, e := range entries {
		if f := entryFormat(e); f != 0 {
			list = append(list, f)
		}
	}
	return list
}

func (u *upgraded) want(format Format, entries ...Format) {
	u.t.Helper()
	if got := u.replica.Status().Format; got != format {
		u.t.Errorf("the group has format %d, want %d", got, format)
	}
	if got := u.formats(); fmt.Sprint(got) != fmt.Sprint(entries) {
		u.t.Errorf("the entries have formats %v, want %v", got, entries)
	}
}

func TestAGroupIsRaisedOnceAndStays(t *testing.T) {
	u := newUpgraded(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(u.open(firstFormat))
	u.do(&wire.CreateQueueRequest{QueueName: "q"})
	u.tick()
	u.want(firstFormat, 1)

	must(u.open(compactFormat))
	u.send("by a new binary in the old format")
	u.want(firstFormat, 1, 1)
	must(u.open(firstFormat)) // nothing has happened yet that it could not read
	must(u.open(compactFormat))
	u.tick()
	u.send("in the new format")
	u.tick()
	u.want(compactFormat, 1, 1, 2, 2)

	before, err := u.replica.StateHash()
	must(err)
	for range 2 {
		err := u.open(firstFormat)
		if !errors.Is(err, ErrNewerFormat) || errors.Is(err, disk.ErrCorrupt) {
			t.Errorf("an old binary starts with error %v, want one that says that the data is newer", err)
		}
	}
	must(u.open(compactFormat))
	if after, err := u.replica.StateHash(); err != nil || after != before {
		t.Errorf("the state is %x, %v; it was %x", after, err, before)
	}
	u.want(compactFormat, 1, 1, 2, 2)
	if *u.world.failed != nil {
		t.Error(*u.world.failed)
	}
}

// A state that was lost in a crash is behind the raise, but the log is not.
func TestAnOldBinaryRefusesALogWhoseRaiseIsNotAppliedYet(t *testing.T) {
	u := newUpgraded(t)
	if err := u.open(compactFormat); err != nil {
		t.Fatal(err)
	}
	u.tick()
	u.want(compactFormat, 2)
	u.state = openTestStore(t, pebbledisk.State)
	if err := u.open(firstFormat); !errors.Is(err, ErrNewerFormat) || errors.Is(err, disk.ErrCorrupt) {
		t.Errorf("an old binary starts with error %v, want one that says that the data is newer", err)
	}
	if err := u.open(compactFormat); err != nil {
		t.Fatal(err)
	}
	u.want(compactFormat, 2)
}

// apply gives a replica one entry behind what it has applied.
func (u *upgraded) apply(h entryHeader, commands ...wire.Request) {
	h.proposer, h.boot, h.seq, h.count = 2, 1, 1, len(commands)
	h.stamp = queue.Stamp{Time: 1, Limits: queue.DefaultLimits()}
	data := appendEntryHeader(nil, h)
	for _, c := range commands {
		data = appendBytes(data, queue.AppendCommand(nil, c))
	}
	r := u.replica
	r.apply([]*raftpb.Entry{{
		Index: new(r.applied.index + 1), Term: new(r.applied.term), Data: data, Type: new(raftpb.EntryNormal),
	}})
}

func TestAnEntryThatIsTooNewStopsTheReplica(t *testing.T) {
	for _, test := range []struct {
		name     string
		knows    Format
		commands []wire.Request
		newer    bool
	}{
		{"raise beyond what the node knows", firstFormat, nil, true},
		{"commands in a format that the node does not know", firstFormat, []wire.Request{&queue.TickCommand{}}, true},
		{"commands before the raise", compactFormat, []wire.Request{&queue.TickCommand{}}, false},
	} {
		u := newUpgraded(t)
		if err := u.open(test.knows); err != nil {
			t.Fatal(err)
		}
		u.apply(entryHeader{format: compactFormat}, test.commands...)
		err := *u.world.failed
		if err == nil || errors.Is(err, ErrNewerFormat) != test.newer || errors.Is(err, disk.ErrCorrupt) == test.newer {
			t.Errorf("%s: the replica failed with %v", test.name, err)
		}
	}
}

func TestOnlyEntriesOfTheGroupsOwnHaveAFormat(t *testing.T) {
	for _, test := range []struct {
		kind raftpb.EntryType
		data string
		want Format
	}{
		{raftpb.EntryNormal, "", 0},
		{raftpb.EntryNormal, "\x02\x01", compactFormat},
		{raftpb.EntryConfChangeV2, "\x12\x04", 0},
	} {
		if got := entryFormat(&raftpb.Entry{Type: &test.kind, Data: []byte(test.data)}); got != test.want {
			t.Errorf("%v %q: format %d, want %d", test.kind, test.data, got, test.want)
		}
	}
}
