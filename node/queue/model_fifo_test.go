package queue

import (
	"strconv"

	"pgregory.net/rapid"

	"sqsd/wire"
)

// What the tests against the specification do otherwise with FIFO queues.

func someFIFOAttributes(t *rapid.T, pairs wire.Pairs) wire.Pairs {
	pairs = pairs.Without(wire.AttrRedrivePolicy)
	for _, a := range []struct {
		name   string
		values []string
	}{
		{wire.AttrContentBasedDedup, []string{"true", "false"}},
		{wire.AttrDedupScope, []string{"queue", "messageGroup"}},
		{wire.AttrFIFOThroughputLimit, []string{"perQueue", "perMessageGroupId"}},
	} {
		if rapid.IntRange(0, 2).Draw(t, a.name) == 0 {
			pairs = pairs.With(a.name, rapid.SampledFrom(a.values).Draw(t, "value"))
		}
	}
	return pairs
}

// intoGroup makes a message one of few groups, now and then a duplicate, or one without a deduplication id.
func (p *pair) intoGroup(t *rapid.T, o *wire.Outgoing) {
	o.DelaySeconds = wire.OptInt{}
	if rapid.Bool().Draw(t, "no delay") {
		o.DelaySeconds = wire.Int(0)
	}
	o.MessageGroupID = rapid.SampledFrom([]string{"g", "h", "i", "j"}).Draw(t, "group")
	switch rapid.IntRange(0, 7).Draw(t, "dedup") {
	case 0:
	case 1, 2:
		o.MessageDeduplicationID = rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")
	default:
		o.MessageDeduplicationID = "id " + strconv.Itoa(p.sent)
	}
}

// manyGroups are the groups that many messages go to in turn: one, or as many as there are messages.
func manyGroups(t *rapid.T) (groups []string) {
	for i := range rapid.SampledFrom([]int{1, 3, 2 * headSize}).Draw(t, "groups") {
		groups = append(groups, "g"+strconv.Itoa(i))
	}
	return groups
}

// prospect is how many messages a receive could take if it asked for all, and whether it repeats an earlier one.
func (p *pair) prospect(req *wire.ReceiveMessageRequest) (open int, repeats bool) {
	id, _ := p.both[0].Lookup(req.Name)
	return p.both[0].Visible(id), p.both[0].Repeats(req)
}
