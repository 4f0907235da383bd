package model

import (
	"fmt"
	"strings"

	"sqsd/wire"
)

// describeRequest is a request in one line, with everything that matters to a queue: two requests with the same line
// have the same effect.
func describeRequest(req wire.Request) string {
	switch r := req.(type) {
	case *wire.CreateQueueRequest:
		return fmt.Sprintf("CreateQueue(%s%s%s)", r.QueueName, describePairs(r.Attributes), describePairs(r.Tags))
	case *wire.ListQueuesRequest:
		return fmt.Sprintf("ListQueues(prefix %q, after %q%s)", r.QueueNamePrefix, r.After, describeOption(" max", r.MaxResults))
	case *wire.SetQueueAttributesRequest:
		return fmt.Sprintf("SetQueueAttributes(%s%s)", r.Name, describePairs(r.Attributes))
	case *wire.SendMessageRequest:
		return fmt.Sprintf("SendMessage(%s, %s)", r.Name, describeOutgoing(&r.Outgoing))
	case *wire.SendMessageBatchRequest:
		return describeEntries(r, r.Entries, func(e *wire.SendMessageBatchEntry) string {
			if e.Err != nil {
				return e.ID + ": refused before, " + e.Err.Code.Query() // its content does not matter
			}
			return e.ID + ": " + describeOutgoing(&e.Outgoing)
		})
	case *wire.ReceiveMessageRequest:
		return fmt.Sprintf("ReceiveMessage(%s%s%s%s%s)", r.Name, describeOption(" max", r.MaxNumberOfMessages),
			describeOption(" timeout", r.VisibilityTimeout), describeOption(" wait", r.WaitTimeSeconds),
			describeText(" attempt", r.ReceiveRequestAttemptID))
	case *wire.DeleteMessageRequest:
		return fmt.Sprintf("DeleteMessage(%s, %s)", r.Name, r.ReceiptHandle)
	case *wire.DeleteMessageBatchRequest:
		return describeEntries(r, r.Entries, func(e *wire.DeleteMessageBatchEntry) string {
			return e.ID + ": " + e.ReceiptHandle
		})
	case *wire.ChangeMessageVisibilityRequest:
		return fmt.Sprintf("ChangeMessageVisibility(%s, %s%s)", r.Name, r.ReceiptHandle, describeOption(" to", r.VisibilityTimeout))
	case *wire.ChangeMessageVisibilityBatchRequest:
		return describeEntries(r, r.Entries, func(e *wire.ChangeMessageVisibilityBatchEntry) string {
			return e.ID + ": " + e.ReceiptHandle + describeOption(" to", e.VisibilityTimeout)
		})
	case *wire.StartMessageMoveTaskRequest:
		return fmt.Sprintf("StartMessageMoveTask(%s%s%s)", r.Source, describeText(" to", r.Destination),
			describeOption(" rate", r.MaxNumberOfMessagesPerSecond))
	case *wire.CancelMessageMoveTaskRequest:
		return fmt.Sprintf("CancelMessageMoveTask(%s, %s)", r.Source, r.Task.TaskID)
	case *Accept:
		return fmt.Sprintf("Accept(from group %d, %d: %v)", r.From, r.First, r.Moves)
	case *Settle:
		return fmt.Sprintf("Settle(to group %d, %d: %v)", r.To, r.First, r.Accepted)
	case *wire.TagQueueRequest:
		return fmt.Sprintf("TagQueue(%s%s)", r.Name, describePairs(r.Tags))
	case *wire.UntagQueueRequest:
		return fmt.Sprintf("UntagQueue(%s, %q)", r.Name, r.TagKeys)
	case *wire.AddPermissionRequest:
		return fmt.Sprintf("AddPermission(%s, %s: %q %q)", r.Name, r.Label, r.AWSAccountIDs, r.Actions)
	case *wire.RemovePermissionRequest:
		return fmt.Sprintf("RemovePermission(%s, %s)", r.Name, r.Label)
	}
	return fmt.Sprintf("%s(%s)", req.Action(), queueOf(req))
}

func describeEntries[E any](req wire.QueueRequest, entries []E, describe func(*E) string) string {
	all := make([]string, len(entries))
	for i := range entries {
		all[i] = describe(&entries[i])
	}
	return fmt.Sprintf("%s(%s, [%s])", req.Action(), req.Ref().Name, strings.Join(all, "; "))
}

func describeOutgoing(o *wire.Outgoing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q%s", o.MessageBody, describeOption(" delay", o.DelaySeconds))
	for _, attributes := range []wire.MessageAttributes{o.MessageAttributes, o.MessageSystemAttributes} {
		for i := range attributes {
			m := &attributes[i]
			fmt.Fprintf(&b, " %s:%s=%q%x", m.Name, m.DataType, m.StringValue, m.BinaryValue)
		}
	}
	return b.String() + describeText(" group", o.MessageGroupID) + describeText(" once", o.MessageDeduplicationID)
}

func describePairs(pairs wire.Pairs) string {
	var b strings.Builder
	for _, p := range pairs {
		fmt.Fprintf(&b, " %s=%s", p.Name, p.Value)
	}
	return b.String()
}

func describeOption(name string, o wire.OptInt) string {
	if !o.Set {
		return ""
	}
	return fmt.Sprintf("%s %d", name, o.Value)
}

func describeText(name, value string) string {
	if value == "" {
		return ""
	}
	return name + " " + value
}

// describeResponse is a result in one line.
func describeResponse(resp wire.Response) string {
	switch r := resp.(type) {
	case *wire.SendMessageResponse:
		return "sent " + r.MessageID
	case *wire.ReceiveMessageResponse:
		all := make([]string, len(r.Messages))
		for i := range r.Messages {
			all[i] = r.Messages[i].MessageID + " by " + shortHandle(r.Messages[i].ReceiptHandle)
		}
		return fmt.Sprintf("received [%s]", strings.Join(all, ", "))
	case *wire.SendMessageBatchResponse:
		return fmt.Sprintf("%d sent, %d failed", len(r.Successful), len(r.Failed))
	case *wire.BatchResponse:
		return fmt.Sprintf("%d done, %d failed", len(r.Successful), len(r.Failed))
	case *wire.GetQueueAttributesResponse:
		return "attributes" + describePairs(r.Attributes)
	case *wire.ListQueueTagsResponse:
		return "tags" + describePairs(r.Tags)
	case *wire.ListQueuesResponse:
		return fmt.Sprintf("listed %q", r.QueueURLs)
	case *wire.CreateQueueResponse, *wire.GetQueueURLResponse:
		return "the queue"
	}
	return "done"
}

// shortHandle is the end of a handle: enough to tell handles apart in a report.
func shortHandle(handle string) string {
	const shown = 12
	if len(handle) <= shown {
		return handle
	}
	return "…" + handle[len(handle)-shown:]
}
