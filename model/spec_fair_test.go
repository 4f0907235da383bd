package model

import (
	"testing"

	"sqsd/wire"
)

func TestFairTurns(t *testing.T) {
	noisy := at(0, created("q", "MessageRetentionPeriod", "60"), sendFor("N", "q", "a").sent("n1"), sendFor("N", "q", "b").sent("n2"),
		sendFor("N", "q", "c").sent("n3"), sendFor("N", "q", "d").sent("n4"), sendFor("N", "q", "e").sent("n5"))
	quiet := at(1, sendFor("Q", "q", "f").sent("q1"), sendFor("Q", "q", "g").sent("q2"))
	plain := at(1, send("q", "h").sent("p1"), send("q", "i").sent("p2"))
	later := step{req: &wire.SendMessageRequest{QueueRef: ref("q"), Outgoing: wire.Outgoing{MessageBody: "later",
		MessageGroupID: "A", DelaySeconds: wire.Int(40)}}}.sent("a2")
	timeout0 := &wire.ReceiveMessageRequest{QueueRef: ref("q"), VisibilityTimeout: wire.Int(0)}
	one := func(handle string) step { return receiveMax("q", 1).got(handle) }
	runScenarios(t, []scenario{
		{"a tenant's backlog goes first", story(noisy, quiet, at(1, one("n1#1"), one("n2#1"))), Linearizable},
		{"a backlog of what came back goes first", story(noisy, at(0, receiveFor("q", 0).got("n1#1", "n2#1", "n3#1", "n4#1", "n5#1")),
			quiet, at(1, one("n1#2"), one("n2#2"))), Linearizable},
		{"a tenant makes up for turns when it had nothing", story(noisy, at(0, one("n1#1"), one("n2#1"), one("n3#1")), quiet,
			at(1, one("n4#1"), one("q1#1"), one("q2#1"))), Linearizable},
		{"messages without a group id are a tenant each", story(noisy, plain, at(1, one("n1#1"), one("p1#1"), one("p2#1"))), Linearizable},
		{"a tenant's messages are not in send order", story(noisy, quiet, at(1, one("n2#1"))), Linearizable},

		{"tenants take turns in one receive and from one to the next", story(noisy, quiet, plain,
			at(1, receiveMax("q", 4).got("n1#1", "q1#1", "p1#1", "n2#1"), receive("q").got("q2#1"))), ""},
		{"one that begins is level with the one served last, and the older message decides", story(noisy, at(0, one("n1#1")), quiet,
			at(1, one("n2#1"), one("q1#1"))), ""},
		{"what came back waits for its tenant's turn", story(noisy, at(0, receiveFor("q", 1).got("n1#1", "n2#1", "n3#1", "n4#1", "n5#1")),
			quiet, at(1000, one("n1#2"), one("q1#1"), one("n2#2"), one("q2#1"), one("n3#2"))), ""},
		{"one whose last message expires begins anew with the next", story(
			at(0, created("q", "MessageRetentionPeriod", "60"), sendFor("A", "q", "a").sent("a1")),
			at(30_000, sendFor("B", "q", "b").sent("b1"), sendFor("B", "q", "c").sent("b2"), sendFor("C", "q", "d").sent("c1"),
				later, step{req: timeout0}.got("a1#1"), one("b1#1"), one("c1#1")),
			at(70_000, receive("q").got("b1#2", "c1#2", "a2#1", "b2#1"))), ""},
	})
}
