package model

import (
	"strconv"
	"testing"

	"sqsd/wire"
)

// all answers a read of attributes with the whole set of a queue that was created at 0 with defaults.
func (st step) all(queue string, changes ...string) step {
	set := wire.Pairs{
		{Name: "ApproximateNumberOfMessages", Value: "0"},
		{Name: "ApproximateNumberOfMessagesDelayed", Value: "0"},
		{Name: "ApproximateNumberOfMessagesNotVisible", Value: "0"},
		{Name: "CreatedTimestamp", Value: "0"},
		{Name: "DelaySeconds", Value: "0"},
		{Name: "LastModifiedTimestamp", Value: "0"},
		{Name: "MaximumMessageSize", Value: "1048576"},
		{Name: "MessageRetentionPeriod", Value: "345600"},
		{Name: "QueueArn", Value: "arn:aws:sqs:here:1:" + queue},
		{Name: "ReceiveMessageWaitTimeSeconds", Value: "0"},
		{Name: "SqsManagedSseEnabled", Value: "true"},
		{Name: "VisibilityTimeout", Value: "30"},
	}
	for i := 0; i < len(changes); i += 2 {
		set = set.With(changes[i], changes[i+1])
	}
	return st.result(&wire.GetQueueAttributesResponse{Attributes: set})
}

// counters answers with the retention of a minute and these counters.
func (st step) counters(queue string, visible, inFlight, delayed int) step {
	return st.all(queue, "MessageRetentionPeriod", "60",
		"ApproximateNumberOfMessages", strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible", strconv.Itoa(inFlight),
		"ApproximateNumberOfMessagesDelayed", strconv.Itoa(delayed))
}

func TestAttributesAndCounters(t *testing.T) {
	queue := at(0, created("q", "MessageRetentionPeriod", "60"))
	filled := story(queue, at(0, send("q", "a").sent("m1"), send("q", "b").sent("m2"), sendDelayed("q", "c", 9).sent("m3"),
		receiveMax("q", 1).got("m1#1")))
	runScenarios(t, []scenario{
		{"a counter is wrong", story(filled, at(1, attributes("q").counters("q", 2, 0, 1))), Linearizable},
		{"an attribute is missing", story(queue, at(1, attributes("q").result(&wire.GetQueueAttributesResponse{}))), Linearizable},
		{"an acknowledged change is lost", story(queue, at(1, set("q", "VisibilityTimeout", "9").ok(),
			attributes("q").all("q", "MessageRetentionPeriod", "60"))), Linearizable},
		{"an attribute is made up", story(queue, at(1, attributes("q").all("q", "MessageRetentionPeriod", "60", "Policy",
			"{}"))), Linearizable},
		{"a change is refused without reason", story(queue, at(1, set("q", "VisibilityTimeout", "9").
			refused(wire.InvalidAttributeValue))), Linearizable},

		{"the defaults of a fresh queue", at(0, created("q"), attributes("q").all("q")), ""},
		{"counters are exact and sum to what is stored", story(filled, at(1, attributes("q").counters("q", 1, 1, 1))), ""},
		{"a delay that is over counts as visible", story(filled, at(9000, attributes("q").counters("q", 2, 1, 0))), ""},
		{"a timeout that is over counts as visible", story(filled, at(30_000, attributes("q").counters("q", 3, 0, 0))), ""},
		{"a change of attributes is seen, with its time", story(queue, at(7100, set("q", "VisibilityTimeout", "9").ok(),
			attributes("q").all("q", "MessageRetentionPeriod", "60", "VisibilityTimeout", "9", "LastModifiedTimestamp", "7"))), ""},
		{"an own key turns managed encryption off, and its removal leaves it off", at(0, created("q"),
			set("q", "KmsMasterKeyId", "k").ok(), attributes("q").all("q", "KmsMasterKeyId", "k", "SqsManagedSseEnabled", "false"),
			set("q", "KmsMasterKeyId", "").ok(), attributes("q").all("q", "SqsManagedSseEnabled", "false")), ""},
		{"an empty policy removes it", at(0, created("q", "Policy", "{}"), set("q", "Policy", "").ok(),
			attributes("q").all("q")), ""},
	})
}

// allFIFO is all of the FIFO queue that was created at 0 with defaults.
func (st step) allFIFO(changes ...string) step {
	return st.all(f, append([]string{"FifoQueue", "true", "ContentBasedDeduplication", "false", "DeduplicationScope", "queue",
		"FifoThroughputLimit", "perQueue"}, changes...)...)
}
