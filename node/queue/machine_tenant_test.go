package queue

import (
	"strconv"
	"strings"
	"testing"

	"sqsd/wire"
)

func sendForTenant(tenant, body string) *wire.SendMessageRequest {
	req := &wire.SendMessageRequest{QueueRef: testRef}
	req.MessageBody, req.MessageGroupID = body, tenant
	return req
}

// TestMemoryOfTenantsIsBoundedByWhatIsInFlight: of messages with a message group id only those in flight are in memory,
// however many tenants there are and however many messages came back.
func TestMemoryOfTenantsIsBoundedByWhatIsInFlight(t *testing.T) {
	store := newMemoryStore()
	m, err := Open(store, Config{})
	if err != nil {
		t.Fatal(err)
	}
	round(m, 1000, &wire.CreateQueueRequest{QueueName: "a"})
	const tenants, each, inFlight = 2000, 2, 70
	for i := range tenants {
		for j := range each {
			round(m, 1000, sendForTenant(strconv.Itoa(i), strconv.Itoa(j)))
		}
	}
	again := &wire.ReceiveMessageRequest{QueueRef: testRef, MaxNumberOfMessages: wire.Int(10), VisibilityTimeout: wire.Int(0)}
	held := &wire.ReceiveMessageRequest{QueueRef: testRef, MaxNumberOfMessages: wire.Int(10), VisibilityTimeout: wire.Int(60)}
	for range tenants / 10 {
		round(m, 1000, again)
	}
	for range inFlight / 10 {
		round(m, 1000, held)
	}
	check := func(m *Machine) {
		t.Helper()
		q := m.queues[1]
		if q.shownCount != tenants*each-inFlight || q.readyCount != tenants || q.inFlight.len() != inFlight {
			t.Errorf("%+v, %d in flight", q.tenantCounts, q.inFlight.len())
		}
		if len(q.deliveries) != inFlight || q.byAge.len() != inFlight || q.byArrival.len()+q.again.len() != 0 {
			t.Errorf("%d deliveries are in memory, %d by age, %d by arrival, %d visible again", len(q.deliveries), q.byAge.len(),
				q.byArrival.len(), q.again.len())
		}
		if q.shown.len() > headSize || q.ready.len() > headSize {
			t.Errorf("the heads hold %d messages and %d tenants", q.shown.len(), q.ready.len())
		}
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
	check(m)
	if m, err = Open(store, Config{}); err != nil {
		t.Fatal(err)
	}
	check(m)
}

// TestAQueueWithoutMessageGroupsStoresNothingOfTenants: what is stored is in the same form as if there were no tenants.
func TestAQueueWithoutMessageGroupsStoresNothingOfTenants(t *testing.T) {
	store := newMemoryStore()
	m, err := Open(store, Config{})
	if err != nil {
		t.Fatal(err)
	}
	delayed := sendForTenant("", "delayed")
	delayed.DelaySeconds = wire.Int(1)
	round(m, 1000, &wire.CreateQueueRequest{QueueName: "a"}, sendForTenant("", "x"), delayed, sendForTenant("", "y"))
	receive := &wire.ReceiveMessageRequest{QueueRef: testRef, VisibilityTimeout: wire.Int(0)}
	round(m, 2000, receive, receive, sendForTenant("", "z"))
	if m.Err() != nil {
		t.Fatal(m.Err())
	}
	for _, key := range keysOf(store) {
		value, _ := store.values.Get(key)
		if strings.ContainsAny(key[:1], "qvwz") || value[0] != recordVersion {
			t.Errorf("key %q has the value %x", key, value)
		}
	}
}
