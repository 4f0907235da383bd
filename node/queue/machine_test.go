package queue

import (
	"errors"
	"strings"
	"testing"

	"sqsd/node/disk"
	"sqsd/wire"
)

var testRef = wire.QueueRef{Name: "a"}

// filled is a machine on a store that has a key of every class.
func filled(t *testing.T) (*Machine, *memoryStore) {
	t.Helper()
	store := newMemoryStore()
	m, err := Open(store, Config{GroupOf: elsewhere})
	if err != nil {
		t.Fatal(err)
	}
	send := func(body string, delay int32) *wire.SendMessageRequest {
		req := &wire.SendMessageRequest{QueueRef: testRef}
		req.MessageBody, req.DelaySeconds = body, wire.Int(delay)
		return req
	}
	sendFor := func(body string) *wire.SendMessageRequest {
		req := send(body, 0)
		req.Name, req.MessageGroupID = "fair", "tenant"
		return req
	}
	round(m, 1000, &wire.CreateQueueRequest{QueueName: "gone"}, &wire.DeleteQueueRequest{QueueRef: wire.QueueRef{Name: "gone"}},
		&wire.CreateQueueRequest{QueueName: "a"}, send("received", 0), &wire.ReceiveMessageRequest{QueueRef: testRef},
		send("late", 1), send("waiting", 900), send("fresh", 0),
		&wire.CreateQueueRequest{QueueName: "fair"}, sendFor("again"),
		&wire.ReceiveMessageRequest{QueueRef: wire.QueueRef{Name: "fair"}, VisibilityTimeout: wire.Int(0)}, sendFor("behind"))
	round(m, 2000, send("fresh too", 0))
	poison := &wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: "poisoned"}}
	poison.MessageBody = "arrival"
	receive := &wire.ReceiveMessageRequest{QueueRef: poison.QueueRef, VisibilityTimeout: wire.Int(0)}
	round(m, 2000, &wire.CreateQueueRequest{QueueName: "poisoned", Attributes: wire.Pairs{{
		Name:  wire.AttrRedrivePolicy,
		Value: wire.RedrivePolicy{TargetARN: wire.QueueARN("r", "0", "a"), MaxReceiveCount: 1}.String(),
	}}}, poison, receive, receive,
		poison, &wire.SetQueueAttributesRequest{QueueRef: poison.QueueRef, Attributes: wire.Pairs{{
			Name:  wire.AttrRedrivePolicy,
			Value: wire.RedrivePolicy{TargetARN: wire.QueueARN("r", "0", "elsewhere"), MaxReceiveCount: 1}.String(),
		}}}, receive, receive)
	round(m, 2000, &AcceptCommand{From: 1, Moves: []Move{{Target: "none", Reason: DeadLetter}}},
		&wire.StartMessageMoveTaskRequest{Source: "poisoned", DestinationARN: wire.QueueARN("r", "0", "a")})
	fillFIFO(m)
	if m.Err() != nil {
		t.Fatal(m.Err())
	}
	return m, store
}

// elsewhere is a way to place queues in which one name belongs to another group.
func elsewhere(queueName string) uint32 {
	if queueName == "elsewhere" {
		return 1
	}
	return 0
}

// round applies commands in one entry and ends the round; it returns the last result.
func round(m *Machine, at wire.Time, commands ...wire.Request) (last Result) {
	m.Begin(Stamp{Time: at, Limits: DefaultLimits()})
	for _, cmd := range commands {
		last = m.Apply(cmd, true)
	}
	m.Flush()
	return last
}

func keysOf(s *memoryStore) (keys []string) {
	s.values.Scan(func(k, _ string) bool {
		keys = append(keys, k)
		return true
	})
	return keys
}

func TestCheckMissesNoKey(t *testing.T) {
	m, store := filled(t)
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	classes := ""
	for _, key := range keysOf(store) {
		classes += key[:1]
		value, _ := store.values.Get(key)
		store.values.Delete(key)
		if err := m.Check(); err == nil {
			t.Errorf("key %q can be missing", key)
		}
		m.err = nil
		store.values.Set(key, value)
	}
	if classes != "ABDDDDFGGHPPPPQRRRRRaccccdddddegiklmmmmmmmopqrrsstuuuuvvwwxz" {
		t.Errorf("classes %s were tried", classes)
	}
	store.values.Set(string(messageKey(nil, 77, position{1, trunk})), "x")
	if err := m.Check(); err == nil {
		t.Error("a key of an unknown queue can be there")
	}
}

func TestDamagedRecordsAreNotTakenForGood(t *testing.T) {
	m, store := filled(t)
	for _, key := range keysOf(store) {
		value, _ := store.values.Get(key)
		for i, damaged := range []string{"", "\x09" + value[1:], value[:len(value)-1]} {
			if i == 2 && strings.ContainsAny(key[:1], "md") {
				continue // a shorter body is a body too; the disk's checksums are there for that
			}
			store.values.Set(key, damaged)
			if err := m.Check(); err == nil {
				t.Errorf("key %q with the value %q is accepted", key, damaged)
			}
			m.err = nil
		}
		store.values.Set(key, value)
	}
}

