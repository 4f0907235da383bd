package model

import "sqsd/wire"

// isEdit says that a request changes a queue's tags or permissions.
func isEdit(req wire.Request) bool {
	switch req.(type) {
	case *wire.TagQueueRequest, *wire.UntagQueueRequest, *wire.AddPermissionRequest, *wire.RemovePermissionRequest:
		return true
	}
	return false
}

// edit changes tags or permissions, or says why not. Other operations change nothing.
func (s *nameState) edit(in *nameInput) *wire.Error {
	if !s.exists {
		return nil
	}
	attributes := splitPairs(s.attributes)
	policy, _ := attributes.Get(wire.AttrPolicy)
	var err *wire.Error
	switch r := in.op.Request.(type) {
	case *wire.TagQueueRequest:
		tags, err := wire.MergeTags(splitPairs(s.tags), r.Tags)
		if err == nil {
			s.tags = joinPairs(tags)
		}
		return err
	case *wire.UntagQueueRequest:
		s.tags = joinPairs(wire.RemoveTags(splitPairs(s.tags), r.TagKeys))
		return nil
	case *wire.AddPermissionRequest:
		policy, err = wire.AddStatement(policy, in.arn, r)
	case *wire.RemovePermissionRequest:
		policy, err = wire.RemoveStatement(policy, r.Label)
	default:
		return nil
	}
	if err == nil {
		s.set(wire.Pairs{{Name: wire.AttrPolicy, Value: policy}})
	}
	return err
}
