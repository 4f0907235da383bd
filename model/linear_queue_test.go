package model

import (
	"strconv"
	"testing"

	"sqsd/wire"
)

func TestLinearLost(t *testing.T) {
	sent := []seen{c(0, 0.1, created("q")), c(1, 1.1, send("q", "a").sent("m1"))}
	also := func(more ...seen) []seen { return append(append([]seen{}, sent...), more...) }
	runPasts(t, []past{
		{name: "never received", calls: sent, drained: 200, promise: Durable},
		{name: "received, not deleted, and gone", calls: held(), drained: 200, promise: Durable},
		{name: "purged before it was sent", calls: append([]seen{c(0.1, 0.2, purge("q").ok())}, sent...), drained: 200,
			promise: Durable},
		{name: "deleted by an old handle only", calls: held(c(33, 33.1, receive("q").got("m1#2")), c(34, 34.1, del("q",
			"m1#1").ok())),
			drained: 200, promise: StaleHandles},
		{name: "a message of a batch", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, batchSend("q", "a",
			"b").results("a=m1", "b=m2")),
			c(2, 2.1, receive("q").got("m1#1")), c(3, 3.1, del("q", "m1#1").ok())}, drained: 200, promise: Durable},

		{name: "the run did not drain", calls: sent},
		{name: "sent after the drain", calls: also(), drained: 0.5},
		{name: "deleted", calls: held(c(3, 3.1, del("q", "m1#1").ok())), drained: 200},
		{name: "perhaps deleted", calls: held(lost(3, del("q", "m1#1"))), drained: 200},
		{name: "purged", calls: also(c(3, 3.1, purge("q").ok())), drained: 200},
		{name: "perhaps purged while it was sent", calls: also(c(0.5, 1.05, purge("q").ok())), drained: 200},
		{name: "perhaps purged long after an unknown purge was called", calls: also(lost(0.5, purge("q"))), drained: 200},
		{name: "in a deleted queue", calls: also(c(3, 3.1, remove("q").ok())), drained: 200},
		{name: "expired", calls: []seen{c(0, 0.1, created("q", "MessageRetentionPeriod", "60")), c(1, 1.1, send("q", "a").sent("m1"))}, drained: 61},
		{name: "the send may not have happened", calls: []seen{c(0, 0.1, created("q")), lost(1, send("q", "a"))}, drained: 200},
		{name: "the send was refused", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, send("q", "a").refused(wire.InvalidParameterValue))}, drained: 200},
	})
}

func TestLinearEmptyReceives(t *testing.T) {
	sent := []seen{c(0, 0.1, created("q")), c(1, 1.1, send("q", "a").sent("m1"))}
	also := func(more ...seen) []seen { return append(append([]seen{}, sent...), more...) }
	runPasts(t, []past{
		{name: "a message is there", calls: also(c(2, 2.1, receive("q").got())), promise: Prompt},
		{name: "a message is there again", calls: held(c(33, 33.1, receive("q").got())), promise: Prompt},
		{name: "a message was released", calls: held(c(3, 3.1, change("q", "m1#1", 0).ok()), c(4, 4.1, receive("q").got())),
			promise: Prompt},
		{name: "a long poll ends empty", calls: also(c(2, 7, poll("q", 5).got())), promise: Prompt},
		{name: "a long poll misses its wake-up", calls: also(c(0.5, 5.5, poll("q", 5).got())), promise: Prompt},
		{name: "a long poll is late", calls: also(c(0.5, 4, poll("q", 5).got("m1#1"))), promise: Prompt},
		{name: "a long poll ends early", calls: held(c(4, 8, poll("q", 5).got())), promise: Prompt},

		{name: "a long poll ends in time by its own clock", calls: held(c(4, 8.95, poll("q", 5).got()))},
		{name: "an empty receive began before the send ended", calls: also(c(1.1, 1.3, receive("q").got()))},
		{name: "a message is held", calls: held(c(31, 32.1, receive("q").got()))},
		{name: "somebody took it meanwhile", calls: also(c(2, 2.1, receive("q").got()), c(2, 2.1, receive("q").got("m1#1")))},
		{name: "somebody unseen may have taken it", calls: also(lost(1.5, receive("q")), c(2, 2.1, receive("q").got()))},
		{name: "somebody may have hidden it", calls: held(lost(3, change("q", "m1#1", 90)), c(40, 40.1, receive("q").got()))},
		{name: "it was deleted", calls: held(c(33, 33.1, del("q", "m1#1").ok()), c(34, 34.1, receive("q").got()))},
		{name: "it was purged", calls: also(c(2, 2.1, purge("q").ok()), c(3, 3.1, receive("q").got()))},
		{name: "it is delayed", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, sendDelayed("q", "a", 5).sent("m1")),
			c(2, 6, receive("q").got())}},
		{name: "a long poll is woken in time", calls: also(c(0.5, 1.25, poll("q", 5).got("m1#1")))},
		{name: "the queue is at its limit", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, batchSend("q", "a", "b", "c",
			"d", "e", "f").
			results("a=m1", "b=m2", "c=m3", "d=m4", "e=m5", "f=m6")), c(2, 2.1, receive("q").got("m1#1", "m2#1", "m3#1",
			"m4#1", "m5#1")),
			c(3, 4, poll("q", 1).got())}},
	})
	disturbed := past{calls: also(c(2, 3, poll("q", 5).got()))}
	h := disturbed.history()
	h.Disturbed = []Span{{From: 2 * second, To: 4 * second}}
	t.Run("a long poll in a disturbance may end empty", func(t *testing.T) { wantPromise(t, Linear(h), "") })
}

