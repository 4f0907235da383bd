package model

import (
	"fmt"
	"slices"
	"strconv"

	"sqsd/wire"
)

// seconds is an attribute that holds seconds, as a span of replicated time.
func (q *queueState) seconds(name string) wire.Time { return wire.Time(q.number(name)) * 1000 }

// attribute is the value of an attribute that can be set, empty if it has none.
func (q *queueState) attribute(name string) string {
	value, _ := q.attributes.Get(name)
	return value
}

func (q *queueState) number(name string) int {
	n, err := strconv.Atoi(q.attribute(name))
	if err != nil {
		panic(fmt.Sprintf("model: attribute %s of queue %s: %v", name, q.name, err))
	}
	return n
}

// setAttributes changes all attributes given, at once, or none. What a change means is wire's knowledge.
func (s *Spec) setAttributes(q *queueState, req *wire.SetQueueAttributesRequest, a answer) *Violation {
	merged := wire.MergeAttributes(q.attributes, req.Attributes)
	if err := wire.CheckAttributes(merged); err != nil {
		return a.refused(err.Code, Linearizable, q.name, req.Action(), err.Text)
	}
	q.attributes = merged
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
	if got, want := sumOfCounters(result.Attributes), sumOfCounters(want); got != want && q.exchanges() {
		return violated(OnePlace, q.name, "", "it holds %d messages, want %d, with those that came from other queues", got, want)
	}
	for _, pair := range want {
		if got, ok := result.Attributes.Get(pair.Name); !ok || got != pair.Value {
			return violated(Linearizable, q.name, "", "attribute %s is %q, want %q", pair.Name, got, pair.Value)
		}
	}
	for _, pair := range result.Attributes {
		if _, ok := want.Get(pair.Name); !ok {
			return violated(Linearizable, q.name, "", "attribute %s is %q, want it absent", pair.Name, pair.Value)
		}
	}
	return nil
}

// sumOfCounters is the sum of the three counters.
func sumOfCounters(attributes wire.Pairs) (sum int) {
	for _, name := range []string{wire.AttrMessages, wire.AttrMessagesNotVisible, wire.AttrMessagesDelayed} {
		value, _ := attributes.Get(name)
		n, _ := strconv.Atoi(value)
		sum += n
	}
	return sum
}

// exchanges says that messages of other queues are in the queue.
func (q *queueState) exchanges() bool {
	return slices.ContainsFunc(q.messages, func(m *message) bool { return m.moved })
}

func (s *Spec) allAttributes(q *queueState) wire.Pairs {
	c := s.count(q)
	return q.attributes.
		With(wire.AttrMessages, strconv.Itoa(c.Visible)).
		With(wire.AttrMessagesNotVisible, strconv.Itoa(c.InFlight)).
		With(wire.AttrMessagesDelayed, strconv.Itoa(c.Delayed)).
		With(wire.AttrCreatedTimestamp, strconv.FormatInt(int64(q.createdAt)/1000, 10)).
		With(wire.AttrLastModifiedTimestamp, strconv.FormatInt(int64(q.modifiedAt)/1000, 10)).
		With(wire.AttrQueueARN, s.arn(q.name))
}

// Counts are the three counters of a queue. Their sum is what is stored.
type Counts struct {
	Visible  int // may be received now
	InFlight int // received, and hidden
	Delayed  int // never received, and not yet visible
}

// Counts returns the counters of a queue at the time reached; ok is false if it does not exist.
func (s *Spec) Counts(queue string) (c Counts, ok bool) {
	return s.countsAt(queue, s.now)
}

// countsAt is Counts at a time that may not have been reached yet, if no command comes before it.
func (s *Spec) countsAt(queue string, at wire.Time) (c Counts, ok bool) {
	q := s.queue(queue)
	if q == nil {
		return Counts{}, false
	}
	return q.count(at), true
}

func (s *Spec) count(q *queueState) Counts { return q.count(s.now) }

func (q *queueState) count(at wire.Time) (c Counts) {
	period := q.seconds(wire.AttrMessageRetentionPeriod)
	for _, m := range q.messages {
		switch {
		case at >= m.sentAt+period:
		case at >= m.hiddenUntil():
			c.Visible++
		case m.current != nil:
			c.InFlight++
		default:
			c.Delayed++
		}
	}
	return c
}
