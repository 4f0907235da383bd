package model

import (
	"strings"
	"testing"

	"sqsd/wire"
)

// f is the FIFO queue of these tests.
const f = "f.fifo"

// sendTo sends to a group, with the body as deduplication id.
func sendTo(group, body string) step { return sendDedup(group, body, body) }

func sendDedup(group, body, dedupID string) step {
	return step{req: &wire.SendMessageRequest{QueueRef: ref(f),
		Outgoing: wire.Outgoing{MessageBody: body, MessageGroupID: group, MessageDeduplicationID: dedupID}}}
}

// duplicate answers a send with the ids of an earlier message.
func (st step) duplicate(id string) step {
	return st.to(func(b *books, _ wire.Time) (wire.Response, *wire.Error) {
		return b.acknowledge(&st.req.(*wire.SendMessageRequest).Outgoing, id), nil
	})
}

// sentWith is sent with a change in the answer.
func (st step) sentWith(id string, change func(*wire.SendMessageResponse)) step {
	return st.to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
		resp, _ := st.sent(id).answer(b, at)
		change(resp.(*wire.SendMessageResponse))
		return resp, nil
	})
}

// abc are messages a1, a2, a3 of group a and b1, b2 of group b, sent in turns.
func abc(attributes ...string) []step {
	return at(0, created(f, attributes...), sendTo("a", "a1").sent("a1"), sendTo("b", "b1").sent("b1"), sendTo("a", "a2").sent("a2"),
		sendTo("b", "b2").sent("b2"), sendTo("a", "a3").sent("a3"))
}

func TestFIFOOrderIsBroken(t *testing.T) {
	runScenarios(t, []scenario{
		{"two messages of a group change places", story(abc(), at(1, receive(f).got("a2#1"))), OneEffect},
		{"two messages of a group change places in one receive", story(abc(), at(1, receive(f).got("a1#1", "a3#1", "a2#1"))), OneEffect},
		{"a successor is delivered past a hidden head", story(abc(), at(1, receiveMax(f, 1).got("a1#1"),
			receiveMax(f, 1).got("a2#1"))), OneEffect},
		{"a successor is delivered past a delayed head", story(at(0, created(f, "DelaySeconds", "5"), sendTo("a", "a1").sent("a1")),
			at(5, sendTo("a", "a2").sent("a2")), at(5000, receiveMax(f, 1).got("a2#1"))), ReplicatedNow},
		{"the head's timeout ends and its successor is delivered", story(abc(), at(1, receiveMax(f, 1).got("a1#1")),
			at(30_001, receiveMax(f, 1).got("a2#1"))), OneEffect},
		{"a group is never unlocked", story(abc(), at(1, receiveMax(f, 3).got("a1#1", "a2#1", "a3#1")),
			at(2, receive(f).got("b1#1", "b2#1")), at(30_001, receive(f).got())), Prompt},
		{"a group is not unlocked by deletes", story(abc(), at(1, receiveMax(f, 1).got("a1#1"), del(f, "a1#1").ok(),
			receive(f).got("b1#1", "b2#1"))), Prompt},
		{"a group is left before it is exhausted", story(abc(), at(1, receive(f).got("a1#1", "b1#1", "b2#1", "a2#1"))), Linearizable},
		{"another group is passed over", story(abc(), at(1, receive(f).got("a1#1", "a2#1", "a3#1"))), Prompt},
		{"more is returned than asked for", story(abc(), at(1, receiveMax(f, 1).got("a1#1", "a2#1"))), Linearizable},
		{"a message is delivered twice by one receive", story(abc(), at(1, receive(f).got("a1#1", "a1#2"))), OneHolder},
		{"a held message is delivered", story(abc(), at(1, receiveMax(f, 1).got("a1#1")), at(2, receiveMax(f, 1).got("a1#2"))),
			OneHolder},
		{"a deleted message is delivered", story(abc(), at(1, receiveMax(f, 1).got("a1#1"), del(f, "a1#1").ok(),
			receiveMax(f, 1).got("a1#2"))), FinalDelete},
		{"a message changes its group", story(abc(), at(1, receiveMax(f, 1).gotWith("a1#1", func(m *wire.Message) {
			m.Attributes = m.Attributes.With("MessageGroupId", "b")
		}))), Linearizable},
	})
}

