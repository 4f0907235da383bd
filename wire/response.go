package wire

// Response is the result of a successful call: one of the …Response structs, by pointer, or [Empty].
// A backend that speaks names puts the queue's name where the API has a URL; the front end makes the URL. The response
// belongs to the front end then, which replaces members of it; what its slices of attributes hold is not changed, so
// backends may share those.
type Response interface{}

// Empty is the result of the operations without output members; its body is empty.
type Empty struct{}

// CreateQueueResponse carries the queue's URL.
type CreateQueueResponse struct {
	QueueURL string `json:"QueueUrl"`
}

// GetQueueURLResponse carries the queue's URL.
type GetQueueURLResponse struct {
	QueueURL string `json:"QueueUrl"`
}

// ListQueuesResponse is one page of queue URLs in name order.
type ListQueuesResponse struct {
	QueueURLs []string `json:"QueueUrls,omitempty"`
	// NextToken is opaque to clients. A backend sets it to the last name returned if more remain.
	NextToken string `json:",omitempty"`
}

// GetQueueAttributesResponse carries attributes; a backend returns all that the queue has.
type GetQueueAttributesResponse struct {
	Attributes Pairs `json:",omitempty"`
}

// SendMessageResponse acknowledges a message.
type SendMessageResponse struct {
	MessageID                    string `json:"MessageId"`
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	SequenceNumber               string `json:",omitempty"`
}

// SendMessageBatchResponse acknowledges entries one by one, in request order.
type SendMessageBatchResponse struct {
	Successful []SendMessageBatchResult `json:",omitempty"`
	Failed     []BatchResultError       `json:",omitempty"`
}

// SendMessageBatchResult acknowledges one entry.
type SendMessageBatchResult struct {
	ID string `json:"Id"`
	SendMessageResponse
}

// BatchResultError refuses one entry of a batch.
type BatchResultError struct {
	ID          string `json:"Id"`
	SenderFault bool
	Code        string
	Message     string `json:",omitempty"`
}

// ReceiveMessageResponse carries the messages that were taken.
type ReceiveMessageResponse struct {
	Messages []Message `json:",omitempty"`
}

// Message is one delivery. A backend fills in everything; the front end keeps the attributes that the caller asked
// for and computes MD5OfMessageAttributes over those.
type Message struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             Pairs             `json:",omitempty"`
	MD5OfMessageAttributes string            `json:",omitempty"`
	MessageAttributes      MessageAttributes `json:",omitempty"`
}

// BatchResponse answers DeleteMessageBatch and ChangeMessageVisibilityBatch, in request order.
type BatchResponse struct {
	Successful []BatchResultEntry `json:",omitempty"`
	Failed     []BatchResultError `json:",omitempty"`
}

// BatchResultEntry acknowledges one entry.
type BatchResultEntry struct {
	ID string `json:"Id"`
}

// ListDeadLetterSourceQueuesResponse is one page of queue URLs in name order, as of [ListQueuesResponse].
type ListDeadLetterSourceQueuesResponse struct {
	QueueURLs []string `json:"queueUrls,omitempty"`
	// NextToken is opaque to clients. A backend sets it to the last name returned if more remain.
	NextToken string `json:",omitempty"`
}

// ListQueueTagsResponse carries all tags of a queue.
type ListQueueTagsResponse struct {
	Tags Pairs `json:",omitempty"`
}

// StartMessageMoveTaskResponse names the task that was started; see [TaskHandle].
type StartMessageMoveTaskResponse struct {
	TaskHandle string
}

// CancelMessageMoveTaskResponse says how far the task had come.
type CancelMessageMoveTaskResponse struct {
	ApproximateNumberOfMessagesMoved int64
}

// ListMessageMoveTasksResponse carries tasks, newest first.
type ListMessageMoveTasksResponse struct {
	Results []MoveTaskResult `json:",omitempty"`
}

// MoveTaskResult is what SQS tells of one move task.
type MoveTaskResult struct {
	// TaskHandle is given only while the task is running.
	TaskHandle string `json:",omitempty"`
	// Status is one of the MoveTask… constants.
	Status    string
	SourceARN string `json:"SourceArn"`
	// DestinationARN and MaxNumberOfMessagesPerSecond are given only if the task was started with them.
	DestinationARN                   string `json:"DestinationArn,omitempty"`
	MaxNumberOfMessagesPerSecond     OptInt `json:",omitzero"`
	ApproximateNumberOfMessagesMoved int64
	// ApproximateNumberOfMessagesToMove is the source's backlog when the task began.
	ApproximateNumberOfMessagesToMove int64
	// FailureReason is given only if the task failed.
	FailureReason    string `json:",omitempty"`
	StartedTimestamp Time
}

// What can be said of a move task.
const (
	MoveTaskRunning    = "RUNNING"
	MoveTaskCompleted  = "COMPLETED"
	MoveTaskCancelling = "CANCELLING"
	MoveTaskCancelled  = "CANCELLED"
	MoveTaskFailed     = "FAILED"
)
