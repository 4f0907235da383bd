package queue

import (
	"slices"
	"strconv"
	"strings"

	"sqsd/wire"
)

// settings are the attributes that commands look at. Times of a request are in seconds, the others in ms.
type settings struct {
	delay, visibility, wait int32 // seconds
	maximumSize             int   // bytes
	retention               wire.Time
	redrive                 redrive
	// contentBased and perGroup say how a FIFO queue finds duplicates.
	contentBased, perGroup bool
}

func parseSettings(attributes wire.Pairs) (s settings, err *wire.Error) {
	number := func(name string) int32 {
		text, _ := attributes.Get(name)
		v, bad := strconv.ParseInt(text, 10, 32)
		if bad != nil && err == nil {
			err = wire.BadAttribute(name)
		}
		return int32(v)
	}
	target, bad := parseRedrive(attributes)
	if bad != nil {
		return s, bad
	}
	s = settings{
		redrive:     target,
		delay:       number(wire.AttrDelaySeconds),
		visibility:  number(wire.AttrVisibilityTimeout),
		wait:        number(wire.AttrReceiveMessageWaitTime),
		maximumSize: int(number(wire.AttrMaximumMessageSize)),
		retention:   wire.Time(number(wire.AttrMessageRetentionPeriod)) * second,
	}
	contentBased, _ := attributes.Get(wire.AttrContentBasedDedup)
	scope, _ := attributes.Get(wire.AttrDedupScope)
	s.contentBased, s.perGroup = contentBased == "true", scope == "messageGroup"
	return s, err
}

// setQueueAttributes changes attributes, all or none, with effect on everything that is stored.
func (m *Machine) setQueueAttributes(q *queue, req *wire.SetQueueAttributesRequest) Result {
	attributes := wire.MergeAttributes(q.attributes, req.Attributes)
	err := wire.CheckAttributes(attributes)
	if err != nil {
		return refused(err)
	}
	settings, err := parseSettings(attributes)
	if err != nil {
		return refused(err)
	}
	q.attributes, q.settings = attributes, settings
	q.modified = m.now
	m.saveCatalog(q)
	if q.fifo != nil {
		m.expireInGroups(q)
		m.changeDelay(q)
	} else {
		m.expire(q)
	}
	return done()
}

// queueAttributes is everything that GetQueueAttributes can return of a queue.
func (m *Machine) queueAttributes(q *queue) wire.Pairs {
	all := slices.Concat(q.attributes, wire.Pairs{
		{Name: wire.AttrMessages, Value: strconv.Itoa(q.stored())},
		{Name: wire.AttrMessagesDelayed, Value: strconv.Itoa(q.delayed())},
		{Name: wire.AttrMessagesNotVisible, Value: strconv.Itoa(q.inFlight.len())},
		{Name: wire.AttrCreatedTimestamp, Value: strconv.FormatInt(int64(q.created/second), 10)},
		{Name: wire.AttrLastModifiedTimestamp, Value: strconv.FormatInt(int64(q.modified/second), 10)},
		{Name: wire.AttrQueueARN, Value: m.arn(q.name)},
	})
	slices.SortFunc(all, func(a, b wire.Pair) int { return strings.Compare(a.Name, b.Name) })
	return all
}
