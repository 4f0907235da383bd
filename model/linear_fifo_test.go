package model

import (
	"testing"

	"sqsd/wire"
)

// inGroup is a FIFO queue with a1 and a2 in group a, sent one after the other.
func inGroup(more ...seen) []seen {
	return append([]seen{c(0, 0.1, created(f)), c(1, 1.1, sendTo("a", "a1").sent("a1")),
		c(1.2, 1.3, sendTo("a", "a2").sent("a2"))}, more...)
}

func TestLinearGroups(t *testing.T) {
	first := c(2, 2.1, receiveMax(f, 1).got("a1#1"))
	both := c(2, 2.1, receive(f).got("a1#1", "a2#1"))
	runPasts(t, []past{
		{name: "a successor is received first", calls: inGroup(c(2, 2.1, receiveMax(f, 1).got("a2#1"))), promise: OneEffect},
		{name: "a successor is received past a held head", calls: inGroup(first, c(3, 3.1, receive(f).got("a2#1"))), promise: OneEffect},
		{name: "a successor is received before the expired head", calls: inGroup(first, c(40, 40.1, receiveMax(f, 1).got("a2#1"))),
			promise: OneEffect},
		{name: "a batch is out of order", calls: inGroup(c(2, 2.1, receive(f).got("a2#1", "a1#1"))), promise: OneEffect},
		{name: "a batch leaves one out", calls: inGroup(c(1.4, 1.5, sendTo("a", "a3").sent("a3")), c(2, 2.1,
			receive(f).got("a1#1", "a3#1"))), promise: OneEffect},
		{name: "the group is never unlocked", calls: inGroup(first, c(3, 3.1, del(f, "a1#1").ok()), c(4, 4.1,
			receive(f).got())), promise: Prompt},
		{name: "the group is not unlocked by a timeout", calls: inGroup(both, c(40, 40.1, receive(f).got())), promise: Prompt},

		{name: "in order", calls: inGroup(first, c(3, 3.1, del(f, "a1#1").ok()), c(4, 4.1, receive(f).got("a2#1")))},
		{name: "the head was deleted by a call of unknown outcome", calls: inGroup(first, lost(3, del(f, "a1#1")),
			c(4, 4.1, receive(f).got("a2#1")))},
		{name: "the head is deleted meanwhile", calls: inGroup(first, c(3, 5, del(f, "a1#1").ok()),
			c(3.5, 4.5, receive(f).got("a2#1")))},
		{name: "the middle one was deleted", calls: inGroup(c(1.4, 1.5, sendTo("a", "a3").sent("a3")), c(2, 2.1,
			receiveMax(f, 2).got("a1#1", "a2#1")), c(3, 3.1, del(f, "a2#1").ok()), c(4, 4.1, change(f, "a1#1", 0).ok()),
			c(5, 5.1, receive(f).got("a1#2", "a3#1")))},
		{name: "the head blocks", calls: inGroup(first, c(3, 3.1, receive(f).got()))},
		{name: "somebody unseen may have the head", calls: inGroup(lost(1.5, receive(f)), c(2, 2.1, receive(f).got()))},
		{name: "another group goes its own way", calls: inGroup(first, c(2.5, 2.6, sendTo("b", "b1").sent("b1")),
			c(3, 3.1, receive(f).got("b1#1")))},
		{name: "the head expired", calls: []seen{c(0, 0.1, created(f, "MessageRetentionPeriod", "60")),
			c(1, 1.1, sendTo("a", "a1").sent("a1")), c(50, 50.1, sendTo("a", "a2").sent("a2")), c(70, 70.1, receive(f).got("a2#1"))}},
	})
}

func TestLinearSequence(t *testing.T) {
	numbered := func(id, number string) step {
		return sendTo("a", id).sentWith(id, func(r *wire.SendMessageResponse) { r.SequenceNumber = number })
	}
	const one, two = "10000000000000000001", "10000000000000000002"
	runPasts(t, []past{
		{name: "a later send has a smaller number", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, numbered("a1", two)),
			c(2, 2.1, numbered("a2", one))}, promise: OneEffect},
		{name: "two messages have one number", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, numbered("a1", two)),
			c(1, 1.1, numbered("a2", two))}, promise: OneEffect},
		{name: "the number is malformed", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, numbered("a1", "7"))}, promise: OneEffect},
		{name: "the number changes", calls: inGroup(c(2, 2.1, receiveMax(f, 1).gotWith("a1#1", func(m *wire.Message) {
			m.Attributes = m.Attributes.With("SequenceNumber", "10000000000000000009")
		}))), promise: OneEffect},
		{name: "a batch is numbered backwards", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, batchTo("a", "x", "y").result(
			&wire.SendMessageBatchResponse{Successful: []wire.SendMessageBatchResult{
				{ID: "x", SendMessageResponse: wire.SendMessageResponse{MessageID: "m1", SequenceNumber: two}},
				{ID: "y", SendMessageResponse: wire.SendMessageResponse{MessageID: "m2", SequenceNumber: one}}}}))}, promise: OneEffect},
		{name: "concurrent sends in either order", calls: []seen{c(0, 0.1, created(f)), c(1, 2, numbered("a1", two)),
			c(1.5, 2.5, numbered("a2", one))}},
	})
}

