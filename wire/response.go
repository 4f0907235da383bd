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
