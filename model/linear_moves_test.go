package model

import (
	"testing"

	"sqsd/wire"
)

// task is a task from one queue to another one.
func task(from, to string) step {
	return step{req: &wire.StartMessageMoveTaskRequest{SourceARN: arnOf(from), Source: from,
		DestinationARN: arnOf(to), Destination: to}}
}

// moved is got of one message that a task moved to a FIFO queue under another id.
func (st step) moved(body, handle string) step {
	return st.gotWith(handle, func(m *wire.Message) {
		m.Body, m.MD5OfBody = body, ""
		m.Attributes = m.Attributes.With("SequenceNumber", "10000000000000000007").With("MessageGroupId", "a")
	})
}

// Two sends of b and c with one deduplication id race in f. The answer to both is m1, so that a client cannot tell whose
// content it has until m1 is received.
func TestLinearMessagesThatATaskMoved(t *testing.T) {
	const d, p = "d.fifo", "p.fifo"
	raced := func(more ...seen) []seen {
		return append([]seen{c(0, 0.1, created(f)), c(0.2, 0.3, created(d)), c(0.4, 0.5, created(p)),
			c(0.6, 0.7, created("f-source.fifo", redrive(f, "1")...)), c(0.8, 0.9, created("p-source.fifo", redrive(p, "1")...)),
			c(1, 1.5, sendDedup("a", "b", "x").sent("m1")), c(1.1, 1.2, sendDedup("a", "c", "x").duplicate("m1")),
			lost(2, task(f, d))}, more...)
	}
	to := func(queue string, st step) step {
		st.req.(*wire.SendMessageRequest).Name = queue
		return st
	}
	asC := func(m *wire.Message) { m.Body, m.MD5OfBody = "c", wire.BodyMD5("c") }
	runPasts(t, []past{
		{name: "it is still where it was", calls: raced(c(3, 3.1, receive(d).moved("b", "n1#1")), c(4, 4.1, receive(f).got("m1#1"))),
			promise: OnePlace},

		{name: "it had the other content, and the same body came from elsewhere", calls: raced(
			c(2.2, 2.3, to(p, sendDedup("a", "b", "y")).sent("m2")), c(2.6, 2.7, task(p, d).task("1")),
			c(3, 3.1, receive(d).moved("b", "n1#1")), c(4, 4.1, receive(f).gotWith("m1#1", asC)))},
	})
}
