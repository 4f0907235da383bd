package model

import (
	"slices"

	"sqsd/wire"
)

// Tags and permissions. What an edit means is wire's knowledge; that it is made at one instant, and not lost, is the
// specification's.

func (s *Spec) tagQueue(q *queueState, req *wire.TagQueueRequest, a answer) *Violation {
	tags, err := wire.MergeTags(q.tags, req.Tags)
	if err != nil {
		return a.refused(err.Code, Linearizable, q.name, req.Action(), err.Text)
	}
	q.tags = tags
	return a.done(Linearizable, q.name, "", req.Action())
}

func (s *Spec) untagQueue(q *queueState, req *wire.UntagQueueRequest, a answer) *Violation {
	q.tags = wire.RemoveTags(q.tags, req.TagKeys)
	return a.done(Linearizable, q.name, "", req.Action())
}

func (s *Spec) listTags(q *queueState, a answer) *Violation {
	if !a.seen {
		return nil
	}
	result, v := accepted[*wire.ListQueueTagsResponse](a, Linearizable, q.name, "ListQueueTags")
	if v != nil {
		return v
	}
	if !slices.Equal(result.Tags, q.tags) {
		return violated(Linearizable, q.name, "", "the tags are%s, want%s", describePairs(result.Tags), describePairs(q.tags))
	}
	return nil
}

func (s *Spec) addPermission(q *queueState, req *wire.AddPermissionRequest, a answer) *Violation {
	text, err := wire.AddStatement(q.attribute(wire.AttrPolicy), s.arn(q.name), req)
	return s.setPolicy(q, text, err, req, a)
}

func (s *Spec) removePermission(q *queueState, req *wire.RemovePermissionRequest, a answer) *Violation {
	text, err := wire.RemoveStatement(q.attribute(wire.AttrPolicy), req.Label)
	return s.setPolicy(q, text, err, req, a)
}

func (s *Spec) setPolicy(q *queueState, text string, err *wire.Error, req wire.Request, a answer) *Violation {
	if err != nil {
		return a.refused(err.Code, Linearizable, q.name, req.Action(), err.Text)
	}
	q.attributes = wire.MergeAttributes(q.attributes, wire.Pairs{{Name: wire.AttrPolicy, Value: text}})
	q.modifiedAt = s.now
	return a.done(Linearizable, q.name, "", req.Action())
}

func (s *Spec) arn(queue string) string {
	return wire.QueueARN(s.config.Region, s.config.Account, queue)
}
