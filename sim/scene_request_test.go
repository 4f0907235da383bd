package sim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sqsd/node"
	"sqsd/wire"
)

// nameQueue finds a name for a queue that puts it into the group asked for.
func (s *play) nameQueue(t *testing.T, text string, groups int) string {
	short, group, placed := strings.Cut(text, "@")
	stem, isFIFO := strings.CutSuffix(short, ".fifo")
	for i := 0; ; i++ {
		name := stem
		if i > 0 {
			name = fmt.Sprintf("%s-%d", stem, i)
		}
		if isFIFO {
			name += ".fifo"
		}
		if !placed || node.GroupOf(name, groups) == node.GroupID(mustNumber(t, group)) {
			s.names[short] = name
			return name
		}
	}
}

func mustNumber(t *testing.T, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustDuration(t *testing.T, text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// request makes the request that words describe.
func (s *play) request(t *testing.T, words []string) wire.Request {
	name := s.names[words[1]]
	if name == "" {
		t.Fatalf("no queue %q", words[1])
	}
	ref, args := refTo(name), s.options(words[2:])
	switch words[0] {
	case "create":
		if wire.IsFIFO(name) {
			args = args.With(wire.AttrFIFOQueue, "true")
		}
		return &wire.CreateQueueRequest{QueueName: name, Attributes: args}
	case "set":
		return &wire.SetQueueAttributesRequest{QueueRef: ref, Attributes: args}
	case "delete-queue":
		return &wire.DeleteQueueRequest{QueueRef: ref}
	case "purge":
		return &wire.PurgeQueueRequest{QueueRef: ref}
	case "counts":
		return &wire.GetQueueAttributesRequest{QueueRef: ref, AttributeNames: []string{"All"}}
	case "move":
		r := &wire.StartMessageMoveTaskRequest{
			SourceARN: arnOf(name), Source: name, MaxNumberOfMessagesPerSecond: optional(args, "rate"),
		}
		if to, ok := args.Get("to"); ok {
			r.Destination, r.DestinationARN = s.names[to], arnOf(s.names[to])
		}
		return r
	case "send":
		out := wire.Outgoing{MessageBody: words[2], DelaySeconds: optional(args, "delay")}
		out.MessageGroupID, _ = args.Get("group")
		out.MessageDeduplicationID, _ = args.Get("dedup")
		return &wire.SendMessageRequest{QueueRef: ref, Outgoing: out}
	case "receive":
		r := &wire.ReceiveMessageRequest{QueueRef: ref, MaxNumberOfMessages: optional(args, "max"),
			VisibilityTimeout: optional(args, "timeout"), WaitTimeSeconds: wire.Int(optional(args, "wait").Or(0))}
		r.ReceiveRequestAttemptID, _ = args.Get("attempt")
		return r
	case "delete":
		return &wire.DeleteMessageRequest{QueueRef: ref, ReceiptHandle: s.handles[name+" "+words[2]]}
	case "change":
		return &wire.ChangeMessageVisibilityRequest{QueueRef: ref, ReceiptHandle: s.handles[name+" "+words[2]],
			VisibilityTimeout: optional(args, "timeout")}
	}
	t.Fatalf("unknown line %q", strings.Join(words, " "))
	return nil
}

// options are the words of the form key=value, with dlq=QUEUE:N as a redrive policy.
func (s *play) options(words []string) (pairs wire.Pairs) {
	for _, w := range words {
		key, value, ok := strings.Cut(w, "=")
		switch {
		case !ok || key == "at":
		case key == "dlq":
			queue, count, _ := strings.Cut(value, ":")
			most, _ := strconv.Atoi(count)
			policy := wire.RedrivePolicy{TargetARN: arnOf(s.names[queue]), MaxReceiveCount: most}
			pairs = pairs.With(wire.AttrRedrivePolicy, policy.String())
		default:
			pairs = pairs.With(key, value)
		}
	}
	return pairs
}

func optional(args wire.Pairs, key string) (n wire.OptInt) {
	if text, ok := args.Get(key); ok {
		v, _ := strconv.Atoi(text)
		n = wire.Int(int32(v))
	}
	return n
}
