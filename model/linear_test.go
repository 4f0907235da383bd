package model

import (
	"testing"

	"sqsd/wire"
)

// The queue q has a timeout of 30 s, and message m1 was received by handle m1#1 between 2 and 2.1 s.
func held(more ...seen) []seen {
	return append([]seen{c(0, 0.1, created("q")), c(1, 1.1, send("q", "a").sent("m1")),
		c(2, 2.1, receive("q").got("m1#1"))}, more...)
}

func TestLinearHolders(t *testing.T) {
	runPasts(t, []past{
		{name: "received again while held", calls: held(c(31, 31.8, receive("q").got("m1#2"))), promise: OneHolder, searched: true},
		{name: "received again while held by an extension", calls: held(c(20, 20.1, change("q", "m1#1", 30).ok()),
			c(40, 40.1, receive("q").got("m1#2"))), promise: OneHolder, searched: true},
		{name: "received by two concurrent calls", calls: held(c(1.9, 2.2, receive("q").gotWith("m1#2", func(m *wire.Message) {
			m.Attributes = m.Attributes.With("ApproximateReceiveCount", "1")
		}))), promise: OneHolder, searched: true},
		{name: "received by two concurrent calls without counts", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, send("q", "a").sent("m1")),
			c(2, 2.2, receive("q").gotWith("m1#1", withoutAttributes)), c(2.1, 2.3, receive("q").gotWith("m1#2", withoutAttributes))},
			promise: OneHolder, searched: true},
		{name: "revealed by an old handle", calls: held(c(33, 33.1, receive("q").got("m1#2")),
			c(34, 34.1, change("q", "m1#1", 0).refused(wire.ReceiptHandleIsInvalid)), c(35, 35.1, receive("q").got("m1#3"))),
			promise: StaleHandles, searched: true},

		{name: "received again at the boundary", calls: held(c(32, 32.1, receive("q").got("m1#2")))},
		{name: "received again early within the tolerance", calls: held(c(31.8, 31.9, receive("q").got("m1#2")))},
		{name: "received again after a release", calls: held(c(3, 3.1, change("q", "m1#1", 0).ok()),
			c(3.2, 3.3, receive("q").got("m1#2")))},
		{name: "received again after a release that may have happened", calls: held(lost(3, change("q", "m1#1", 0)),
			c(3.2, 3.3, receive("q").got("m1#2")))},
		{name: "an extension that may not have happened", calls: held(lost(20, change("q", "m1#1", 30)),
			c(33, 33.1, receive("q").got("m1#2")))},
		{name: "a late receipt returned before an early one", calls: held(c(2.05, 40, receive("q").got("m1#2")),
			c(63, 64, receive("q").got("m1#3")))},
		{name: "two concurrent changes in either order", calls: held(c(3, 4, change("q", "m1#1", 0).ok()),
			c(3, 4, change("q", "m1#1", 60).ok()),
			c(5, 5.1, receive("q").got("m1#2")))},
		{name: "somebody unseen received it in between", calls: held(lost(33, receive("q")),
			c(70, 70.1, receive("q").gotWith("m1#3", func(m *wire.Message) {
				m.Attributes = m.Attributes.With("ApproximateReceiveCount", "3")
			})))},
	})
}

func withoutAttributes(m *wire.Message) { m.Attributes = nil }

func TestLinearDeletes(t *testing.T) {
	runPasts(t, []past{
		{name: "received after its delete", calls: held(c(3, 3.1, del("q", "m1#1").ok()), c(40, 40.1, receive("q").got("m1#2"))),
			promise: FinalDelete, searched: true},
		{name: "received after a delete by an expired handle", calls: held(c(36, 36.1, del("q", "m1#1").ok()),
			c(40, 40.1, receive("q").got("m1#2"))), promise: FinalDelete, searched: true},
		{name: "the receive count shows that the handle was current", calls: held(c(3, 3.1, del("q", "m1#1").ok()),
			lost(3, receive("q")),
			c(40, 40.1, receive("q").got("m1#2"))), promise: FinalDelete, searched: true},
		{name: "a change by an old handle succeeds", calls: held(c(33, 33.1, receive("q").got("m1#2")),
			c(34, 34.1, change("q", "m1#1", 5).ok())), promise: StaleHandles, searched: true},
		{name: "a delete by an old handle is an error", calls: held(c(33, 33.1, receive("q").got("m1#2")),
			c(34, 34.1, del("q", "m1#1").refused(wire.ReceiptHandleIsInvalid))), promise: StaleHandles, searched: true},
		{name: "a handle of another queue is accepted", calls: held(c(3, 3.1, created("p")), c(4, 4.1, del("p", "m1#1").ok())),
			promise: StaleHandles},
		{name: "a handle of an earlier queue is accepted", calls: held(c(3, 3.1, remove("q").ok()), c(99, 99.1, created("q")),
			c(100, 100.1, del("q", "m1#1").ok())), promise: StaleHandles, searched: true},

		{name: "a delete by an old handle does nothing", calls: held(c(33, 33.1, receive("q").got("m1#2")),
			c(34, 34.1, del("q", "m1#1").ok()),
			c(64, 64.1, receive("q").got("m1#3")))},
		{name: "the handle may have become old during the delete", calls: held(c(32, 34, del("q", "m1#1").ok()),
			c(33, 33.1, receive("q").got("m1#2")), c(70, 71, receive("q").got("m1#3")))},
		{name: "a delete that may not have happened", calls: held(lost(3, del("q", "m1#1")),
			c(40, 40.1, receive("q").got("m1#2")))},
		{name: "a delete that was refused", calls: held(c(3, 3.1, del("q", "m1#1").refused(wire.ServiceUnavailable)),
			c(40, 40.1, receive("q").got("m1#2")))},
		{name: "somebody unseen had made the handle old", calls: held(lost(33, receive("q")), c(40, 40.1, del("q", "m1#1").ok()),
			c(70, 70.1, receive("q").gotWith("m1#3", func(m *wire.Message) {
				m.Attributes = m.Attributes.With("ApproximateReceiveCount", "3")
			})))},
	})
}