func TestFIFODelivery(t *testing.T) {
	held := story(abc(), at(1, receiveMax(f, 3).got("a1#1", "a2#1", "a3#1")))
	runScenarios(t, []scenario{
		{"several messages of a group, then the next group", story(abc(), at(1, receive(f).got("a1#1", "a2#1", "a3#1", "b1#1",
			"b2#1"))), ""},
		{"groups may come in any order", story(abc(), at(1, receive(f).got("b1#1", "b2#1", "a1#1", "a2#1", "a3#1"))), ""},
		{"the last group is cut at the limit", story(abc(), at(1, receiveMax(f, 3).got("b1#1", "b2#1", "a1#1"))), ""},
		{"a held head blocks its group, also for later sends", story(abc(), at(1, receiveMax(f, 1).got("a1#1"),
			sendTo("a", "a4").sent("a4"), receive(f).got("b1#1", "b2#1"), receive(f).got())), ""},
		{"deleting all received messages unlocks the group at once", story(abc(), at(1, receiveMax(f, 2).got("a1#1", "a2#1"),
			del(f, "a2#1").ok(), receiveMax(f, 2).got("b1#1", "b2#1"), receive(f).got(), del(f, "a1#1").ok(),
			receive(f).got("a3#1"))), ""},
		{"releasing only the head delivers the head", story(held, at(2, change(f, "a1#1", 0).ok(),
			receiveMax(f, 1).got("a1#2"), receive(f).got("b1#1", "b2#1"))), ""},
		{"the second is extended: only the first comes back", story(held, at(20_000, change(f, "a2#1", 30).ok()),
			at(30_001, receive(f).got("a1#2", "b1#1", "b2#1"))), ""},
		{"the first is extended: none comes back", story(held, at(20_000, change(f, "a1#1", 30).ok()),
			at(30_001, receive(f).got("b1#1", "b2#1"))), ""},
		{"the third is extended: the first two come back", story(held, at(20_000, change(f, "a3#1", 30).ok()),
			at(30_001, receiveMax(f, 2).got("a1#2", "a2#2"))), ""},
		{"an expired message does not block", story(at(0, created(f, "MessageRetentionPeriod", "60"), sendTo("a", "a1").sent("a1")),
			at(50_000, sendTo("a", "a2").sent("a2"), receiveMax(f, 1).got("a1#1")), at(60_000, receive(f).got("a2#1"))), ""},
		{"blocked messages count as visible, delivered ones as in flight", story(abc(), at(1, receiveMax(f, 1).got("a1#1"),
			attributes(f).allFIFO("ApproximateNumberOfMessages", "4", "ApproximateNumberOfMessagesNotVisible", "1"))), ""},
		{"the delay of the queue applies to what it holds", story(abc(), at(1000, set(f, "DelaySeconds", "10").ok()),
			at(9999, receive(f).got(), attributes(f).allFIFO("DelaySeconds", "10", "ApproximateNumberOfMessagesDelayed", "5",
				"LastModifiedTimestamp", "1")), at(10_000, receiveMax(f, 1).got("a1#1"))), ""},
		{"the delay does not apply to what was received", story(abc(), at(1, receiveMax(f, 1).got("a1#1"),
			change(f, "a1#1", 0).ok(), set(f, "DelaySeconds", "10").ok(), receive(f).got("a1#2"))), ""},
		{"a batch keeps its order", story(at(0, created(f), batchTo("a", "a1", "a2").results("a1=a1", "a2=a2"),
			receive(f).got("a1#1", "a2#1"))), ""},
	})
}

func TestFIFOInFlightLimit(t *testing.T) {
	full := story(abc(), at(1, sendTo("c", "c1").sent("c1"), receive(f).got("a1#1", "a2#1", "a3#1", "b1#1", "b2#1")))
	runScenarios(t, []scenario{
		{"a short poll is refused at the limit", story(full, at(2, receive(f).refused(wire.OverLimit))), Live},
		{"a receive delivers at the limit", story(full, at(2, receive(f).got("c1#1"))), Linearizable},
		{"receives are empty at the limit", story(full, at(2, receive(f).got(), poll(f, 1).got())), ""},
		{"a deleted message makes room", story(full, at(2, del(f, "b2#1").ok(), receive(f).got("c1#1"))), ""},
	})
}

