package wire

// action is a row of the table of operations.
type action struct {
	request func() validator
	// answer completes the backend's response as the caller sees the server; nil if there is nothing to complete.
	answer func(v *view, req Request, resp Response)
	// noQueue says that the operation cannot be sent to a queue's address.
	noQueue bool
}

// NewRequest returns an empty request of an operation, such as "SendMessage". It reports false if there is no such
// operation.
func NewRequest(name string) (req Request, ok bool) {
	row, ok := actions[name]
	if !ok {
		return nil, false
	}
	return row.request(), true
}

// view is what a caller's way of reaching the server decides.
type view struct {
	base    string // scheme and host of queue URLs, without a slash at the end
	account string
}

// actions are the operations by name, in whatever protocol they come.
var actions = map[string]action{
	"CreateQueue":                  {request: request[CreateQueueRequest], answer: completeCreate, noQueue: true},
	"DeleteQueue":                  {request: request[DeleteQueueRequest]},
	"GetQueueUrl":                  {request: request[GetQueueURLRequest], answer: completeGetURL},
	"ListQueues":                   {request: request[ListQueuesRequest], answer: completeList, noQueue: true},
	"GetQueueAttributes":           {request: request[GetQueueAttributesRequest], answer: completeAttributes},
	"SetQueueAttributes":           {request: request[SetQueueAttributesRequest]},
	"PurgeQueue":                   {request: request[PurgeQueueRequest]},
	"SendMessage":                  {request: request[SendMessageRequest]},
	"SendMessageBatch":             {request: request[SendMessageBatchRequest]},
	"ReceiveMessage":               {request: request[ReceiveMessageRequest], answer: completeReceive},
	"DeleteMessage":                {request: request[DeleteMessageRequest]},
	"DeleteMessageBatch":           {request: request[DeleteMessageBatchRequest]},
	"ChangeMessageVisibility":      {request: request[ChangeMessageVisibilityRequest]},
	"ChangeMessageVisibilityBatch": {request: request[ChangeMessageVisibilityBatchRequest]},
	"ListDeadLetterSourceQueues":   {request: request[ListDeadLetterSourceQueuesRequest], answer: completeSources},
	"TagQueue":                     {request: request[TagQueueRequest]},
	"UntagQueue":                   {request: request[UntagQueueRequest]},
	"ListQueueTags":                {request: request[ListQueueTagsRequest]},
	"AddPermission":                {request: request[AddPermissionRequest]},
	"RemovePermission":             {request: request[RemovePermissionRequest]},
	"StartMessageMoveTask":         {request: request[StartMessageMoveTaskRequest]},
	"CancelMessageMoveTask":        {request: request[CancelMessageMoveTaskRequest]},
	"ListMessageMoveTasks":         {request: request[ListMessageMoveTasksRequest]},
}

func request[R any, P interface {
	*R
	validator
}]() validator {
	return P(new(R))
}

func (v *view) url(queueName string) string { return QueueURL(v.base, v.account, queueName) }

func completeCreate(v *view, _ Request, resp Response) {
	r := resp.(*CreateQueueResponse)
	r.QueueURL = v.url(r.QueueURL)
}

func completeGetURL(v *view, _ Request, resp Response) {
	r := resp.(*GetQueueURLResponse)
	r.QueueURL = v.url(r.QueueURL)
}

func completeList(v *view, req Request, resp Response) {
	r := resp.(*ListQueuesResponse)
	r.NextToken = v.completePage(r.QueueURLs, r.NextToken, req.(*ListQueuesRequest).MaxResults)
}

func completeSources(v *view, req Request, resp Response) {
	r := resp.(*ListDeadLetterSourceQueuesResponse)
	r.NextToken = v.completePage(r.QueueURLs, r.NextToken, req.(*ListDeadLetterSourceQueuesRequest).MaxResults)
}

// completePage turns names into URLs and the name after which a page ended into a token. A token goes only to callers
// that asked for pages, as with SQS.
func (v *view) completePage(names []string, last string, maxResults OptInt) (token string) {
	for i, name := range names {
		names[i] = v.url(name)
	}
	if !maxResults.Set || last == "" {
		return ""
	}
	return pageToken(last)
}

func completeAttributes(_ *view, req Request, resp Response) {
	r := resp.(*GetQueueAttributesResponse)
	r.Attributes = keepPairs(r.Attributes, req.(*GetQueueAttributesRequest).AttributeNames)
}

// completeReceive keeps the attributes that were asked for; the digest covers only those.
func completeReceive(_ *view, req Request, resp Response) {
	asked, messages := req.(*ReceiveMessageRequest), resp.(*ReceiveMessageResponse).Messages
	for i := range messages {
		m := &messages[i]
		m.Attributes = keepPairs(m.Attributes, asked.AttributeNames, asked.MessageSystemAttributeNames)
		m.MessageAttributes = keepAttributes(m.MessageAttributes, asked.MessageAttributeNames)
		m.MD5OfMessageAttributes = AttributesMD5(m.MessageAttributes)
	}
}
