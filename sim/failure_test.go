package sim

import (
	"testing"

	"sqsd/model"
)

func TestFailureKind(t *testing.T) {
	for _, c := range []struct {
		name    string
		promise model.Promise
		text    string
		want    string
	}{
		{"numbers", model.Live, "the logs of node 2 hold 901 records, but should be trimmed to 400: the disk will be full",
			"G10 the logs of node hold records but should be trimmed to the disk will be full"},
		{"times", model.Live, "a group has no leader 1m2.5s after everything healed", "G10 a group has no leader after everything healed"},
		{"a request", model.Live, `operation 7 gets no answer in a healthy cluster: SendMessage(q0.fifo, "(a \" [b" delay 3 group g)`,
			"G10 operation gets no answer in a healthy cluster"},
		{"a batch", model.Live, `answered ServiceUnavailable although nothing was wrong: DeleteMessageBatch(q1, [d: #7/1; e: #8/1])`,
			"G10 answered although nothing was wrong"},
		{"a list", model.Durable, "node 1 has the voters [1 2 3] and learners [] of group 0, but the nodes are [1 2]",
			"G1 node has the voters and learners of group but the nodes are"},
		{"attributes", model.Linearizable, "GetQueueAttributes answered attributes DelaySeconds=0 QueueArn=arn:aws:sqs, want success",
			"G8 answered attributes want success"},
		{"a message id", model.OnePlace, "received, but it was sent to queue q1", "G7 received but it was sent to queue"},
		{"further lines", model.Durable, "node 1 applies another command at 7.0 of group 0 than was committed:\n  committed this one",
			"G1 node applies another command at of group than was committed"},
		{"a bracket without its other one", model.NothingSilent, "asked for SendMessage(q0, the log has it", "G12 asked for the log has it"},
		{"a panic", model.NothingSilent, panicked + "node 1, group 0: index out of range [5]\ngoroutine 7",
			"G12 panic: node N, group N: index out of range [N]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := FailureKind(&model.Violation{Promise: c.promise, Queue: "q0", Text: c.text}); got != c.want {
				t.Errorf("%q is of kind\n%q, want\n%q", c.text, got, c.want)
			}
		})
	}
}

func TestFailureClass(t *testing.T) {
	class := func(p model.Promise, text string) string {
		return FailureClass(&model.Violation{Promise: p, Text: text})
	}
	if a, b := class(model.Live, "no leader"), class(model.Live, "no answer"); a != b {
		t.Errorf("two violations of a promise are of the classes %q and %q", a, b)
	}
	if a, b := class(model.Live, "no answer"), class(model.Prompt, "no answer"); a == b {
		t.Errorf("violations of two promises are of class %q", a)
	}
	one, same := class(model.NothingSilent, panicked+"node 1: out of range\nstack"), class(model.NothingSilent, panicked+"node 2: out of range")
	if other := class(model.NothingSilent, panicked+"node 1: nil map"); one != same || one == other {
		t.Errorf("panics are of the classes %q, %q and %q, want only the first two the same", one, same, other)
	}
}