func TestLinearDedup(t *testing.T) {
	x := func(id string) step { return sendTo("a", "x").sent(id) }
	again := sendTo("a", "x").duplicate("m1")
	runPasts(t, []past{
		{name: "stored twice", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")), c(2, 2.1, x("m2"))}, promise: OneEffect},
		{name: "stored twice, racing", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")), c(1, 1.1, x("m2"))}, promise: OneEffect},
		{name: "stored again in another group", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")),
			c(2, 2.1, sendTo("b", "x").sent("m2"))}, promise: OneEffect},
		{name: "stored again after its delete", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")), c(2, 2.1,
			receive(f).got("m1#1")), c(3, 3.1, del(f, "m1#1").ok()), c(4, 4.1, x("m2"))}, promise: OneEffect},
		{name: "stored by a send of unknown outcome too", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")),
			lost(2, sendTo("a", "x").sent("m2")), c(3, 3.1, receive(f).got("m1#1")),
			c(4, 4.1, del(f, "m1#1").ok()), c(5, 5.1, receive(f).gotWith("m2#1", func(m *wire.Message) {
				m.Body, m.MD5OfBody = "x", ""
				m.Attributes = m.Attributes.With("SequenceNumber", "10000000000000000007").With("MessageGroupId", "a")
			}))}, promise: OneEffect},
		{name: "swallowed after the window", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")), c(310, 310.1, again)},
			promise: OneEffect},
		{name: "one id for two deduplication ids", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")),
			c(2, 2.1, sendTo("a", "y").duplicate("m1"))}, promise: OneEffect},

		{name: "a duplicate", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")), c(2, 2.1, again),
			c(3, 3.1, receive(f).got("m1#1"))}},
		{name: "a duplicate of a send of unknown outcome, received before", calls: []seen{c(0, 0.1, created(f)),
			lost(1, sendTo("a", "x")), c(1.5, 1.6, receive(f).gotWith("m1#1", func(m *wire.Message) {
				m.Body, m.MD5OfBody = "x", ""
				m.Attributes = m.Attributes.With("SequenceNumber", "10000000000000000001").With("MessageGroupId", "a")
			})), c(2, 2.1, sendTo("a", "x").sent("m1"))}},
		{name: "a new window", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")), c(310, 310.1, x("m2"))}},
		{name: "a purge in between", calls: []seen{c(0, 0.1, created(f)), c(1, 1.1, x("m1")), c(2, 2.1, purge(f).ok()),
			c(3, 3.1, x("m2"))}},
		{name: "the scope is the group", calls: []seen{c(0, 0.1, created(f, "DeduplicationScope", "messageGroup")), c(1, 1.1, x("m1")),
			c(2, 2.1, sendTo("b", "x").sent("m2"))}},
		{name: "a batch after a send of unknown outcome", calls: []seen{c(0, 0.1, created(f)), lost(1, sendTo("a", "x")),
			c(2, 2.1, batchTo("a", "y", "x").result(&wire.SendMessageBatchResponse{Successful: []wire.SendMessageBatchResult{
				{ID: "y", SendMessageResponse: wire.SendMessageResponse{MessageID: "m2", SequenceNumber: "10000000000000000002"}},
				{ID: "x", SendMessageResponse: wire.SendMessageResponse{MessageID: "m1", SequenceNumber: "10000000000000000001"}}}}))}},
	})
}

func TestLinearFIFOHandlesAndAttempts(t *testing.T) {
	taken := func(more ...seen) []seen {
		return inGroup(append([]seen{c(2, 2.1, attempted("t").got("a1#1", "a2#1"))}, more...)...)
	}
	runPasts(t, []past{
		{name: "a delete by the current handle is refused", calls: taken(c(3, 3.1, del(f, "a1#1").refused(wire.InvalidParameterValue))),
			promise: Linearizable},
		{name: "a delete by an old handle is accepted", calls: taken(c(40, 40.1, receiveMax(f, 1).got("a1#2")),
			c(41, 41.1, del(f, "a1#1").ok())), promise: StaleHandles},
		{name: "a repeated receive has another answer", calls: taken(c(3, 3.1, attempted("t").got())), promise: Linearizable},
		{name: "a repeated receive has other handles", calls: taken(c(3, 3.1, attempted("t").got("a1#2", "a2#2"))), promise: OneHolder},
		{name: "a repeated receive did not start the timeouts again", calls: taken(c(20, 20.1, attempted("t").same("a1#1", "a2#1")),
			c(35, 35.1, receive(f).got("a1#2", "a2#2"))), promise: OneHolder},

		{name: "a delete by an expired handle is refused", calls: taken(c(40, 40.1, del(f, "a1#1").refused(wire.InvalidParameterValue)))},
		{name: "a repeated receive", calls: taken(c(20, 20.1, attempted("t").same("a1#1", "a2#1")),
			c(55, 55.1, receive(f).got("a1#2", "a2#2")))},
		{name: "a repeated receive after a delete", calls: taken(c(3, 3.1, del(f, "a1#1").ok()), c(4, 4.1, attempted("t").got()))},
		{name: "a repeated receive whose first answer was lost", calls: inGroup(lost(2, attempted("t")),
			c(3, 3.1, attempted("t").got("a1#1", "a2#1")), c(4, 4.1, attempted("t").same("a1#1", "a2#1")))},
	})
}
