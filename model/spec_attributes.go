package model

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"sqsd/wire"
)

// The attributes that the specification itself looks at.
const (
	delaySeconds      = "DelaySeconds"
	maximumSize       = "MaximumMessageSize"
	retentionPeriod   = "MessageRetentionPeriod"
	waitSeconds       = "ReceiveMessageWaitTimeSeconds"
	visibilityTimeout = "VisibilityTimeout"
	kmsKey            = "KmsMasterKeyId"
	managedSse        = "SqsManagedSseEnabled"
)

// defaults are the attributes of a standard queue that was created without any.
var defaults = map[string]string{
	delaySeconds:      "0",
	maximumSize:       "1048576",
	retentionPeriod:   "345600",
	waitSeconds:       "0",
	visibilityTimeout: "30",
	managedSse:        "true",
}

// seconds is an attribute that holds seconds, as a span of replicated time.
func (q *queueState) seconds(name string) wire.Time { return wire.Time(q.number(name)) * 1000 }

func (q *queueState) number(name string) int {
	n, err := strconv.Atoi(q.attributes[name])
	if err != nil {
		panic(fmt.Sprintf("model: attribute %s of queue %s: %v", name, q.name, err))
	}
	return n
}

// set changes attributes. An empty value removes an attribute that may be absent. A key of the caller's own turns the
// server's encryption off, and removing the key leaves it off.
func (q *queueState) set(given wire.Pairs) {
	for _, pair := range given {
		if pair.Value == "" {
			delete(q.attributes, pair.Name)
			continue
		}
		q.attributes[pair.Name] = pair.Value
		if pair.Name == kmsKey {
			q.attributes[managedSse] = "false"
		}
	}
}

// differs names the first given attribute that is not the queue's. Only attributes that are given count.
func (q *queueState) differs(given wire.Pairs) (string, bool) {
	for _, pair := range given {
		if q.attributes[pair.Name] != pair.Value {
			return pair.Name, true
		}
	}
	return "", false
}

func (s *Spec) setAttributes(q *queueState, req *wire.SetQueueAttributesRequest, a answer) *Violation {
	q.set(req.Attributes)
	q.modifiedAt = s.now
	return a.done(Linearizable, q.name, "", req.Action())
}

// getAttributes compares a queue's whole attribute set, exact counters included.
func (s *Spec) getAttributes(q *queueState, a answer) *Violation {
	if !a.seen {
		return nil
	}
	result, v := accepted[*wire.GetQueueAttributesResponse](a, Linearizable, q.name, "GetQueueAttributes")
	if v != nil {
		return v
	}
	want := s.allAttributes(q)
	got := map[string]string{}
	for _, pair := range result.Attributes {
		got[pair.Name] = pair.Value
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			return violated(Linearizable, q.name, "", "attribute %s is %q, want %q", name, got[name], want[name])
		}
	}
	for _, pair := range result.Attributes {
		if _, ok := want[pair.Name]; !ok {
			return violated(Linearizable, q.name, "", "attribute %s is %q, want it absent", pair.Name, pair.Value)
		}
	}
	return nil
}

func (s *Spec) allAttributes(q *queueState) map[string]string {
	all := maps.Clone(q.attributes)
	c := s.count(q)
	all["ApproximateNumberOfMessages"] = strconv.Itoa(c.Visible)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(c.InFlight)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(c.Delayed)
	all["CreatedTimestamp"] = strconv.FormatInt(int64(q.createdAt)/1000, 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(int64(q.modifiedAt)/1000, 10)
	all["QueueArn"] = "arn:aws:sqs:" + s.config.Region + ":" + s.config.Account + ":" + q.name
	return all
}

// Counts are the three counters of a queue. Their sum is what is stored.
type Counts struct {
	Visible  int // may be received now
	InFlight int // received, and hidden
	Delayed  int // never received, and not yet visible
}

// Counts returns the counters of a queue at the time reached; ok is false if it does not exist.
func (s *Spec) Counts(queue string) (c Counts, ok bool) {
	q := s.queue(queue)
	if q == nil {
		return Counts{}, false
	}
	return s.count(q), true
}

func (s *Spec) count(q *queueState) (c Counts) {
	for _, m := range q.messages {
		switch {
		case s.now >= m.visibleAt:
			c.Visible++
		case m.receives > 0:
			c.InFlight++
		default:
			c.Delayed++
		}
	}
	return c
}
