package model

import (
	"fmt"
	"testing"

	"sqsd/wire"
)

func TestLinearListings(t *testing.T) {
	three := func(more ...seen) []seen {
		return append([]seen{c(0, 0.1, created("a")), c(0.2, 0.3, created("b")), c(0.4, 0.5, created("c"))}, more...)
	}
	all, one := wire.ListQueuesRequest{}, wire.ListQueuesRequest{MaxResults: wire.Int(1)}
	behind := wire.ListQueuesRequest{MaxResults: wire.Int(2), After: "a"}
	runPasts(t, []past{
		{name: "a queue is missing", calls: three(c(1, 1.1, list(all, "", "a", "c"))), promise: Linearizable, searched: true},
		{name: "a queue is missing on the last page", calls: three(c(1, 1.1, list(behind, "", "b"))), promise: Linearizable},
		{name: "a queue is missing before the end of the page", calls: three(c(1, 1.1, list(behind, "c", "c"))), promise: Linearizable},
		{name: "there is no token for the next page", calls: three(c(1, 1.1, list(one, "", "a"))), promise: Linearizable},
		{name: "the last name comes again", calls: three(c(1, 1.1, list(behind, "b", "a", "b"))), promise: Linearizable},
		{name: "more than asked for", calls: three(c(1, 1.1, list(one, "b", "a", "b"))), promise: Linearizable},
		{name: "names out of order", calls: three(c(1, 1.1, list(all, "", "b", "a", "c"))), promise: Linearizable},
		{name: "a deleted queue", calls: three(c(1, 1.1, remove("b").ok()), c(2, 2.1, list(all, "", "a", "b", "c"))),
			promise: Linearizable, searched: true},
		{name: "another prefix", calls: three(c(1, 1.1, list(wire.ListQueuesRequest{QueueNamePrefix: "b"}, "", "a", "b"))),
			promise: Linearizable},

		{name: "all", calls: three(c(1, 1.1, list(all, "", "a", "b", "c")))},
		{name: "page by page", calls: three(c(1, 1.1, list(one, "a", "a")), c(2, 2.1, list(behind, "", "b", "c")))},
		{name: "a queue that is being created", calls: three(c(1, 3, created("d")), c(1.1, 1.2, list(all, "", "a", "b", "c", "d")))},
		{name: "a queue that may have been deleted", calls: three(lost(1, remove("b")), c(2, 2.1, list(all, "", "a", "c")))},
	})
}

func TestLinearSourcesOfDeadLetters(t *testing.T) {
	sources := func(names ...string) step {
		return step{req: &wire.ListDeadLetterSourceQueuesRequest{QueueRef: ref("d")}}.
			result(&wire.ListDeadLetterSourceQueuesResponse{QueueURLs: names})
	}
	with := func(more ...seen) []seen {
		return append([]seen{c(0, 0.1, created("d")), c(0.2, 0.3, created("q", redrive("d", "2")...))}, more...)
	}
	runPasts(t, []past{
		{name: "a source is missing", calls: with(c(1, 1.1, sources())), promise: Linearizable},
		{name: "it is no source any more", calls: with(c(1, 1.1, set("q", "RedrivePolicy", "").ok()), c(2, 2.1, sources("q"))),
			promise: Linearizable},
		{name: "the source was deleted", calls: with(c(1, 1.1, remove("q").ok()), c(2, 2.1, sources("q"))), promise: Linearizable},

		{name: "a source", calls: with(c(1, 1.1, sources("q")))},
		{name: "a change of the policy is under way", calls: with(c(1, 3, set("q", "RedrivePolicy", "").ok()), c(1.5, 1.6, sources()))},
		{name: "the policy may have been changed", calls: with(lost(1, set("q", "RedrivePolicy", "")), c(2, 2.1, sources()))},
	})
}

