package wire

// Request is one API call, decoded and validated. The concrete types are the …Request structs of this package; they
// are always passed by pointer and are not changed after validation.
type Request interface {
	// Action is the name of the API operation, for example "SendMessage".
	Action() string
}

// QueueRequest is a request that addresses one existing queue by URL.
type QueueRequest interface {
	Request
	// Ref is the queue that the request addresses.
	Ref() *QueueRef
}

// QueueRef names the queue of a request.
type QueueRef struct {
	// QueueURL is the URL as the client sent it.
	QueueURL string `json:"QueueUrl"`
	// Name is the queue name that the front end read from the URL (its last path segment, or a bare name).
	Name string `json:"-"`
}

// Ref returns r, so that embedding QueueRef makes a request a [QueueRequest].
func (r *QueueRef) Ref() *QueueRef { return r }

// CreateQueueRequest asks for a queue; see the API reference, CreateQueue.
type CreateQueueRequest struct {
	QueueName  string
	Attributes Pairs `json:",omitempty"`
	Tags       Pairs `json:"tags,omitempty"`
}

// DeleteQueueRequest deletes a queue with everything in it.
type DeleteQueueRequest struct {
	QueueRef
}

// GetQueueURLRequest looks a queue up by name.
type GetQueueURLRequest struct {
	QueueName              string
	QueueOwnerAWSAccountID string `json:"QueueOwnerAWSAccountId,omitempty"`
}

// ListQueuesRequest lists queues in name order.
type ListQueuesRequest struct {
	QueueNamePrefix string `json:",omitempty"`
	MaxResults      OptInt `json:",omitzero"`
	NextToken       string `json:",omitempty"`
	// After is the last name of the previous page, decoded from NextToken by the front end.
	After string `json:"-"`
}

// GetQueueAttributesRequest reads attributes and exact counters.
type GetQueueAttributesRequest struct {
	QueueRef
	AttributeNames Names `json:",omitempty"`
}

// SetQueueAttributesRequest changes attributes, all or none.
type SetQueueAttributesRequest struct {
	QueueRef
	Attributes Pairs
}

// PurgeQueueRequest deletes the messages of a queue, whatever their state.
type PurgeQueueRequest struct {
	QueueRef
}

// SendMessageRequest sends one message.
type SendMessageRequest struct {
	QueueRef
	Outgoing
}

// Outgoing is what a client says of one message that it sends, alone or in a batch.
type Outgoing struct {
	MessageBody             string
	DelaySeconds            OptInt            `json:",omitzero"`
	MessageAttributes       MessageAttributes `json:",omitempty"`
	MessageSystemAttributes MessageAttributes `json:",omitempty"`
	MessageGroupID          string            `json:"MessageGroupId,omitempty"`
	MessageDeduplicationID  string            `json:"MessageDeduplicationId,omitempty"`
	// SenderID is the caller's identity, filled in by the front end.
	SenderID string `json:"-"`
	// emptyGroupID and emptyDedupID say that the request gave the id as an empty text, which a FIFO queue refuses
	// otherwise than an absent one. Validation clears them.
	emptyGroupID, emptyDedupID bool
}

// SendMessageBatchRequest sends up to ten messages, in order.
type SendMessageBatchRequest struct {
	QueueRef
	Entries Batch[SendMessageBatchEntry]
}

// SendMessageBatchEntry is one message of a batch.
type SendMessageBatchEntry struct {
	ID string `json:"Id"`
	Outgoing
	// Err is set by validation if this entry alone is refused; the backend answers it in Failed.
	Err *Error `json:"-"`
}

// ReceiveMessageRequest takes up to ten messages, waiting for the first one if asked to.
type ReceiveMessageRequest struct {
	QueueRef
	AttributeNames              Names  `json:",omitempty"`
	MessageSystemAttributeNames Names  `json:",omitempty"`
	MessageAttributeNames       Names  `json:",omitempty"`
	MaxNumberOfMessages         OptInt `json:",omitzero"`
	VisibilityTimeout           OptInt `json:",omitzero"`
	WaitTimeSeconds             OptInt `json:",omitzero"`
	ReceiveRequestAttemptID     string `json:"ReceiveRequestAttemptId,omitempty"`
}

// DeleteMessageRequest deletes the message that a receipt handle stands for.
type DeleteMessageRequest struct {
	QueueRef
	ReceiptHandle string
}

// DeleteMessageBatchRequest deletes up to ten messages.
type DeleteMessageBatchRequest struct {
	QueueRef
	Entries Batch[DeleteMessageBatchEntry]
}

// DeleteMessageBatchEntry is one receipt handle of a batch.
type DeleteMessageBatchEntry struct {
	ID            string `json:"Id"`
	ReceiptHandle string
	Err           *Error `json:"-"`
}

// ChangeMessageVisibilityRequest sets how long a delivery stays hidden from now on.
type ChangeMessageVisibilityRequest struct {
	QueueRef
	ReceiptHandle     string
	VisibilityTimeout OptInt `json:",omitzero"`
}