func TestFIFOHandles(t *testing.T) {
	held := story(abc(), at(1, receiveMax(f, 1).got("a1#1")))
	again := story(held, at(30_001, receiveMax(f, 1).got("a1#2")))
	deleteBatch := func(handle string) step {
		return step{req: &wire.DeleteMessageBatchRequest{QueueRef: ref(f),
			Entries: []wire.DeleteMessageBatchEntry{{ID: "e", ReceiptHandle: handle}}}}
	}
	invalid := &wire.BatchResponse{Failed: []wire.BatchResultError{failure("e", wire.InvalidParameterValue)}}
	runScenarios(t, []scenario{
		{"an expired handle deletes", story(held, at(30_001, del(f, "a1#1").ok())), StaleHandles},
		{"an expired handle changes the visibility", story(held, at(30_001, change(f, "a1#1", 5).ok())), StaleHandles},
		{"an old handle deletes", story(again, at(30_002, del(f, "a1#1").ok())), StaleHandles},
		{"an old handle has an effect", story(again, at(30_002, del(f, "a1#1").refused(wire.InvalidParameterValue),
			receiveMax(f, 1).got("a2#1"))), OneEffect},

		{"expired and old handles are refused", story(again, at(30_002, del(f, "a1#1").refused(wire.InvalidParameterValue),
			change(f, "a1#1", 5).refused(wire.InvalidParameterValue), deleteBatch("a1#1").result(invalid)),
			at(60_001, del(f, "a1#2").refused(wire.InvalidParameterValue))), ""},
		{"a released handle has expired", story(held, at(2, change(f, "a1#1", 0).ok(),
			del(f, "a1#1").refused(wire.InvalidParameterValue))), ""},
		{"an extended handle is valid until the new deadline", story(held, at(30_000, change(f, "a1#1", 5).ok()),
			at(34_999, del(f, "a1#1").ok())), ""},
		{"when the message is gone a delete succeeds and a change does not", story(held, at(2, del(f, "a1#1").ok(),
			del(f, "a1#1").ok(), change(f, "a1#1", 1).refused(wire.InvalidParameterValue))), ""},
	})
}

func TestSequenceNumbers(t *testing.T) {
	number := func(n string) func(*wire.SendMessageResponse) {
		return func(r *wire.SendMessageResponse) { r.SequenceNumber = n }
	}
	runScenarios(t, []scenario{
		{"there is none", at(0, created(f), sendTo("a", "a1").sentWith("a1", number(""))), OneEffect},
		{"it is too short", at(0, created(f), sendTo("a", "a1").sentWith("a1", number("1"))), OneEffect},
		{"it begins with zero", at(0, created(f), sendTo("a", "a1").sentWith("a1", number("0"+strings.Repeat("1", 19)))), OneEffect},
		{"it has a letter", at(0, created(f), sendTo("a", "a1").sentWith("a1", number(strings.Repeat("1", 19)+"x"))), OneEffect},
		{"it does not go up", story(abc(), at(1, sendTo("a", "a4").sentWith("a4", number("10000000000000000005")))), OneEffect},
		{"it goes back in another group", story(abc(), at(1, sendTo("c", "c1").sentWith("c1", number("10000000000000000001")))),
			OneEffect},
		{"it goes back after the queue was emptied", story(abc(), at(1, purge(f).ok(),
			sendTo("a", "a4").sentWith("a4", number("10000000000000000005")))), OneEffect},
		{"a message is delivered with another one", story(abc(), at(1, receiveMax(f, 1).gotWith("a1#1", func(m *wire.Message) {
			m.Attributes = m.Attributes.With("SequenceNumber", "10000000000000000002")
		}))), OneEffect},
		{"one that is learned late is too great", at(0, created(f), sendTo("a", "a1").unobserved(), sendTo("b", "b1").sent("b1"),
			receiveMax(f, 1).gotWith("a1#1", func(m *wire.Message) {
				m.Body, m.MD5OfBody = "a1", ""
				m.Attributes = m.Attributes.With("SequenceNumber", "20000000000000000000").With("MessageDeduplicationId", "a1").
					With("MessageGroupId", "a")
			})), OneEffect},
		{"it may leave numbers out", story(abc(), at(1, sendTo("a", "a4").sentWith("a4", number("99999999999999999999")))), ""},
	})
}

func TestFIFOGroupsInTurn(t *testing.T) {
	config := testConfig
	config.GroupsInTurn = true
	runGroupScenarios(t, config, []scenario{
		{"the group of the oldest message first", story(abc(), at(1, receiveMax(f, 1).got("a1#1"))), ""},
		{"another group first", story(abc(), at(1, receiveMax(f, 1).got("b1#1"))), Live},
		{"a group that was served goes behind the others", story(abc(), at(1, receiveMax(f, 1).got("a1#1"), del(f, "a1#1").ok(),
			receiveMax(f, 1).got("b1#1"), receiveMax(f, 1).got("a2#1"))), ""},
		{"a group that was served comes again", story(abc(), at(1, receiveMax(f, 1).got("a1#1"), del(f, "a1#1").ok(),
			receiveMax(f, 1).got("a2#1"))), Live},
	})
}
