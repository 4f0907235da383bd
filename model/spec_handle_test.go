package model

import (
	"testing"

	"sqsd/wire"
)

func TestHandles(t *testing.T) {
	held := at(0, created("q"), created("p"), send("q", "a").sent("m1"), receive("q").got("m1#1"))
	again := story(held, at(30_000, receive("q").got("m1#2")))
	recreated := story(held, at(1, remove("q").ok()), at(60_001, created("q")))
	runScenarios(t, []scenario{
		{"a delete by an old handle is answered with an error", story(again, at(30_001, del("q", "m1#1").
			refused(wire.ReceiptHandleIsInvalid))), StaleHandles},
		{"a change by an old handle succeeds", story(again, at(30_001, change("q", "m1#1", 5).ok())), StaleHandles},
		{"a handle works on another queue", story(held, at(1, del("p", "m1#1").ok())), StaleHandles},
		{"a handle works on a later queue of the name", story(recreated, at(60_002, del("q", "m1#1").ok())), StaleHandles},
		{"a made-up handle is accepted", story(held, at(1, del("q", "nonsense").ok())), Linearizable},
		{"a delete by the current handle fails", story(held, at(1, del("q",
			"m1#1").refused(wire.ReceiptHandleIsInvalid))), Linearizable},
		{"a delivery is held for more than twelve hours", story(held, at(1, change("q", "m1#1", 43_200).ok())), Linearizable},
		{"a release is ignored", story(held, at(1, release("q", "m1#1"), receive("q").got())), Prompt},

		{"the current handle deletes", story(held, at(1, del("q", "m1#1").ok()), at(30_000, receive("q").got())), ""},
		{"the handle deletes after its timeout if nobody else has the message", story(held, at(30_000, del("q", "m1#1").ok(),
			receive("q").got())), ""},
		{"an old handle deletes nothing and is answered with success", story(again, at(30_001, del("q", "m1#1").ok()),
			at(60_000, receive("q").got("m1#3"))), ""},
		{"a delete can be repeated", story(held, at(1, del("q", "m1#1").ok(), del("q", "m1#1").ok())), ""},
		{"a handle of a deleted message cannot change it", story(held, at(1, del("q", "m1#1").ok(),
			change("q", "m1#1", 1).refused(wire.InvalidParameterValue))), ""},
		{"handles of other and earlier queues are invalid", story(recreated, at(60_002, del("q",
			"m1#1").refused(wire.ReceiptHandleIsInvalid),
			change("p", "m1#1", 1).refused(wire.ReceiptHandleIsInvalid), del("p",
				"nonsense").refused(wire.ReceiptHandleIsInvalid))), ""},
		{"a change counts from the call", story(held, at(10_000, change("q", "m1#1", 5).ok()), at(14_999, receive("q").got()),
			at(15_000, receive("q").got("m1#2"))), ""},
		{"a change extends", story(held, at(29_999, change("q", "m1#1", 30).ok()), at(59_998, receive("q").got()),
			at(59_999, receive("q").got("m1#2"))), ""},
		{"a change to 0 releases", story(held, at(1, change("q", "m1#1", 0).ok(), receive("q").got("m1#2"))), ""},
		{"a change hides a message that is visible again, without counting", story(held, at(40_000, change("q", "m1#1", 10).ok(),
			receive("q").got()), at(50_000, receive("q").got("m1#2"))), ""},
		{"twelve hours in all are allowed", story(held, at(0, change("q", "m1#1", 43_200).ok()),
			at(1, change("q", "m1#1", 43_200).refused(wire.InvalidParameterValue)), at(43_199_999, receive("q").got()),
			at(43_200_000, receive("q").got("m1#2"))), ""},
		{"a release passes over old handles", story(again, at(30_001, release("q", "m1#1"), receive("q").got(),
			release("q", "m1#2"), receive("q").got("m1#3"))), ""},
		{"a release does not hide what is visible", story(held, at(40_000, release("q", "m1#1"), receive("q").got("m1#2"))), ""},
		{"a release of a deleted queue is nothing", story(held, at(1, remove("q").ok(), release("q", "m1#1"))), ""},
		{"a tick lets time pass", story(held, at(30_000, tick(), attributes("q").all("q", "ApproximateNumberOfMessages",
			"1"))), ""},
	})
}
