package sim

import (
	"strconv"

	"sqsd/node"
	"sqsd/wire"
)

// settings are attributes with values that make things happen within seconds.
var settings = []struct {
	name   string
	values []int
}{
	{"DelaySeconds", []int{0, 0, 0, 1, 2}},
	{"MaximumMessageSize", []int{1024, 4096, 1048576}},
	{"MessageRetentionPeriod", []int{60, 61, 345600}},
	{"ReceiveMessageWaitTimeSeconds", []int{0, 0, 1, 3}},
	{"VisibilityTimeout", []int{0, 1, 2, 3, 5}},
}

// attributes draws some settings of a queue; at least one if asked to.
func (c *client) attributes(queue string, some bool) wire.Pairs {
	var pairs wire.Pairs
	for i, s := range settings {
		if c.random.chance(30) || some && i == len(settings)-1 && len(pairs) == 0 {
			pairs = pairs.With(s.name, strconv.Itoa(s.values[c.random.IntN(len(s.values))]))
		}
	}
	if wire.IsFIFO(queue) {
		pairs = c.withDedup(pairs)
	}
	return c.withRedrive(queue, pairs)
}

// withDedup adds rules of deduplication to some settings.
func (c *client) withDedup(pairs wire.Pairs) wire.Pairs {
	if c.random.chance(30) {
		pairs = pairs.With(wire.AttrContentBasedDedup, oneOf(c.random, "true", "true", "false"))
	}
	if c.random.chance(30) {
		pairs = pairs.With(wire.AttrDedupScope, oneOf(c.random, "queue", "messageGroup"))
	}
	if c.random.chance(10) {
		pairs = pairs.With(wire.AttrFIFOThroughputLimit, oneOf(c.random, "perQueue", "perMessageGroupId"))
	}
	return pairs
}

// creation adds to the attributes of a new queue what its name asks for.
func (c *client) creation(queue string, pairs wire.Pairs) wire.Pairs {
	if !wire.IsFIFO(queue) {
		return pairs
	}
	pairs = pairs.With(wire.AttrFIFOQueue, "true")
	if wire.CheckAttributes(wire.MergeAttributes(wire.DefaultAttributes(true), pairs)) != nil {
		pairs = pairs.Without(wire.AttrFIFOThroughputLimit) // the front end refuses it without its scope
	}
	return pairs
}

// withRedrive adds a redrive policy to some settings: to any queue, this one included, or to one that never exists. Some
// settings say instead which queues may name this one.
func (c *client) withRedrive(queue string, pairs wire.Pairs) wire.Pairs {
	if !c.random.chance(c.world.plan.work.poisoned) && !c.world.orphaning(dusk) {
		return pairs
	}
	if c.random.chance(20) {
		return pairs.With(wire.AttrRedriveAllowPolicy, c.allowPolicy())
	}
	target, most := c.queueName(), c.random.between(1, 3)
	if c.random.chance(20) {
		target = c.neverCreated(queue)
	}
	if c.world.atDusk() && c.random.chance(50) {
		if other := c.elsewhere(queue); other != "" {
			target, most = other, 1
		}
	}
	policy := wire.RedrivePolicy{TargetARN: arnOf(target), MaxReceiveCount: most}
	return pairs.With(wire.AttrRedrivePolicy, policy.String())
}

// neverCreated names a queue that does not exist, in any group, of the type of another one.
func (c *client) neverCreated(queue string) string {
	name := oneOf(c.random, "never-created", "not-yet-created", "nowhere")
	if wire.IsFIFO(queue) {
		name += ".fifo"
	}
	return name
}

// elsewhere draws a queue of the same type in another group; empty if there is none.
func (c *client) elsewhere(queue string) string {
	var others []string
	for _, other := range c.world.plan.work.queues {
		groups := c.world.plan.cluster.groups
		if wire.IsFIFO(other) == wire.IsFIFO(queue) && node.GroupOf(other, groups) != node.GroupOf(queue, groups) {
			others = append(others, other)
		}
	}
	if others == nil {
		return ""
	}
	return oneOf(c.random, others...)
}

// allowPolicy draws who may use a queue as a dead-letter queue.
func (c *client) allowPolicy() string {
	return oneOf(c.random, "", `{"redrivePermission":"allowAll"}`, `{"redrivePermission":"denyAll"}`,
		`{"redrivePermission":"byQueue","sourceQueueArns":["`+arnOf(c.queueName())+`"]}`)
}

func arnOf(queue string) string { return wire.QueueARN(region, account, queue) }

// outlasting is true in percent of cases before the lull of a run that has one.
func (c *client) outlasting(percent int) bool {
	return c.world.now < c.world.plan.lull.from && c.random.chance(percent)
}

// firstSettings are the attributes that a queue starts a run with: timeouts that pass within the run.
func (c *client) firstSettings(queue string) wire.Pairs {
	var pairs wire.Pairs
	if wire.IsFIFO(queue) {
		pairs = c.withDedup(pairs)
	}
	pairs = pairs.With(wire.AttrVisibilityTimeout, strconv.Itoa(c.random.between(1, 4)))
	if c.random.chance(25) || c.outlasting(30) {
		pairs = pairs.With(wire.AttrMessageRetentionPeriod, "60")
	}
	return c.creation(queue, pairs)
}