func TestLinearOrigin(t *testing.T) {
	queue := c(0, 0.1, created("q"))
	runPasts(t, []past{
		{name: "received, but nobody sent it", calls: []seen{queue, c(2, 2.1, receive("q").got("m9#1"))}, promise: Linearizable},
		{name: "received from a queue and its dead-letter queue, but nobody sent it", calls: []seen{c(0, 0.1, created("d")),
			c(0.2, 0.3, created("q", redrive("d", "1")...)), c(2, 2.1, receive("q").got("m9#1")), c(40, 40.1, receive("d").got("m9#2"))},
			promise: Linearizable},
		{name: "received from another queue", calls: held(c(3, 3.1, created("p")), c(40, 40.1, receive("p").got("m1#2"))),
			promise: OnePlace},
		{name: "received before it was sent", calls: []seen{queue, c(5, 5.1, send("q", "a").sent("m1")),
			c(2, 2.1, receive("q").got("m1#1"))},
			promise: Linearizable, searched: true},
		{name: "received with another body", calls: []seen{queue, c(1, 1.1, send("q", "a").sent("m1")),
			c(2, 2.1, receive("q").gotWith("m1#1", func(m *wire.Message) { m.Body = "b" }))}, promise: NothingSilent},
		{name: "one send, two messages", calls: held(c(3, 3.1, receive("q").gotWith("m2#1", func(m *wire.Message) {
			m.Body, m.MD5OfBody = "a", ""
		}))), promise: OneEffect},
		{name: "one send of unknown outcome, two messages", calls: []seen{queue, lost(1, send("q", "a")),
			c(2, 2.1, receive("q").gotWith("m1#1", bodyA)), c(3, 3.1, receive("q").gotWith("m2#1", bodyA))}, promise: OneEffect},
		{name: "two sends, one id", calls: []seen{queue, c(1, 1.1, send("q", "a").sent("m1")), c(1, 1.1, send("q", "b").sent("m1"))},
			promise: OneEffect},
		{name: "the receive count skips", calls: []seen{queue, c(1, 1.1, send("q", "a").sent("m1")),
			c(2, 2.1, receive("q").gotWith("m1#1", func(m *wire.Message) {
				m.Attributes = m.Attributes.With("ApproximateReceiveCount", "2")
			}))}, promise: Linearizable, searched: true},
		{name: "the receive count stays", calls: held(c(40, 40.1, receive("q").gotWith("m1#2", func(m *wire.Message) {
			m.Attributes = m.Attributes.With("ApproximateReceiveCount", "1")
		}))), promise: OneHolder, searched: true},

		{name: "a send of unknown outcome is received", calls: []seen{queue, lost(1, send("q", "a")),
			c(2, 2.1, receive("q").gotWith("m1#1", bodyA))}},
		{name: "a receive began before the send", calls: []seen{queue, c(1, 1.1, send("q", "a").sent("m1")),
			c(0.5, 1.2, receive("q").got("m1#1"))}},
		{name: "two sends of the same body", calls: []seen{queue, c(1, 1.1, send("q", "a").sent("m1")), lost(1, send("q", "a")),
			c(2, 2.1, receive("q").got("m1#1")), c(3, 3.1, receive("q").gotWith("m2#1", bodyA))}},
	})
}

func bodyA(m *wire.Message) { m.Body, m.MD5OfBody = "a", "" }

