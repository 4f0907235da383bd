package model

import (
	"testing"

	"sqsd/wire"
)

func TestReceiveBreaksPromises(t *testing.T) {
	oneHeld := story(at(0, created("q")), at(1, send("q", "a").sent("m1")), at(2, receive("q").got("m1#1")))
	twice := story(oneHeld, at(30_002, receive("q").got("m1#2")))
	runScenarios(t, []scenario{
		{"a message is delivered while its timeout runs", story(oneHeld, at(30_001, receive("q").got("m1#2"))), OneHolder},
		{"a message is delivered twice by one receive", story(at(0, created("q"), send("q", "a").sent("m1"),
			send("q", "b").sent("m2"), receive("q").got("m1#1", "m1#2"))), OneHolder},
		{"a deleted message is delivered", story(oneHeld, at(3, del("q", "m1#1").ok()), at(99_000,
			receive("q").got("m1#2"))), FinalDelete},
		{"a purged message is delivered", story(oneHeld, at(3, purge("q").ok()), at(99_000,
			receive("q").got("m1#2"))), Incarnations},
		{"a message of a deleted queue is delivered from the next one", story(oneHeld, at(3, remove("q").ok()),
			at(60_003, created("q"), receive("q").got("m1#2"))), Incarnations},
		{"a message is delivered from another queue", story(oneHeld, at(3, created("p"), receive("p").got("m1#2"))), OnePlace},
		{"an expired message is delivered", story(oneHeld, at(345_600_001, receive("q").got("m1#2"))), ReplicatedNow},
		{"a delayed message is delivered early", story(at(0, created("q"), sendDelayed("q", "a", 5).sent("m1")),
			at(4999, receive("q").got("m1#1"))), ReplicatedNow},
		{"a message that nobody sent is delivered", at(0, created("q"), receive("q").got("m9#1")), Linearizable},
		{"a receive is empty while a message is there", at(0, created("q"), send("q", "a").sent("m1"), receive("q").got()), Prompt},
		{"a later message is preferred", at(0, created("q"), send("q", "a").sent("m1"), send("q", "b").sent("m2"),
			receiveMax("q", 1).got("m2#1")), Linearizable},
		{"more is returned than asked for", at(0, created("q"), send("q", "a").sent("m1"), send("q", "b").sent("m2"),
			receiveMax("q", 1).got("m1#1", "m2#1")), Linearizable},
		{"a handle is given twice", story(oneHeld, at(30_002, receive("q").got("m1#1"))), StaleHandles},
		{"the body is another", at(0, created("q"), send("q", "a").sent("m1"),
			receive("q").gotWith("m1#1", func(m *wire.Message) { m.Body = "A"; m.MD5OfBody = wire.BodyMD5("A") })), NothingSilent},
		{"the receive count does not go up", story(twice[:len(twice)-1], at(30_002,
			receive("q").gotWith("m1#2", func(m *wire.Message) {
				m.Attributes = m.Attributes.With("ApproximateReceiveCount", "1")
			}))), Linearizable},
		{"an old handle hides the message", story(twice, at(30_003, change("q", "m1#1", 600).refused(wire.ReceiptHandleIsInvalid)),
			at(60_002, receive("q").got())), StaleHandles},
		{"an old handle reveals the message", story(twice, at(30_003, change("q", "m1#1", 0).refused(wire.ReceiptHandleIsInvalid)),
			at(30_004, receive("q").got("m1#3"))), StaleHandles},
		{"an old handle deletes the message", story(twice, at(30_003, del("q", "m1#1").ok()),
			at(60_002, receive("q").got())), StaleHandles},
		{"time goes back", story(oneHeld, at(1, receive("q").got())), ReplicatedNow},
		{"a message id is used again", at(0, created("q"), send("q", "a").sent("m1"), send("q", "a").sent("m1")), OneEffect},
	})
}

