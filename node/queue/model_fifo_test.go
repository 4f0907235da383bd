package queue

import (
	"strconv"

	"pgregory.net/rapid"

	"sqsd/wire"
)

// What the tests against the specification do otherwise with FIFO queues.

func someFIFOAttributes(t *rapid.T, pairs wire.Pairs) wire.Pairs {
	if _, found := pairs.Get(wire.AttrRedrivePolicy); found {
		policies := []string{redriveTo("a.fifo", 1), redriveTo("b.fifo", 1), redriveTo("b.fifo", 2), redriveTo("none.fifo", 1)}
		pairs = pairs.With(wire.AttrRedrivePolicy, rapid.SampledFrom(policies).Draw(t, "policy"))
	}
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

// prospect is how many messages a receive takes according to Visible. It is not exact if the receive repeats an earlier
// one or may move messages.
func (p *pair) prospect(req *wire.ReceiveMessageRequest) (n int, exact bool) {
	m := p.both[0]
	id, found := m.Lookup(req.Name)
	if !found {
		return 0, false
	}
	return min(m.Visible(id), int(req.MaxNumberOfMessages.Or(1))), !m.Repeats(req) && m.queues[id].redrive.target == ""
}