func TestLinearTimes(t *testing.T) {
	minute := c(0, 0.1, created("q", "MessageRetentionPeriod", "60"))
	const other = "p.fifo"
	circle := []seen{c(0, 0.1, created(f, "MessageRetentionPeriod", "60")), c(0.2, 0.3, created(other, redrive(f, "1")...)),
		c(0.4, 0.5, set(f, redrive(other, "1")...).ok()), c(1, 1.1, sendTo("a", "a1").sent("a1")),
		c(2, 2.1, receive(f).got("a1#1"))}
	runPasts(t, []past{
		{name: "came back to a FIFO queue, where its retention began anew", calls: append(circle[:5:5],
			c(33, 33.1, receive(f).got()), c(34, 34.1, receive(other).from(f, "a1#2")), c(66, 66.1, receive(other).got()),
			c(70, 70.1, receive(f).from(other, "a1#3")))},
		{name: "received after its retention from a FIFO queue that no circle comes back to", calls: append(circle[:2:2],
			c(1, 1.1, sendTo("a", "a1").sent("a1")), c(70, 70.1, receive(f).got("a1#1"))), promise: ReplicatedNow},
		{name: "received during its delay", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, sendDelayed("q", "a", 5).sent("m1")),
			c(4, 5.8, receive("q").got("m1#1"))}, promise: ReplicatedNow, searched: true},
		{name: "received during the queue's delay", calls: []seen{c(0, 0.1, created("q", "DelaySeconds", "5")),
			c(1, 1.1, send("q", "a").sent("m1")),
			c(4, 5.8, receive("q").got("m1#1"))}, promise: ReplicatedNow, searched: true},
		{name: "received after its retention", calls: []seen{minute, c(1, 1.1, send("q", "a").sent("m1")),
			c(61.5, 61.6, receive("q").got("m1#1"))},
			promise: ReplicatedNow},

		{name: "received when the delay ends", calls: []seen{c(0, 0.1, created("q")), c(1, 1.1, sendDelayed("q",
			"a", 5).sent("m1")),
			c(5.8, 5.95, receive("q").got("m1#1"))}},
		{name: "received when the retention ends", calls: []seen{minute, c(1, 1.1, send("q", "a").sent("m1")),
			c(61, 61.2, receive("q").got("m1#1"))}},
		{name: "the queue may have had a longer retention", calls: []seen{minute, lost(0.2, set("q",
			"MessageRetentionPeriod", "90")),
			c(1, 1.1, send("q", "a").sent("m1")), c(61.5, 61.6, receive("q").got("m1#1"))}},
	})
}

func TestLinearBarriers(t *testing.T) {
	runPasts(t, []past{
		{name: "received after a purge", calls: held(c(3, 3.1, purge("q").ok()), c(40, 40.1, receive("q").got("m1#2"))),
			promise: Incarnations, searched: true},
		{name: "received from the next queue of the name", calls: held(c(3, 3.1, remove("q").ok()), c(99, 99.1, created("q")),
			c(100, 100.1, receive("q").got("m1#2"))), promise: Incarnations, searched: true},
		{name: "a deleted queue takes a message", calls: held(c(3, 3.1, remove("q").ok()), c(4, 4.1, send("q", "b").sent("m2"))),
			promise: Incarnations},
		{name: "a deleted queue is created too soon", calls: held(c(3, 3.1, remove("q").ok()), c(50, 50.1, created("q"))),
			promise: Incarnations, searched: true},

		{name: "a queue is created again when the window of its delete is over, which was long under way", calls: held(
			c(3, 40, remove("q").ok()), c(30, 30.1, step{req: &wire.ListQueueTagsRequest{QueueRef: ref("q")}}.result(
				&wire.ListQueueTagsResponse{})), c(64, 64.1, created("q")))},
		{name: "a purge that raced with the send", calls: []seen{c(0, 0.1, created("q")), c(1, 2, send("q", "a").sent("m1")),
			c(1.5, 1.6, purge("q").ok()), c(3, 3.1, receive("q").got("m1#1"))}},
		{name: "a purge that raced with the receive", calls: held(c(39, 40.1, purge("q").ok()),
			c(40, 40.1, receive("q").got("m1#2")))},
		{name: "a purge that may not have happened", calls: held(lost(3, purge("q")), c(40, 40.1, receive("q").got("m1#2")))},
		{name: "a create that may have come between", calls: held(c(3, 3.1, remove("q").ok()), lost(64, create("q")),
			c(65, 65.1, send("q", "b").sent("m2")))},
		{name: "a deleted name is free after a minute", calls: held(c(3, 3.1, remove("q").ok()), c(63, 63.1, created("q")))},
	})
}
