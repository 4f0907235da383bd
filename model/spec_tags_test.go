package model

import (
	"testing"

	"sqsd/wire"
)

func tagged(all ...string) step {
	return step{req: &wire.TagQueueRequest{QueueRef: ref("q"), Tags: pairs(all...)}}
}

func tags(all ...string) step {
	return step{req: &wire.ListQueueTagsRequest{QueueRef: ref("q")}}.result(&wire.ListQueueTagsResponse{Tags: pairs(all...)})
}

func TestTags(t *testing.T) {
	untag := step{req: &wire.UntagQueueRequest{QueueRef: ref("q"), TagKeys: wire.Names{"a", "unknown"}}}
	base := at(0, step{req: &wire.CreateQueueRequest{QueueName: "q", Tags: pairs("a", "1")}}.
		result(&wire.CreateQueueResponse{QueueURL: "q"}))
	runScenarios(t, []scenario{
		{"a tag is lost", story(base, at(1, tagged("b", "2").ok(), tags("b", "2"))), Linearizable},
		{"a tag keeps its old value", story(base, at(1, tagged("a", "2").ok(), tags("a", "1"))), Linearizable},
		{"a tag stays", story(base, at(1, untag.ok(), tags("a", "1"))), Linearizable},
		{"tags of a deleted queue are there again", story(base, at(1, remove("q").ok()), at(60_001, created("q"),
			tags("a", "1"))), Linearizable},
		{"tags are merged, overwritten and removed", story(base, at(1, tagged("a", "2", "b", "").ok(), tags("a", "2", "b", ""),
			untag.ok(), tags("b", ""))), ""},
		{"tags of a second create do not count", story(base, at(1, step{req: &wire.CreateQueueRequest{QueueName: "q",
			Tags: pairs("z", "9")}}.result(&wire.CreateQueueResponse{QueueURL: "q"}), tags("a", "1"))), ""},
	})
}

func TestPermissions(t *testing.T) {
	runScenarios(t, []scenario{
		{"a label is used twice", at(0, created("q"), grant("x").ok(), grant("x").ok()), Linearizable},
		{"an unknown label is removed", at(0, created("q"), ungrant("x").ok()), Linearizable},
		{"a permission is lost", at(0, created("q"), grant("x").ok(), attributes("q").all("q")), Linearizable},
		{"permissions come and go", at(0, created("q"), grant("x").ok(), grant("x").refused(wire.InvalidParameterValue),
			attributes("q").all("q", "Policy", policyOf("x")), ungrant("x").ok(), attributes("q").all("q")), ""},
	})
}

func grant(label string) step {
	return step{req: &wire.AddPermissionRequest{QueueRef: ref("q"), Label: label, AWSAccountIDs: wire.Names{"111122223333"},
		Actions: wire.Names{"SendMessage"}}}
}

func ungrant(label string) step {
	return step{req: &wire.RemovePermissionRequest{QueueRef: ref("q"), Label: label}}
}

// policyOf is the policy of the queue q with one permission.
func policyOf(label string) string {
	text, _ := wire.AddStatement("", "arn:aws:sqs:here:1:q", grant(label).req.(*wire.AddPermissionRequest))
	return text
}
