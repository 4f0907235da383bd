package sim

import (
	"fmt"

	"sqsd/wire"
)

// note draws a request about what is written on a queue and does not change how it works: tags and permissions.
func (c *client) note(a action, ref wire.QueueRef) wire.Request {
	keys := wire.Names{"key-0", "key-1", "key-2"}[c.random.IntN(3):]
	keys = keys[:c.random.between(1, len(keys))]
	label := fmt.Sprintf("label-%d", c.random.IntN(3))
	switch a {
	case actTag:
		var tags wire.Pairs
		for _, key := range keys {
			tags = append(tags, wire.Pair{Name: key, Value: fmt.Sprintf("%d", c.random.IntN(100))})
		}
		return &wire.TagQueueRequest{QueueRef: ref, Tags: tags}
	case actUntag:
		return &wire.UntagQueueRequest{QueueRef: ref, TagKeys: keys}
	case actTags:
		return &wire.ListQueueTagsRequest{QueueRef: ref}
	case actPermit:
		return &wire.AddPermissionRequest{
			QueueRef: ref, Label: label, AWSAccountIDs: wire.Names{"111122223333"}, Actions: wire.Names{"SendMessage"},
		}
	default: // actForbid
		return &wire.RemovePermissionRequest{QueueRef: ref, Label: label}
	}
}
