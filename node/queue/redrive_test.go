package queue

import (
	"strings"
	"testing"

	"sqsd/wire"
)

func TestARedrivePolicyIsHeldAgainstItsTarget(t *testing.T) {
	arn := func(name string) string { return wire.QueueARN("here", "123456789012", name) }
	allowing := func(policy string) wire.Pairs {
		return wire.Pairs{{Name: wire.AttrRedriveAllowPolicy, Value: policy}}
	}
	cases := []struct {
		name      string
		targetARN string
		target    wire.Pairs
		allowed   bool
	}{
		{"an existing queue", arn("d"), wire.Pairs{}, true},
		{"no such queue", arn("d"), nil, false},
		{"the queue itself", arn("q"), nil, true},
		{"a queue of another region", wire.QueueARN("there", "123456789012", "d"), wire.Pairs{}, false},
		{"a queue of another account", wire.QueueARN("here", "210987654321", "d"), wire.Pairs{}, false},
		{"a queue of the other type", arn("d.fifo"), wire.Pairs{}, false},
		{"a queue that allows all", arn("d"), allowing(`{"redrivePermission":"allowAll"}`), true},
		{"a queue that denies all", arn("d"), allowing(`{"redrivePermission":"denyAll"}`), false},
		{"a queue that allows this one", arn("d"),
			allowing(`{"redrivePermission":"byQueue","sourceQueueArns":["` + arn("q") + `"]}`), true},
		{"a queue that allows another one", arn("d"),
			allowing(`{"redrivePermission":"byQueue","sourceQueueArns":["` + arn("other") + `"]}`), false},
	}
	for _, c := range cases {
		err := CheckRedriveTarget(wire.RedrivePolicy{TargetARN: c.targetARN, MaxReceiveCount: 3}, arn("q"), c.target)
		switch {
		case (err == nil) != c.allowed:
			t.Errorf("%s: %v", c.name, err)
		case err != nil && err.Code != wire.InvalidParameterValue:
			t.Errorf("%s: code %s", c.name, err.Code.Query())
		}
	}
}

func TestARefusalOfARedrivePolicyNamesTheQueueThatWouldDo(t *testing.T) {
	elsewhere := wire.RedrivePolicy{TargetARN: "arn:aws:sqs:there:123456789012:d", MaxReceiveCount: 3}
	err := CheckRedriveTarget(elsewhere, "arn:aws:sqs:here:123456789012:q", wire.Pairs{})
	if err == nil || !strings.HasSuffix(err.Text, "account and region: arn:aws:sqs:here:123456789012:d.") {
		t.Errorf("got %v", err)
	}
}