func TestLinearOrder(t *testing.T) {
	two := func(more ...seen) []seen {
		return append([]seen{c(0, 0.1, created("q")), c(1, 1.1, send("q", "a").sent("m1")), c(1.2, 1.3, send("q", "b").sent("m2"))}, more...)
	}
	runPasts(t, []past{
		{name: "an earlier message is passed over", calls: two(c(2, 2.1, receiveMax("q", 1).got("m2#1"))), promise: Linearizable},
		{name: "an earlier message that is visible again is passed over", calls: two(c(2, 2.1, receiveMax("q", 1).got("m1#1")),
			c(33, 33.1, receiveMax("q", 1).got("m2#1"))), promise: Linearizable},

		{name: "in order", calls: two(c(2, 2.1, receiveMax("q", 1).got("m1#1")), c(3, 3.1, receiveMax("q", 1).got("m2#1")))},
		{name: "the earlier message is held", calls: two(c(2, 2.1, receiveMax("q", 1).got("m1#1")),
			c(31, 32.1, receiveMax("q", 1).got("m2#1")))},
		{name: "the earlier message is taken meanwhile", calls: two(c(2, 2.1, receiveMax("q", 1).got("m2#1")),
			c(2, 2.1, receiveMax("q", 1).got("m1#1")))},
		{name: "the sends were concurrent", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, send("q", "a").sent("m1")),
			c(1, 1.1, send("q", "b").sent("m2")), c(2, 2.1, receiveMax("q", 1).got("m2#1"))}},
	})
}

func TestLinearOrderOfTenants(t *testing.T) {
	// one has two messages, another has one in between, and one has no message group id
	sent := func(more ...seen) []seen {
		return append([]seen{c(0, 0.1, created("q")), c(1, 1.1, sendFor("A", "q", "a").sent("m1")),
			c(1.2, 1.3, sendFor("B", "q", "b").sent("m2")), c(1.4, 1.5, sendFor("A", "q", "c").sent("m3")),
			c(1.6, 1.7, send("q", "d").sent("m4")), c(1.8, 1.9, send("q", "e").sent("m5"))}, more...)
	}
	one := func(at float64, handle string) seen { return c(at, at+0.1, receiveMax("q", 1).got(handle)) }
	runPasts(t, []past{
		{name: "a message of the same tenant is passed over", calls: sent(one(2, "m3#1")), promise: Linearizable},
		{name: "a message without a group id is passed over for another one", calls: sent(one(2, "m5#1")), promise: Linearizable},

		{name: "messages of other tenants are passed over", calls: sent(one(2, "m2#1"), one(3, "m4#1"), one(4, "m1#1"))},
		{name: "so are those without a group id", calls: sent(one(2, "m1#1"), one(3, "m3#1"), one(4, "m2#1"))},
	})
}

