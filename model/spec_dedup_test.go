package model

import (
	"strconv"
	"testing"

	"sqsd/wire"
)

// batchTo is a batch to a group whose entries have their text as id, body and deduplication id.
func batchTo(group string, entries ...string) step {
	st := batchSend(f, entries...)
	for i := range st.req.(*wire.SendMessageBatchRequest).Entries {
		o := &st.req.(*wire.SendMessageBatchRequest).Entries[i].Outgoing
		o.MessageGroupID, o.MessageDeduplicationID = group, o.MessageBody
	}
	return st
}

func TestDeduplicationIsBroken(t *testing.T) {
	once := at(0, created(f), sendTo("a", "x").sent("m1"))
	runScenarios(t, []scenario{
		{"a duplicate is stored", story(once, at(1, sendTo("a", "x").sent("m2"))), OneEffect},
		{"a duplicate in another group is stored", story(once, at(1, sendTo("b", "x").sent("m2"))), OneEffect},
		{"a duplicate is stored at the end of the window", story(once, at(299_999, sendTo("a", "x").sent("m2"))), OneEffect},
		{"a duplicate extends the window", story(once, at(299_999, sendTo("a", "x").duplicate("m1")),
			at(300_000, sendTo("a", "x").duplicate("m1"))), OneEffect},
		{"a duplicate is stored because the message was deleted", story(once, at(1, receive(f).got("m1#1"), del(f, "m1#1").ok(),
			sendTo("a", "x").sent("m2"))), OneEffect},
		{"a batch is stored without looking", story(once, at(1, batchTo("a", "x").results("x=m2"))), OneEffect},
		{"the same id twice in a batch is stored twice", at(0, created(f, "ContentBasedDeduplication", "true"),
			sameBodies("x", "y").results("x=m1", "y=m2")), OneEffect},
		{"a duplicate has another sequence number", story(once, at(1, sendTo("a", "x").to(
			func(b *books, _ wire.Time) (wire.Response, *wire.Error) {
				resp := b.acknowledge(&wire.Outgoing{MessageBody: "x"}, "m1")
				resp.SequenceNumber = "10000000000000000009"
				return resp, nil
			}))), OneEffect},
		{"a duplicate gets another message's ids", story(once, at(1, sendTo("a", "y").sent("m2"),
			sendTo("a", "x").duplicate("m2"))), OneEffect},
		{"a duplicate is delivered", story(once, at(1, sendTo("a", "x").duplicate("m1"), receive(f).got("m1#1", "m2#1"))),
			Linearizable},
		{"another id in the window is swallowed", story(once, at(1, sendTo("a", "y").duplicate("m1"))), OneEffect},
		{"a send without an id is taken", at(0, created(f), sendDedup("a", "x", "").sent("m1")), Linearizable},
	})
}

func TestDeduplication(t *testing.T) {
	once := at(0, created(f), sendTo("a", "x").sent("m1"))
	perGroup := at(0, created(f, "DeduplicationScope", "messageGroup"), sendTo("a", "x").sent("m1"))
	content := at(0, created(f, "ContentBasedDeduplication", "true"), sendDedup("a", "x", "").sent("m1"))
	const shaOfX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	runScenarios(t, []scenario{
		{"a duplicate gets the ids of the first one and its own digests", story(once, at(299_999,
			sendDedup("a", "other", "x").duplicate("m1"), receive(f).got("m1#1"))), ""},
		{"the window is over after five minutes", story(once, at(300_000, sendTo("a", "x").sent("m2"))), ""},
		{"the record outlives the message", story(once, at(1, receive(f).got("m1#1"), del(f, "m1#1").ok(),
			sendTo("a", "x").duplicate("m1"), receive(f).got())), ""},
		{"a purge forgets", story(once, at(1, purge(f).ok(), sendTo("a", "x").sent("m2"))), ""},
		{"scope messageGroup keeps groups apart", story(perGroup, at(1, sendTo("b", "x").sent("m2"),
			sendTo("a", "x").duplicate("m1"))), ""},
		{"old records keep the scope of the queue", story(once, at(1, set(f, "DeduplicationScope", "messageGroup").ok(),
			sendTo("b", "x").duplicate("m1"), sendTo("a", "y").sent("m2"), sendTo("b", "y").sent("m3"))), ""},
		{"old records keep the scope of their group", story(perGroup, at(1, set(f, "DeduplicationScope", "queue").ok(),
			sendTo("a", "x").duplicate("m1"), sendTo("b", "x").sent("m2"), sendTo("c", "x").duplicate("m2"))), ""},
		{"content-based ids are the digest of the body", story(content, at(1, sendDedup("a", "x", "").duplicate("m1"),
			sendDedup("a", "other", shaOfX).duplicate("m1"))), ""},
		{"an explicit id wins over the content", story(content, at(1, sendDedup("a", "x", "mine").sent("m2"))), ""},
		{"content-based records stay when it is switched off", story(content, at(1, set(f, "ContentBasedDeduplication", "false").ok(),
			sendDedup("a", "y", shaOfX).duplicate("m1"), sendDedup("a", "x", "").refused(wire.InvalidParameterValue))), ""},
		{"a batch without an id is refused as a whole", at(0, created(f), sameBodies("x", "y").refused(wire.InvalidParameterValue),
			receive(f).got()), ""},
		{"a duplicate within a batch", at(0, created(f, "ContentBasedDeduplication", "true"),
			sameBodies("x", "y").results("x=m1", "y=m1"), receive(f).got("m1#1")), ""},
		{"later entries go in after a refused one", at(0, created(f), batchTo("a", "x", "!y", "z").results("x=m1", "y!", "z=m2"),
			receive(f).got("m1#1", "m2#1")), ""},
		{"a duplicate of a send that was not observed", at(0, created(f), sendTo("a", "x").unobserved(),
			sendTo("a", "x").unobserved(), sendTo("a", "x").to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
				b.enter(f, &wire.Outgoing{MessageBody: "x", MessageGroupID: "a", MessageDeduplicationID: "x"}, "m1", at)
				return b.acknowledge(&b.messages["m1"].out, "m1"), nil
			}), receive(f).got("m1#1")), ""},
	})
}

