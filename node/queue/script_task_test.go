package queue

import (
	"fmt"
	"strings"

	"sqsd/wire"
)

// task carries out a verb that has to do with move tasks; ok is false if it is not one.
func (s *script) task(verb string, args scriptArgs) (out string, ok bool) {
	source := args.name(0)
	arn := func(name string) string { return wire.QueueARN("local", wire.DefaultAccount, name) }
	switch verb {
	case "start":
		req := &wire.StartMessageMoveTaskRequest{
			SourceARN: arn(source), Source: source, MaxNumberOfMessagesPerSecond: args.optional("rate"),
		}
		if to := args.text("to"); to != "" {
			req.DestinationARN, req.Destination = arn(to), to
		}
		result := s.apply(req)
		if v, ok := result.Response.(*wire.StartMessageMoveTaskResponse); ok {
			s.handles["task:"+source] = v.TaskHandle
		}
		return s.describeTasks(result), true
	case "cancel":
		req := &wire.CancelMessageMoveTaskRequest{Source: source, TaskHandle: s.handles["task:"+source]}
		req.Task, _ = wire.ParseTaskHandle(req.TaskHandle)
		if args.text("id") != "" {
			req.Task.TaskID = args.text("id")
		}
		return s.describeTasks(s.apply(req)), true
	case "tasks":
		return s.describeTasks(s.machine.Read(&wire.ListMessageMoveTasksRequest{
			SourceARN: arn(source), Source: source, MaxResults: args.optional("max"),
		})), true
	case "urgent":
		at, ok := s.machine.NextUrgent()
		if !ok {
			return "nothing\n", true
		}
		return fmt.Sprintf("in %d\n", at-s.machine.Now()), true
	}
	return "", false
}

func (s *script) describeTasks(r Result) string {
	if r.Err != nil {
		return describeError(r.Err)
	}
	var out strings.Builder
	switch v := r.Response.(type) {
	case *wire.CancelMessageMoveTaskResponse:
		fmt.Fprintf(&out, "%d moved\n", v.ApproximateNumberOfMessagesMoved)
	case *wire.ListMessageMoveTasksResponse:
		for _, t := range v.Results {
			fmt.Fprintf(&out, "%s, %d of %d moved, started %d", t.Status, t.ApproximateNumberOfMessagesMoved,
				t.ApproximateNumberOfMessagesToMove, t.StartedTimestamp)
			if t.DestinationARN != "" {
				fmt.Fprintf(&out, ", to %s", t.DestinationARN[strings.LastIndexByte(t.DestinationARN, ':')+1:])
			}
			if t.MaxNumberOfMessagesPerSecond.Set {
				fmt.Fprintf(&out, ", rate %d", t.MaxNumberOfMessagesPerSecond.Value)
			}
			if t.FailureReason != "" {
				fmt.Fprintf(&out, ", %s", t.FailureReason)
			}
			if t.TaskHandle != "" {
				out.WriteString(", has a handle")
			}
			out.WriteByte('\n')
		}
		if len(v.Results) == 0 {
			out.WriteString("none\n")
		}
	}
	return out.String()
}