func TestLinearPolicies(t *testing.T) {
	pair := func(more ...seen) []seen {
		return append([]seen{c(0, 0.1, created("q")), c(0.2, 0.3, created("d")), c(0.4, 0.5, created("d.fifo", "FifoQueue", "true"))},
			more...)
	}
	to := func(target string) step { return set("q", redrive(target, "2")...) }
	allow := func(policy string) step { return set("d", "RedriveAllowPolicy", policy) }
	const deny = `{"redrivePermission":"denyAll"}`
	only := func(name string) string {
		return fmt.Sprintf(`{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:here:1:%s"]}`, name)
	}
	runPasts(t, []past{
		{name: "the dead-letter queue was deleted", calls: pair(c(1, 1.1, remove("d").ok()), c(2, 2.1, to("d").ok())),
			promise: Linearizable},
		{name: "the dead-letter queue is of another type", calls: pair(c(1, 1.1, to("d.fifo").ok())), promise: Linearizable},
		{name: "the dead-letter queue permits none", calls: pair(c(1, 1.1, allow(deny).ok()), c(2, 2.1, to("d").ok())),
			promise: Linearizable},
		{name: "the dead-letter queue permits another one", calls: pair(c(1, 1.1, allow(only("p")).ok()), c(2, 2.1, to("d").ok())),
			promise: Linearizable},

		{name: "the dead-letter queue permits it", calls: pair(c(1, 1.1, allow(only("q")).ok()), c(2, 2.1, to("d").ok()))},
		{name: "the policy was refused", calls: pair(c(1, 1.1, allow(deny).ok()), c(2, 2.1, to("d").refused(wire.InvalidParameterValue)))},
		{name: "the permission is being changed", calls: pair(c(1, 1.1, allow(deny).ok()), c(2, 4, allow(only("q")).ok()),
			c(2.1, 2.2, to("d").ok()))},
		{name: "the permission may have been changed", calls: pair(c(1, 1.1, allow(deny).ok()), lost(2, allow("")), c(3, 3.1, to("d").ok()))},
		{name: "a queue that was not seen before", calls: pair(c(1, 1.1, to("x").ok()))},
	})
	never := past{calls: pair(c(1, 1.1, to("x").ok()))}
	h := never.history()
	h.Commits = []Commit{{At: Witness{Index: 1}, Request: &Tick{}}}
	t.Run("the dead-letter queue was never created", func(t *testing.T) { wantPromise(t, Linear(h), Linearizable) })
}

func TestLinearAnswersToOtherCalls(t *testing.T) {
	runPasts(t, []past{
		{name: "of a receive", calls: held(c(3, 3.1, attributes("q").result(&wire.ReceiveMessageResponse{}))), promise: OneEffect},
		{name: "of attributes", calls: held(c(3, 3.1, receive("q").result(&wire.GetQueueAttributesResponse{}))), promise: OneEffect},
		{name: "where there is nothing to say", calls: held(c(3, 3.1, del("q", "m1#1").result(&wire.SendMessageResponse{}))),
			promise: OneEffect},
	})
}

// Of eleven messages that were received, one is deleted before there is a redrive policy: the others are as many as end a
// receive.
func TestLinearReceiveThatMayHaveMovedAsMuchAsItMay(t *testing.T) {
	calls := []seen{c(0, 0.1, created("d")), c(0.2, 0.3, created("q"))}
	for i := range 11 {
		calls = append(calls, c(1+float64(i)/100, 1.005+float64(i)/100, send("q", fmt.Sprint("b", i)).sent(fmt.Sprint("m", i))))
	}
	calls = append(calls, c(1.5, 1.6, send("q", "last").sent("last")))
	for i := range 11 {
		calls = append(calls, c(2+float64(i)/100, 2.005+float64(i)/100, receiveMax("q", 1).got(fmt.Sprintf("m%d#1", i))))
	}
	calls = append(calls, c(3, 3.1, del("q", "m10#1").ok()), c(4, 4.1, set("q", redrive("d", "1")...).ok()))
	p := past{calls: append(calls, c(40, 40.1, receiveMax("q", 1).got()))}
	h := p.history()
	h.Config.MaxInFlight = 0
	wantPromise(t, Linear(h), "")
}

func TestLinearTasksStartOnDeadLetterQueues(t *testing.T) {
	with := func(more ...seen) []seen {
		return append([]seen{c(0, 0.1, created("d")), c(0.2, 0.3, created("q"))}, more...)
	}
	start := c(3, 3.1, startTask("q", 1).task("1"))
	runPasts(t, []past{
		{name: "of no queue", calls: with(start), promise: Linearizable},
		{name: "of a queue whose policy was taken away", calls: with(c(1, 1.1, set("q", redrive("d", "1")...).ok()),
			c(2, 2.1, set("q", "RedrivePolicy", "").ok()), start), promise: Linearizable},

		{name: "of a queue", calls: with(c(1, 1.1, set("q", redrive("d", "1")...).ok()), start)},
		{name: "of a queue whose policy is being taken away", calls: with(c(1, 1.1, set("q", redrive("d", "1")...).ok()),
			c(2, 4, set("q", "RedrivePolicy", "").ok()), start)},
		{name: "of a queue that may have a policy", calls: with(lost(1, set("q", redrive("d", "1")...)), start)},
	})
}
