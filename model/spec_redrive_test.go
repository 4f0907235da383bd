package model

import (
	"testing"

	"sqsd/wire"
)

// redrive is the attribute that sends messages to a queue after a number of receipts.
func redrive(target string, receives string) []string {
	return []string{"RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:here:1:` + target + `","maxReceiveCount":` + receives + `}`}
}

// from is got of one message that came from another queue.
func (st step) from(source, handle string) step {
	return st.gotWith(handle, func(m *wire.Message) {
		m.Attributes = m.Attributes.With("DeadLetterQueueSourceArn", "arn:aws:sqs:here:1:"+source)
	})
}

// poisoned is a queue q with dead-letter queue d whose message m1 was received as often as allowed, and is visible again.
// Behind it is m2.
func poisoned() []step {
	return at(0, created("d"), created("q", redrive("d", "1")...), send("q", "a").sent("m1"), send("q", "b").sent("m2"),
		receiveMax("q", 1).got("m1#1"), change("q", "m1#1", 0).ok())
}

func TestDeadLetterMovesBreakPromises(t *testing.T) {
	moved := story(poisoned(), at(1, receiveMax("q", 1).got("m2#1")))
	runScenarios(t, []scenario{
		{"a message is delivered more often than allowed", story(poisoned(), at(1, receive("q").got("m1#2", "m2#1"))), Linearizable},
		{"a message is moved before the limit", story(at(0, created("d"), created("q", redrive("d", "2")...),
			send("q", "a").sent("m1"), receive("q").got("m1#1"), change("q", "m1#1", 0).ok(), receive("q").got())), Prompt},
		{"a moved message is visible in both queues", story(moved, at(2, receive("d").from("q", "m1#3")),
			at(60_000, receive("q").got("m1#4", "m2#2"))), OnePlace},
		{"a moved message is lost", story(moved, at(2, receive("d").got())), Prompt},
		{"a moved message is doubled", story(moved, at(2, receive("d").to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
			resp, err := receive("d").from("q", "m1#3").answer(b, at)
			m := resp.(*wire.ReceiveMessageResponse).Messages[0]
			m.ReceiptHandle = "m1#4"
			resp.(*wire.ReceiveMessageResponse).Messages = append(resp.(*wire.ReceiveMessageResponse).Messages, m)
			return resp, err
		}))), OneHolder},
		{"the receive count starts again", story(moved, at(2, receive("d").gotWith("m1#3", func(m *wire.Message) {
			m.Attributes = m.Attributes.With("ApproximateReceiveCount", "1").With("DeadLetterQueueSourceArn", "arn:aws:sqs:here:1:q")
		}))), Linearizable},
		{"the source is not named", story(moved, at(2, receive("d").got("m1#3"))), Linearizable},
		{"a handle of the source works on the dead-letter queue", story(moved, at(2, del("d", "m1#1").ok())), StaleHandles},
		{"a handle of the source deletes the moved message", story(moved, at(2, del("q", "m1#1").ok(), receive("d").got())), Prompt},
		{"a moved message is counted in the source", story(moved, at(2, attributes("q").all("q", "ApproximateNumberOfMessages", "1",
			"ApproximateNumberOfMessagesNotVisible", "1", redrive("d", "1")[0], redrive("d", "1")[1]))), Linearizable},
		{"a missing dead-letter queue blocks the source", story(poisoned(), at(1, remove("d").ok(), receive("q").got("m2#1"))),
			Linearizable},
		{"a message of a missing dead-letter queue is dropped", story(poisoned(), at(1, remove("d").ok(), receive("q").got())), Prompt},
	})
}

func TestDeadLetterMoves(t *testing.T) {
	moved := story(poisoned(), at(1, receiveMax("q", 1).got("m2#1")))
	runScenarios(t, []scenario{
		{"a message moves with the receive that would deliver it too often", story(moved, at(1, receive("d").from("q", "m1#2"),
			del("d", "m1#2").ok()), at(60_000, receive("d").got(), receiveMax("q", 1).got())), ""},
		{"receives count whatever their timeout", story(at(0, created("d"), created("q", redrive("d", "2")...),
			send("q", "a").sent("m1"), receiveFor("q", 0).got("m1#1"), receiveFor("q", 0).got("m1#2"), receive("q").got(),
			receive("d").from("q", "m1#3"))), ""},
		{"handles of the source are dead", story(moved, at(2, del("q", "m1#1").ok(),
			change("q", "m1#1", 1).refused(wire.InvalidParameterValue), receive("d").from("q", "m1#2"))), ""},
		{"the time of the send counts for the retention", story(at(0, created("d", "MessageRetentionPeriod", "60"),
			created("q", redrive("d", "1")...), send("q", "a").sent("m1"), receiveFor("q", 0).got("m1#1")),
			at(59_999, receive("q").got(), receive("d").from("q", "m1#2")), at(60_000, receive("d").got())), ""},
		{"what is too old for the dead-letter queue is gone at once", story(at(0, created("d", "MessageRetentionPeriod", "60"),
			created("q", redrive("d", "1")...), send("q", "a").sent("m1"), receiveFor("q", 0).got("m1#1")),
			at(60_000, receive("q").got(), receive("d").got())), ""},
		{"moved messages stand behind those that are there", story(at(0, created("d"), created("q", redrive("d", "1")...),
			send("q", "a").sent("m1"), receiveFor("q", 0).got("m1#1")), at(1, send("d", "c").sent("m3"), receive("q").got(),
			receiveMax("d", 1).got("m3#1"), receiveMax("d", 1).from("q", "m1#2"))), ""},
		{"without its dead-letter queue a message is delivered as usual", story(poisoned(), at(1, remove("d").ok(),
			receive("q").got("m1#2", "m2#1"))), ""},
		{"a queue that names itself has no dead-letter queue", at(0, created("q", redrive("q", "1")...), send("q", "a").sent("m1"),
			receiveFor("q", 0).got("m1#1"), receive("q").got("m1#2")), ""},
		{"two queues that name each other deliver nothing", at(0, created("d", redrive("q", "1")...), created("q",
			redrive("d", "1")...), send("q", "a").sent("m1"), receiveFor("q", 0).got("m1#1"), receive("q").got(), receive("d").got(),
			attributes("q").all("q", "ApproximateNumberOfMessages", "1", redrive("d", "1")[0], redrive("d", "1")[1]),
			receive("q").got(), receive("d").got()), ""},
		{"a policy that was removed moves nothing", story(poisoned(), at(1, set("q", "RedrivePolicy", "").ok(),
			receive("q").got("m1#2", "m2#1"))), ""},
		{"a purge takes moved messages too", story(moved, at(2, purge("d").ok(), receive("d").got())), ""},
		{"the sources of a queue", story(poisoned(), at(1, created("p", redrive("d", "3")...), sources("d", "p", "q"),
			sources("q"), set("p", "RedrivePolicy", "").ok(), sources("d", "q"))), ""},
	})
}

func TestAReceiveMovesTenMessages(t *testing.T) {
	story := at(0, created("d"), created("q", redrive("d", "1")...))
	for i := range 12 {
		id := string(rune('a' + i))
		story = append(story, at(0, send("q", id).sent(id))...)
	}
	limits := testConfig
	limits.MaxInFlight = 0
	story = append(story, at(0, receiveFor("q", 0).got("a#1", "b#1", "c#1", "d#1", "e#1", "f#1", "g#1", "h#1", "i#1", "j#1"),
		receiveFor("q", 30).got(), receive("q").got("k#1", "l#1"))...)
	s, b := NewSpec(limits), newBooks()
	for i, st := range story {
		if err := st.run(s, b); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if c, _ := s.Counts("d"); c.Visible != 10 {
		t.Errorf("%+v in the dead-letter queue, want 10 visible", c)
	}
}

func TestFIFODeadLetterMoves(t *testing.T) {
	const d = "d.fifo"
	poisoned := at(0, created(d), created(f, redrive(d, "1")...), sendTo("a", "a1").sent("a1"), sendTo("a", "a2").sent("a2"),
		receiveMax(f, 1).got("a1#1"), change(f, "a1#1", 0).ok())
	moved := story(poisoned, at(1000, receive(f).got("a2#1")))
	arrived := func(m *wire.Message) {
		m.Attributes = m.Attributes.With("MessageDeduplicationId", "a1").With("SentTimestamp", "1000").
			With("SequenceNumber", "20000000000000000000").With("DeadLetterQueueSourceArn", "arn:aws:sqs:here:1:"+f)
	}
	runScenarios(t, []scenario{
		{"the group hangs", story(poisoned, at(1, receive(f).got())), Prompt},
		{"the move comes with a successor that is held", story(moved, at(1001, receive(f).got("a2#2"))), OneHolder},
		{"the time of the send is kept", story(moved, at(1001, receive(d).gotWith("a1#2", func(m *wire.Message) {
			arrived(m)
			m.Attributes = m.Attributes.With("SentTimestamp", "0")
		}))), Linearizable},
		{"the move frees the group, and counts as a send", story(moved, at(1001, receive(d).gotWith("a1#2", arrived))), ""},
	})
}

func sources(queue string, names ...string) step {
	return step{req: &wire.ListDeadLetterSourceQueuesRequest{QueueRef: ref(queue)}}.
		result(&wire.ListDeadLetterSourceQueuesResponse{QueueURLs: names})
}