// ChangeMessageVisibilityBatchRequest changes up to ten deliveries.
type ChangeMessageVisibilityBatchRequest struct {
	QueueRef
	Entries Batch[ChangeMessageVisibilityBatchEntry]
}

// ChangeMessageVisibilityBatchEntry is one delivery of a batch.
type ChangeMessageVisibilityBatchEntry struct {
	ID                string `json:"Id"`
	ReceiptHandle     string
	VisibilityTimeout OptInt `json:",omitzero"`
	Err               *Error `json:"-"`
}

// ListDeadLetterSourceQueuesRequest lists, in name order, the queues whose redrive policy names a queue.
type ListDeadLetterSourceQueuesRequest struct {
	QueueRef
	MaxResults OptInt `json:",omitzero"`
	NextToken  string `json:",omitempty"`
	// After is the last name of the previous page, decoded from NextToken by validation.
	After string `json:"-"`
}

// TagQueueRequest adds tags to a queue and overwrites those with the same key.
type TagQueueRequest struct {
	QueueRef
	Tags Pairs
}

// UntagQueueRequest removes tags by key; keys that the queue does not have are ignored.
type UntagQueueRequest struct {
	QueueRef
	TagKeys Names
}

// ListQueueTagsRequest reads a queue's tags.
type ListQueueTagsRequest struct {
	QueueRef
}

// AddPermissionRequest adds a statement to a queue's policy; [AddStatement] makes the edit.
type AddPermissionRequest struct {
	QueueRef
	Label         string
	AWSAccountIDs Names `json:"AWSAccountIds"`
	Actions       Names
}

// RemovePermissionRequest removes a statement from a queue's policy; [RemoveStatement] makes the edit.
type RemovePermissionRequest struct {
	QueueRef
	Label string
}

// StartMessageMoveTaskRequest moves the messages of a dead-letter queue to another queue or back to where they came
// from.
type StartMessageMoveTaskRequest struct {
	SourceARN string `json:"SourceArn"`
	// DestinationARN is empty if each message returns to the queue that it came from.
	DestinationARN               string `json:"DestinationArn,omitempty"`
	MaxNumberOfMessagesPerSecond OptInt `json:",omitzero"`
	// Source and Destination are the queue names in the ARNs, filled in by validation.
	Source      string `json:"-"`
	Destination string `json:"-"`
}

// CancelMessageMoveTaskRequest stops a task; what it has moved stays moved.
type CancelMessageMoveTaskRequest struct {
	TaskHandle string
	// Task is the decoded handle and Source the queue name in it, filled in by validation.
	Task   TaskHandle `json:"-"`
	Source string     `json:"-"`
}

// ListMessageMoveTasksRequest lists the latest tasks of a source queue, newest first.
type ListMessageMoveTasksRequest struct {
	SourceARN  string `json:"SourceArn"`
	MaxResults OptInt `json:",omitzero"` // 1 to 10, default 1
	// Source is the queue name in SourceARN, filled in by validation.
	Source string `json:"-"`
}

func (*CreateQueueRequest) Action() string                  { return "CreateQueue" }
func (*DeleteQueueRequest) Action() string                  { return "DeleteQueue" }
func (*GetQueueURLRequest) Action() string                  { return "GetQueueUrl" }
func (*ListQueuesRequest) Action() string                   { return "ListQueues" }
func (*GetQueueAttributesRequest) Action() string           { return "GetQueueAttributes" }
func (*SetQueueAttributesRequest) Action() string           { return "SetQueueAttributes" }
func (*PurgeQueueRequest) Action() string                   { return "PurgeQueue" }
func (*SendMessageRequest) Action() string                  { return "SendMessage" }
func (*SendMessageBatchRequest) Action() string             { return "SendMessageBatch" }
func (*ReceiveMessageRequest) Action() string               { return "ReceiveMessage" }
func (*DeleteMessageRequest) Action() string                { return "DeleteMessage" }
func (*DeleteMessageBatchRequest) Action() string           { return "DeleteMessageBatch" }
func (*ChangeMessageVisibilityRequest) Action() string      { return "ChangeMessageVisibility" }
func (*ChangeMessageVisibilityBatchRequest) Action() string { return "ChangeMessageVisibilityBatch" }
func (*ListDeadLetterSourceQueuesRequest) Action() string   { return "ListDeadLetterSourceQueues" }
func (*TagQueueRequest) Action() string                     { return "TagQueue" }
func (*UntagQueueRequest) Action() string                   { return "UntagQueue" }
func (*ListQueueTagsRequest) Action() string                { return "ListQueueTags" }
func (*AddPermissionRequest) Action() string                { return "AddPermission" }
func (*RemovePermissionRequest) Action() string             { return "RemovePermission" }
func (*StartMessageMoveTaskRequest) Action() string         { return "StartMessageMoveTask" }
func (*CancelMessageMoveTaskRequest) Action() string        { return "CancelMessageMoveTask" }
func (*ListMessageMoveTasksRequest) Action() string         { return "ListMessageMoveTasks" }