func TestReceiveRules(t *testing.T) {
	oneHeld := story(at(0, created("q")), at(1, send("q", "a").sent("m1")), at(2, receive("q").got("m1#1")))
	three := at(0, created("q"), send("q", "a").sent("m1"), send("q", "b").sent("m2"), send("q", "c").sent("m3"))
	runScenarios(t, []scenario{
		{"redelivery is due exactly when the timeout ends", story(oneHeld, at(30_001, receive("q").got()),
			at(30_002, receive("q").got("m1#2"))), ""},
		{"a delay ends at its second", story(at(0, created("q"), sendDelayed("q", "a", 5).sent("m1")),
			at(4999, receive("q").got()), at(5000, receive("q").got("m1#1"))), ""},
		{"the queue's delay is used where the message has none", story(at(0, created("q", "DelaySeconds", "5"),
			send("q", "a").sent("m1"), sendDelayed("q", "b", 0).sent("m2"), receive("q").got("m2#1")),
			at(5000, receive("q").got("m1#1"))), ""},
		{"changing the queue's delay leaves stored messages alone", story(at(0, created("q", "DelaySeconds", "5"),
			send("q", "a").sent("m1"), set("q", "DelaySeconds", "0").ok(), receive("q").got()),
			at(5000, receive("q").got("m1#1"))), ""},
		{"send order among the visible, and the limit", story(three, at(1, receiveMax("q", 2).got("m1#1", "m2#1")),
			at(2, receiveMax("q", 2).got("m3#1")), at(30_001, receive("q").got("m1#2", "m2#2"))), ""},
		{"one message without a maximum", story(three, at(0, step{req: &wire.ReceiveMessageRequest{QueueRef: ref("q")}}.
			got("m1#1"))), ""},
		{"timeout 0 delivers, counts, and leaves the message visible", story(three[:2], at(0, receiveFor("q", 0).got("m1#1"),
			receive("q").got("m1#2"), del("q", "m1#1").ok(), del("q", "m1#2").ok()), at(50_000, receive("q").got())), ""},
		{"the timeout of the request wins over the queue's", story(three[:2], at(0, receiveFor("q", 5).got("m1#1")),
			at(5000, receive("q").got("m1#2"))), ""},
		{"a message is gone once its retention is over, in flight or not", story(at(0, created("q", "MessageRetentionPeriod", "60"),
			send("q", "a").sent("m1")), at(59_999, receive("q").got("m1#1")), at(60_000, attributes("q").counters("q", 0, 0, 0))), ""},
		{"lowering the retention applies to stored messages at once", story(three[:2], at(60_000,
			set("q", "MessageRetentionPeriod", "60").ok(), receive("q").got())), ""},
		{"the receive that was not observed hides the message too", story(three[:2], at(0, receive("q").unobserved(),
			receive("q").got()), at(30_000, receive("q").gotWith("m1#2", func(m *wire.Message) {
			m.Attributes = m.Attributes.With("ApproximateReceiveCount", "2").With("ApproximateFirstReceiveTimestamp", "0")
		}))), ""},
		{"the message whose send was not observed is learned", at(0, created("q"), send("q", "a").unobserved(),
			receive("q").gotWith("m1#1", func(m *wire.Message) { m.Body = "a"; m.MD5OfBody = "" })), ""},
	})
}

func TestInFlightLimit(t *testing.T) {
	full := at(0, created("q"), send("q", "1").sent("m1"), send("q", "2").sent("m2"), send("q", "3").sent("m3"),
		send("q", "4").sent("m4"), send("q", "5").sent("m5"), send("q", "6").sent("m6"),
		receive("q").got("m1#1", "m2#1", "m3#1", "m4#1", "m5#1"))
	aged := story(at(0, created("q", "MessageRetentionPeriod", "60", "VisibilityTimeout", "100"), send("q", "1").sent("m1"),
		send("q", "2").sent("m2"), send("q", "3").sent("m3"), receive("q").got("m1#1", "m2#1", "m3#1")), at(30_000,
		send("q", "4").sent("m4"), send("q", "5").sent("m5"), send("q", "6").sent("m6")))
	runScenarios(t, []scenario{
		{"a short poll is answered OverLimit", story(full, at(1, receive("q").refused(wire.OverLimit))), ""},
		{"a short poll is not answered", story(full, at(1, receive("q").got())), Linearizable},
		{"a long poll is empty", story(full, at(1, poll("q", 1).got())), ""},
		{"a long poll delivers", story(full, at(1, poll("q", 1).got("m6#1"))), Linearizable},
		{"a deleted message makes room", story(full, at(1, del("q", "m3#1").ok(), receive("q").got("m6#1"))), ""},
		{"a released message makes room for itself", story(full, at(1, change("q", "m3#1", 0).ok(), receive("q").got("m3#2"))), ""},
		{"what passed its retention in flight makes no room", story(aged, at(60_000, receive("q").got("m4#1", "m5#1"))), ReplicatedNow},
		{"what passed its retention in flight fills the limit", story(aged, at(30_001, receive("q").got("m4#1", "m5#1")),
			at(60_000, receive("q").refused(wire.OverLimit))), ReplicatedNow},
		{"fewer than there is room for", story(aged, at(60_000, receive("q").got("m4#1"))), Prompt},
		{"OverLimit below the limit", at(0, created("q"), receive("q").refused(wire.OverLimit)), Live},
	})
}
