package queue

import "sqsd/wire"

// redrive is a queue's redrive policy; the zero value is a queue without one.
type redrive struct {
	target      string // name of the dead-letter queue
	maxReceives uint32 // how often a message is delivered before it moves
}

func parseRedrive(attributes wire.Pairs) (redrive, *wire.Error) {
	text, found := attributes.Get(wire.AttrRedrivePolicy)
	if !found {
		return redrive{}, nil
	}
	policy, err := wire.ParseRedrivePolicy(text)
	if err != nil {
		return redrive{}, err
	}
	_, _, name, _ := wire.ParseARN(policy.TargetARN)
	return redrive{name, uint32(policy.MaxReceiveCount)}, nil
}

// CheckRedriveTarget says why the queue with an ARN must not have a redrive policy, or nil (sqs-semantics 2.11). target
// is everything that GetQueueAttributes returns of the queue that the policy names, nil if it does not exist. The
// error is InvalidParameterValue. A queue may name itself.
//
// The target may live in another group, so commands do not check this: a policy may name any queue when they run.
func CheckRedriveTarget(policy wire.RedrivePolicy, sourceARN string, target wire.Pairs) *wire.Error {
	refused := func(why string) *wire.Error {
		return wire.BadValue(wire.AttrRedrivePolicy, policy.String(), why)
	}
	region, account, source, _ := wire.ParseARN(sourceARN)
	targetRegion, targetAccount, name, _ := wire.ParseARN(policy.TargetARN)
	switch {
	case targetRegion != region || targetAccount != account:
		wanted := wire.QueueARN(region, account, name)
		return refused("The dead-letter queue must be in the same account and region: " + wanted + ".")
	case wire.IsFIFO(name) != wire.IsFIFO(source):
		return refused("The dead-letter queue must be of the same type as the queue.")
	case name == source:
		return nil
	case target == nil:
		return refused("The dead-letter queue does not exist.")
	}
	text, _ := target.Get(wire.AttrRedriveAllowPolicy)
	allow, err := wire.ParseRedriveAllowPolicy(text)
	if err != nil {
		return err
	}
	if !allow.Allows(sourceARN) {
		return refused("The redrive allow policy of the dead-letter queue does not permit this queue.")
	}
	return nil
}

// listSources lists up to MaxResults names behind After of the group's queues whose redrive policy names a queue. That
// queue may live in another group. There is a NextToken only if MaxResults is given.
func (m *Machine) listSources(req *wire.ListDeadLetterSourceQueuesRequest) Result {
	answer := &wire.ListDeadLetterSourceQueuesResponse{}
	most := int(req.MaxResults.Or(wire.MaxListResults))
	m.names.Ascend(req.After, func(name string, q *queue) bool {
		switch {
		case q.redrive.target != req.Name || name == req.After:
			return true
		case len(answer.QueueURLs) == most:
			if req.MaxResults.Set {
				answer.NextToken = answer.QueueURLs[most-1]
			}
			return false
		}
		answer.QueueURLs = append(answer.QueueURLs, name)
		return true
	})
	return Result{Response: answer}
}
