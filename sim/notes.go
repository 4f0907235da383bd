package sim

import (
	"fmt"

	"sqsd/wire"
)

// note draws a request about what is written on a queue and does not change how it works: tags and permissions.
func (c *client) note(a action, ref wire.QueueRef) wire.Request {
	key := fmt.Sprintf("key-%d", c.random.IntN(3))
	label := fmt.Sprintf("label-%d", c.random.IntN(3))
	switch a {
	case actTag:
		return &wire.TagQueueRequest{QueueRef: ref, Tags: wire.Pairs{{Name: key, Value: fmt.Sprintf("%d", c.random.IntN(100))}}}
	case actUntag:
		return &wire.UntagQueueRequest{QueueRef: ref, TagKeys: wire.Names{key}}
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