// brokenStore fails all reads once it is told to.
type brokenStore struct {
	*memoryStore
	broken bool
}

func (s *brokenStore) Get(key []byte) ([]byte, error) {
	if s.broken {
		return nil, disk.ErrIO
	}
	return s.memoryStore.Get(key)
}

func (s *brokenStore) Scan(lo, hi []byte, f func(key, value []byte) bool) error {
	if s.broken {
		return disk.ErrIO
	}
	return s.memoryStore.Scan(lo, hi, f)
}

func TestAnErrorOfTheStoreStopsTheMachine(t *testing.T) {
	_, store := filled(t)
	broken := &brokenStore{memoryStore: store}
	m, err := Open(broken, Config{})
	if err != nil {
		t.Fatal(err)
	}
	broken.broken = true
	m.Begin(Stamp{Time: 3000, Limits: DefaultLimits()})
	for range 2 {
		result := m.Apply(&wire.ReceiveMessageRequest{QueueRef: testRef}, true)
		if result.Err == nil || result.Err.Code != wire.InternalFailure {
			t.Errorf("receive answered %+v", result)
		}
		broken.broken = false
	}
	if !errors.Is(m.Err(), disk.ErrIO) {
		t.Errorf("error is %v", m.Err())
	}
	before := store.hash()
	m.Begin(Stamp{Time: 4000, Limits: DefaultLimits()})
	m.Flush()
	if store.hash() != before || m.Now() != 3000 {
		t.Error("the machine goes on")
	}
	broken.broken = true
	if _, err := Open(broken, Config{}); !errors.Is(err, disk.ErrIO) {
		t.Errorf("Open returned %v", err)
	}
}

func TestAMessageWithoutItsRecordStopsTheMachine(t *testing.T) {
	m, store := filled(t)
	for _, key := range keysOf(store) {
		if key[0] == classMessage || key[0] == classDelayed {
			store.values.Delete(key)
		}
	}
	result := round(m, 3000, &wire.ReceiveMessageRequest{QueueRef: testRef})
	if result.Err == nil || !errors.Is(m.Err(), disk.ErrNotFound) {
		t.Errorf("receive answered %+v, error %v", result, m.Err())
	}
}

func TestReceivingWithoutAWaiterReadsNoBodies(t *testing.T) {
	m, store := filled(t)
	store.gets, store.scans = 0, 0
	m.Begin(Stamp{Time: 3000, Limits: DefaultLimits()})
	all := &wire.ReceiveMessageRequest{QueueRef: testRef, MaxNumberOfMessages: wire.Int(10)}
	if result := m.Apply(all, false); result.Err != nil {
		t.Fatal(result.Err)
	}
	if store.gets+store.scans != 0 {
		t.Errorf("%d gets, %d scans", store.gets, store.scans)
	}
	if id, _ := m.Lookup("a"); m.Visible(id) != 0 {
		t.Errorf("%d messages are left", m.Visible(id))
	}
}

func TestReadsOfAQueueThatDoesNotExist(t *testing.T) {
	m, _ := filled(t)
	if _, ok := m.NextVisible(77); ok || m.Visible(77) != 0 || m.WaitSeconds(77) != 0 {
		t.Error("queue 77 has something")
	}
	for _, req := range []wire.Request{&wire.GetQueueURLRequest{QueueName: "x"}, &wire.ReceiveMessageRequest{}} {
		if result := m.Read(req); result.Err == nil || result.Err.Code != wire.QueueDoesNotExist {
			t.Errorf("%s answered %+v", req.Action(), result)
		}
	}
}

func TestReadRefusesWhatChangesState(t *testing.T) {
	m, _ := filled(t)
	for _, req := range []wire.Request{&wire.PurgeQueueRequest{QueueRef: testRef}, &TickCommand{}} {
		if result := m.Read(req); result.Err == nil || result.Err.Code != wire.UnsupportedOperation {
			t.Errorf("%s answered %+v", req.Action(), result)
		}
	}
}

func TestWaitSecondsIsTheQueuesAttribute(t *testing.T) {
	m, _ := filled(t)
	round(m, 3000, &wire.SetQueueAttributesRequest{
		QueueRef: testRef, Attributes: wire.Pairs{{Name: wire.AttrReceiveMessageWaitTime, Value: "20"}},
	})
	if id, _ := m.Lookup("a"); m.WaitSeconds(id) != 20 {
		t.Errorf("WaitSeconds is %d", m.WaitSeconds(id))
	}
}

func TestTheSameEntriesWriteTheSameBytes(t *testing.T) {
	_, one := filled(t)
	_, two := filled(t)
	if one.hash() != two.hash() {
		t.Error("two machines differ")
	}
}
