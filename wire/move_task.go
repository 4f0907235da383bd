package wire

import (
	"encoding/base64"

	"github.com/go-json-experiment/json"
)

// TaskHandle names a message move task to clients.
type TaskHandle struct {
	TaskID    string `json:"taskId"`    // UUID in lower case
	SourceARN string `json:"sourceArn"` // of the dead-letter queue
}

// Encode is the handle's text: base64 of a JSON object with exactly these two members, in this order and without
// spaces (sqs-semantics 5.3). A later version would have other members.
func (h TaskHandle) Encode() string {
	text := appendJSONMember([]byte{'{'}, "taskId", h.TaskID)
	text = append(appendJSONMember(text, "sourceArn", h.SourceARN), '}')
	return base64.StdEncoding.EncodeToString(text)
}

// ParseTaskHandle reads what Encode wrote. It reports false for every other text.
func ParseTaskHandle(text string) (h TaskHandle, ok bool) {
	if len(text) > MaxTaskHandleLength {
		return TaskHandle{}, false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || json.Unmarshal(raw, &h) != nil {
		return TaskHandle{}, false
	}
	if !isUUID(h.TaskID) || !isQueueARN(h.SourceARN) || h.Encode() != text {
		return TaskHandle{}, false
	}
	return h, true
}

// isUUID says that a text has the form of a UUID in lower case.
func isUUID(s string) bool {
	for i := range len(s) {
		c := s[i]
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 36
}

// Rules for the requests that concern move tasks.

func (r *StartMessageMoveTaskRequest) required() *Error { return requireText("SourceArn", r.SourceARN) }

func (r *StartMessageMoveTaskRequest) content() *Error {
	if err := readARN("SourceArn", r.SourceARN, &r.Source); err != nil {
		return err
	}
	if r.DestinationARN != "" {
		if err := readARN("DestinationArn", r.DestinationARN, &r.Destination); err != nil {
			return err
		}
		switch {
		case r.DestinationARN == r.SourceARN:
			return BadValue("DestinationArn", r.DestinationARN, "It is the source of the task.")
		case IsFIFO(r.Destination) != IsFIFO(r.Source):
			return BadValue("DestinationArn", r.DestinationARN, "Source and destination must be queues of the same type.")
		}
	}
	return checkRange("MaxNumberOfMessagesPerSecond", r.MaxNumberOfMessagesPerSecond, 1, MaxMoveRate)
}

func (r *CancelMessageMoveTaskRequest) required() *Error {
	return requireText("TaskHandle", r.TaskHandle)
}

func (r *CancelMessageMoveTaskRequest) content() *Error {
	task, ok := ParseTaskHandle(r.TaskHandle)
	if !ok {
		return BadValue("TaskHandle", r.TaskHandle, "It is not a handle that StartMessageMoveTask returned.")
	}
	r.Task = task
	return readARN("TaskHandle", task.SourceARN, &r.Source)
}

func (r *ListMessageMoveTasksRequest) required() *Error { return requireText("SourceArn", r.SourceARN) }

func (r *ListMessageMoveTasksRequest) content() *Error {
	if err := readARN("SourceArn", r.SourceARN, &r.Source); err != nil {
		return err
	}
	return checkRange("MaxResults", r.MaxResults, 1, MaxMoveTaskResults)
}

// readARN finds the name of the queue that a parameter names by ARN.
func readARN(parameter, arn string, name *string) *Error {
	_, _, queue, ok := ParseARN(arn)
	if !ok {
		return BadValue(parameter, arn, "It is not the ARN of a queue.")
	}
	*name = queue
	return nil
}

// arnRequest is a request that names its queues by ARN.
type arnRequest interface {
	// arns are the valid ARNs in the request.
	arns() []string
}

func (r *StartMessageMoveTaskRequest) arns() []string {
	if r.DestinationARN == "" {
		return []string{r.SourceARN}
	}
	return []string{r.SourceARN, r.DestinationARN}
}

func (r *CancelMessageMoveTaskRequest) arns() []string { return []string{r.Task.SourceARN} }
func (r *ListMessageMoveTasksRequest) arns() []string  { return []string{r.SourceARN} }
