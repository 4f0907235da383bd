package queue

import (
	"fmt"

	"sqsd/wire"
)

// appendSettingsCommand encodes the requests that concern a queue's tags and permissions and its place among
// dead-letter queues.
func appendSettingsCommand(dst []byte, cmd wire.QueueRequest) []byte {
	begin := func(a action) []byte { return appendString(append(dst, byte(a)), cmd.Ref().Name) }
	switch c := cmd.(type) {
	case *wire.TagQueueRequest:
		return appendPairs(begin(actionTagQueue), c.Tags)
	case *wire.UntagQueueRequest:
		return appendStrings(begin(actionUntagQueue), c.TagKeys)
	case *wire.ListQueueTagsRequest:
		return begin(actionListQueueTags)
	case *wire.AddPermissionRequest:
		dst = appendString(begin(actionAddPermission), c.Label)
		return appendStrings(appendStrings(dst, c.AWSAccountIDs), c.Actions)
	case *wire.RemovePermissionRequest:
		return appendString(begin(actionRemovePermission), c.Label)
	case *wire.ListDeadLetterSourceQueuesRequest:
		return appendString(appendOptInt(begin(actionListDeadLetterSourceQueues), c.MaxResults), c.After)
	}
	panic(fmt.Sprintf("queue: no encoding for a %T", cmd))
}

// settingsCommand reads what appendSettingsCommand wrote; nil if the action is not one of its.
func (r *reader) settingsCommand(a action) wire.Request {
	switch a {
	case actionTagQueue:
		return &wire.TagQueueRequest{QueueRef: r.queue(), Tags: r.pairs()}
	case actionUntagQueue:
		return &wire.UntagQueueRequest{QueueRef: r.queue(), TagKeys: r.strings()}
	case actionListQueueTags:
		return &wire.ListQueueTagsRequest{QueueRef: r.queue()}
	case actionAddPermission:
		return &wire.AddPermissionRequest{
			QueueRef: r.queue(), Label: r.string(), AWSAccountIDs: r.strings(), Actions: r.strings(),
		}
	case actionRemovePermission:
		return &wire.RemovePermissionRequest{QueueRef: r.queue(), Label: r.string()}
	case actionListDeadLetterSourceQueues:
		return &wire.ListDeadLetterSourceQueuesRequest{QueueRef: r.queue(), MaxResults: r.optInt(), After: r.string()}
	}
	return nil
}