func TestLinearCounters(t *testing.T) {
	counts := func(visible, held, delayed int) step {
		return attributes("q").result(&wire.GetQueueAttributesResponse{Attributes: pairs(
			"ApproximateNumberOfMessages", strconv.Itoa(visible), "ApproximateNumberOfMessagesNotVisible", strconv.Itoa(held),
			"ApproximateNumberOfMessagesDelayed", strconv.Itoa(delayed))})
	}
	sending := c(1, 3, send("q", "b").sent("m2"))
	runPasts(t, []past{
		{name: "one too few", calls: held(c(3, 3.1, counts(0, 0, 0))), promise: Linearizable},
		{name: "one too many", calls: held(c(3, 3.1, counts(1, 1, 0))), promise: Linearizable},
		{name: "held, but counted as visible", calls: held(c(3, 3.1, counts(1, 0, 0))), promise: Linearizable},
		{name: "deleted, but counted", calls: held(c(3, 3.1, del("q", "m1#1").ok()), c(4, 4.1, counts(0, 1, 0))),
			promise: Linearizable},
		{name: "counted as in flight long after its timeout", calls: held(c(33, 33.1, counts(0, 1, 0))), promise: ReplicatedNow},
		{name: "counted as delayed long after its delay", calls: []seen{c(0, 0.1, created("q")),
			c(1, 1.1, sendDelayed("q", "a", 5).sent("m1")), c(7, 7.1, counts(0, 0, 1))}, promise: ReplicatedNow},
		{name: "counted as delayed without a delay", calls: held(c(33, 33.1, counts(0, 0, 1))), promise: ReplicatedNow},
		{name: "purged, but counted", calls: held(c(3, 3.1, purge("q").ok()), c(4, 4.1, counts(0, 1, 0))), promise: Linearizable},

		{name: "held", calls: held(c(3, 3.1, counts(0, 1, 0)))},
		{name: "in flight until just now", calls: held(c(32.05, 32.15, counts(0, 1, 0)))},
		{name: "somebody unseen may hold it", calls: held(lost(33, receive("q")), c(34, 34.1, counts(0, 1, 0)))},
		{name: "an extension may hold it", calls: held(lost(3, change("q", "m1#1", 90)), c(34, 34.1, counts(0, 1, 0)))},
		{name: "delayed", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, sendDelayed("q", "a", 5).sent("m1")),
			c(6, 6.1, counts(0, 0, 1))}},
		{name: "a send under way is counted", calls: held(sending, c(2.5, 2.6, counts(1, 1, 0)))},
		{name: "a send under way is not counted", calls: held(sending, c(2.5, 2.6, counts(0, 1, 0)))},
		{name: "a delete under way is not counted", calls: held(c(3, 4, del("q", "m1#1").ok()), c(3.5, 3.6, counts(0, 0, 0)))},
		{name: "a delete that may have happened", calls: held(lost(3, del("q", "m1#1")), c(5, 5.1, counts(0, 0, 0)),
			c(6, 6.1, counts(0, 0, 0)))},
		{name: "a send that may have happened", calls: held(lost(3, send("q", "b")), c(5, 5.1, counts(1, 1, 0)))},
		{name: "an old handle deletes nothing", calls: held(c(33, 33.1, receive("q").got("m1#2")), c(34, 34.1, del("q",
			"m1#1").ok()),
			c(35, 35.1, counts(0, 1, 0)))},
	})
}

func TestLinearAcceptsCorrectHistories(t *testing.T) {
	for _, k := range kinds {
		for seed := range uint64(100) {
			h := newDamagedWorld(seed, 300, seed%2 == 0, k, nil).generate()
			h.Commits = nil
			for _, v := range Linear(h) {
				t.Errorf("%+v, seed %d: %v", k, seed, v)
			}
		}
	}
}
