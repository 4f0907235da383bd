package sim

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"sqsd/wire"
)

// parseRequest reads a request of a script: the JSON of the API's documentation with a queue's name as its URL, its
// name as the token behind which a list goes on, and references in the place of handles. It is refused if the front end
// would refuse it.
func parseRequest(action, text string) (wire.Request, error) {
	req, ok := wire.NewRequest(action)
	if !ok {
		return nil, fmt.Errorf("unknown action %q", action)
	}
	if err := json.Unmarshal([]byte(text), req, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%s %s: %w", action, text, err)
	}
	if err := complete(req); err != nil {
		return nil, fmt.Errorf("%s %s: %w", action, text, err)
	}
	// Validation may change a request: it gets another one to judge.
	judged, _ := wire.NewRequest(action)
	if err := json.Unmarshal([]byte(text), judged); err != nil {
		return nil, err
	}
	if err := judge(judged); err != nil {
		return nil, fmt.Errorf("%s %s: %w", action, text, err)
	}
	return req, nil
}

// judge refuses what the front end refuses.
func judge(req wire.Request) error {
	if err := complete(req); err != nil {
		return err
	}
	switch r := req.(type) {
	case *wire.ListQueuesRequest:
		r.NextToken = ""
	case *wire.ListDeadLetterSourceQueuesRequest:
		r.NextToken = ""
	case *wire.CancelMessageMoveTaskRequest:
		if _, ok := isReference(r.TaskHandle); ok {
			return nil
		}
	}
	if err := wire.Validate(req); err != nil {
		return err
	}
	return nil
}

// complete fills in what the front end adds to a request.
func complete(req wire.Request) error {
	if r, ok := req.(wire.QueueRequest); ok {
		ref := r.Ref()
		if !wire.IsQueueName(ref.QueueURL) {
			return fmt.Errorf("QueueUrl is %q, want the name of a queue", ref.QueueURL)
		}
		ref.Name = ref.QueueURL
	}
	switch r := req.(type) {
	case *wire.ListQueuesRequest:
		r.After = r.NextToken
	case *wire.ListDeadLetterSourceQueuesRequest:
		r.After = r.NextToken
	case *wire.SendMessageRequest:
		r.SenderID = senderID
	case *wire.SendMessageBatchRequest:
		for i := range r.Entries {
			r.Entries[i].SenderID = senderID
		}
		refuseEntries(r)
	case *wire.StartMessageMoveTaskRequest:
		return errors.Join(completeARN(r.SourceARN, &r.Source), completeARN(r.DestinationARN, &r.Destination))
	case *wire.ListMessageMoveTasksRequest:
		return completeARN(r.SourceARN, &r.Source)
	case *wire.CancelMessageMoveTaskRequest:
		completeTask(r)
	}
	return nil
}

func completeARN(arn string, name *string) error {
	var ok bool
	if _, _, *name, ok = wire.ParseARN(arn); arn != "" && !ok {
		return fmt.Errorf("%q is not the ARN of a queue", arn)
	}
	return nil
}
