package model

import (
	"testing"

	"sqsd/wire"
)

func TestCatalog(t *testing.T) {
	runScenarios(t, []scenario{
		{"two creates with different attributes succeed", at(0, created("q"), created("q", "DelaySeconds", "1")), Linearizable},
		{"the answer names another queue", at(0, create("q").result(&wire.CreateQueueResponse{QueueURL: "p"})), Linearizable},
		{"a queue is refused without reason", at(0, create("q").refused(wire.QueueNameExists)), Linearizable},
		{"a deleted queue answers", at(0, created("q"), remove("q").ok(), send("q", "a").sent("m1")), Incarnations},
		{"a deleted queue is created too soon", story(at(0, created("q"), remove("q").ok()), at(59_999, created("q"))), Incarnations},
		{"an unknown queue answers", at(0, getURL("q").result(&wire.GetQueueURLResponse{QueueURL: "q"})), Linearizable},
		{"a queue is not found", at(0, created("q"), send("q", "a").refused(wire.QueueDoesNotExist)), Live},
		{"a queue is missing in the list", at(0, created("a"), created("b"), list(wire.ListQueuesRequest{}, "",
			"b")), Linearizable},
		{"a deleted queue is listed", at(0, created("a"), remove("a").ok(), list(wire.ListQueuesRequest{}, "", "a")), Linearizable},

		{"create is idempotent in the attributes given", at(0, created("q", "DelaySeconds", "1"), created("q"),
			created("q", "DelaySeconds", "1")), ""},
		{"create compares with current values", at(0, created("q", "DelaySeconds", "1"), set("q", "DelaySeconds", "2").ok(),
			create("q", "DelaySeconds", "1").refused(wire.QueueNameExists), created("q", "DelaySeconds", "2")), ""},
		{"create compares with defaults", at(0, created("q"), created("q", "VisibilityTimeout", "30"),
			create("q", "VisibilityTimeout", "31").refused(wire.QueueNameExists)), ""},
		{"a deleted name is refused for a minute", story(at(0, created("q")), at(5, remove("q").ok()),
			at(60_004, create("q").refused(wire.QueueDeletedRecently)), at(60_005, created("q"))), ""},
		{"a queue created again starts anew", story(at(0, created("q", "VisibilityTimeout", "9"), send("q", "a").sent("m1"),
			remove("q").ok()), at(60_000, created("q"), receive("q").got(), attributes("q").all("q", "CreatedTimestamp", "60",
			"LastModifiedTimestamp", "60"))), ""},
		{"every action needs the queue", at(0, remove("q").refused(wire.QueueDoesNotExist), purge("q").refused(wire.QueueDoesNotExist),
			getURL("q").refused(wire.QueueDoesNotExist), set("q").refused(wire.QueueDoesNotExist),
			attributes("q").refused(wire.QueueDoesNotExist), receive("q").refused(wire.QueueDoesNotExist),
			del("q", "h").refused(wire.QueueDoesNotExist), change("q", "h", 1).refused(wire.QueueDoesNotExist)), ""},
		{"lists are in name order, by prefix, in pages", at(0, created("b"), created("ab"), created("aa"), created("ac"),
			list(wire.ListQueuesRequest{}, "", "aa", "ab", "ac", "b"),
			list(wire.ListQueuesRequest{QueueNamePrefix: "a"}, "", "aa", "ab", "ac"),
			list(wire.ListQueuesRequest{QueueNamePrefix: "a", MaxResults: wire.Int(2)}, "ab", "aa", "ab"),
			list(wire.ListQueuesRequest{QueueNamePrefix: "a", MaxResults: wire.Int(2), After: "ab"}, "", "ac"),
			list(wire.ListQueuesRequest{MaxResults: wire.Int(4)}, "", "aa", "ab", "ac", "b")), ""},
	})
}

func TestPurge(t *testing.T) {
	three := at(0, created("q"), send("q", "a").sent("m1"), send("q", "b").sent("m2"), sendDelayed("q", "c", 9).sent("m3"),
		receiveMax("q", 1).got("m1#1"))
	runScenarios(t, []scenario{
		{"a delayed message survives", story(three, at(1, purge("q").ok()), at(9000, receive("q").got("m3#1"))), Incarnations},
		{"a message sent at its time, but after it, is taken too", story(three, at(1, purge("q").ok(), send("q", "d").sent("m4"),
			receive("q").got())), Incarnations},
		{"a message sent later is missing", story(three, at(1, purge("q").ok()), at(2, send("q", "d").sent("m4"),
			receive("q").got())), Prompt},
		{"a second purge is accepted too soon", story(three, at(1, purge("q").ok()), at(60_000, purge("q").ok())), Linearizable},

		{"it removes visible, delayed and held messages", story(three, at(1, purge("q").ok(), attributes("q").all("q"))), ""},
		{"a later send survives", story(three, at(1, purge("q").ok(), send("q", "d").sent("m4"), receive("q").got("m4#1"))), ""},
		{"it is refused for a minute", story(three, at(1, purge("q").ok()), at(60_000, purge("q").refused(wire.PurgeQueueInProgress)),
			at(60_001, purge("q").ok())), ""},
		{"handles of purged messages are gone", story(three, at(1, purge("q").ok(), del("q", "m1#1").ok(),
			change("q", "m1#1", 1).refused(wire.InvalidParameterValue))), ""},
	})
}