// sameBodies is a batch to one group whose entries all have the body x and no deduplication id.
func sameBodies(entries ...string) step {
	st := batchTo("a", entries...)
	for i := range st.req.(*wire.SendMessageBatchRequest).Entries {
		o := &st.req.(*wire.SendMessageBatchRequest).Entries[i].Outgoing
		o.MessageBody, o.MessageDeduplicationID = "x", ""
	}
	return st
}

func attempted(id string) step {
	st := receiveMax(f, 2)
	st.req.(*wire.ReceiveMessageRequest).ReceiveRequestAttemptID = id
	return st
}

// same answers a receive with deliveries that were made before.
func (st step) same(handles ...string) step {
	return st.to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
		resp := &wire.ReceiveMessageResponse{}
		for _, handle := range handles {
			m := b.messages[handle[:len(handle)-2]]
			first := m.firstAt
			m.receives--
			again := b.deliver(handle, at)
			m.firstAt = first
			again.Attributes = again.Attributes.With("ApproximateFirstReceiveTimestamp", strconv.FormatInt(int64(first), 10))
			resp.Messages = append(resp.Messages, again)
		}
		return resp, nil
	})
}

func TestReceiveAttempts(t *testing.T) {
	taken := story(abc(), at(0, attempted("t").got("a1#1", "a2#1")))
	runScenarios(t, []scenario{
		{"a repeated receive takes other messages", story(taken, at(1, attempted("t").got("b1#1", "b2#1"))), Linearizable},
		{"a repeated receive gives new handles", story(taken, at(1, attempted("t").same("a1#2", "a2#2"))), Linearizable},
		{"a repeated receive counts", story(taken, at(1, attempted("t").got("a1#1", "a2#1"))), Linearizable},
		{"a repeated receive is empty", story(taken, at(1, attempted("t").got())), Linearizable},
		{"a repeated receive does not start the timeouts again", story(taken, at(10_000, attempted("t").same("a1#1", "a2#1")),
			at(30_000, receiveMax(f, 1).got("a1#2"))), OneHolder},

		{"a repeated receive has the same answer and starts the timeouts again", story(taken, at(10_000,
			attempted("t").same("a1#1", "a2#1")), at(39_999, receive(f).got("b1#1", "b2#1"), del(f, "a1#1").ok()),
			at(40_000, receive(f).got("a2#2", "a3#1"))), ""},
		{"it can be repeated while other receives go on", story(taken, at(1, receive(f).got("b1#1", "b2#1"),
			attempted("t").same("a1#1", "a2#1"), attempted("t").same("a1#1", "a2#1"))), ""},
		{"another attempt takes other messages", story(taken, at(1, attempted("u").got("b1#1", "b2#1"))), ""},
		{"after a delete it is a fresh receive", story(taken, at(1, del(f, "a2#1").ok(), attempted("t").got("b1#1", "b2#1"),
			attempted("t").same("b1#1", "b2#1"))), ""},
		{"after a change of visibility it is a fresh receive", story(taken, at(1, change(f, "a1#1", 60).ok(),
			attempted("t").got("b1#1", "b2#1"))), ""},
		{"after the timeout it is a fresh receive", story(taken, at(30_000, attempted("t").got("a1#2", "a2#2"))), ""},
		{"after five minutes it is a fresh receive", story(taken, at(1, change(f, "a1#1", 0).ok(), change(f, "a2#1", 0).ok(),
			attempted("t").got("a1#2", "a2#2")), attempts(20_000, 300_000), at(300_001, attempted("t").got("b1#1", "b2#1"))), ""},
		{"a purge forgets attempts", story(taken, at(1, purge(f).ok(), attempted("t").got())), ""},
		{"an empty receive is not remembered", at(0, created(f), attempted("t").got(), sendTo("a", "a1").sent("a1"),
			attempted("t").got("a1#1")), ""},
	})
}

// attempts repeats the attempt t in time again and again until an end.
func attempts(every, end wire.Time) (all []step) {
	for t := every; t <= end; t += every {
		all = append(all, at(t, attempted("t").same("a1#2", "a2#2"))...)
	}
	return all
}
