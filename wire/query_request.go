package wire

// How each request is spelled in the Query protocol (sqs-semantics 1.4). QueueUrl is read by the codec, for all alike.

func (r *CreateQueueRequest) readForm(f *form) {
	r.QueueName = f.read("QueueName")
	r.Attributes = f.pairs("Attribute", "Name", "Value")
	r.Tags = f.tags()
}

// tags reads tags in the model's spelling, or in one that is common by mistake.
func (f *form) tags() Pairs {
	if tags := f.pairs("Tag", "Key", "Value"); tags != nil {
		return tags
	}
	return f.pairs("Tags", "Key", "Value")
}

func (r *DeleteQueueRequest) readForm(*form) {}

func (r *GetQueueURLRequest) readForm(f *form) {
	r.QueueName = f.read("QueueName")
	r.QueueOwnerAWSAccountID = f.read("QueueOwnerAWSAccountId")
}

func (r *ListQueuesRequest) readForm(f *form) {
	r.QueueNamePrefix = f.read("QueueNamePrefix")
	r.MaxResults = f.integer("MaxResults")
	r.NextToken = f.read("NextToken")
}

func (r *GetQueueAttributesRequest) readForm(f *form) { r.AttributeNames = f.names("AttributeName") }

func (r *SetQueueAttributesRequest) readForm(f *form) {
	r.Attributes = f.pairs("Attribute", "Name", "Value")
}

func (r *PurgeQueueRequest) readForm(*form) {}

func (r *SendMessageRequest) readForm(f *form) { r.readMessage(f) }

func (m *Outgoing) readMessage(f *form) {
	group, dedup := f.at("MessageGroupId"), f.at("MessageDeduplicationId")
	*m = Outgoing{
		MessageBody:             f.read("MessageBody"),
		DelaySeconds:            f.integer("DelaySeconds"),
		MessageAttributes:       f.attributes("MessageAttribute"),
		MessageSystemAttributes: f.attributes("MessageSystemAttribute"),
		MessageGroupID:          group.text,
		MessageDeduplicationID:  dedup.text,
		emptyGroupID:            group.given && group.text == "",
		emptyDedupID:            dedup.given && dedup.text == "",
	}
}

func (r *SendMessageBatchRequest) readForm(f *form) {
	for _, part := range f.list("SendMessageBatchRequestEntry", MaxBatchEntries+1) {
		e := SendMessageBatchEntry{ID: part.read("Id")}
		e.readMessage(part)
		r.Entries = append(r.Entries, e)
	}
}

func (r *ReceiveMessageRequest) readForm(f *form) {
	r.AttributeNames = f.names("AttributeName")
	r.MessageSystemAttributeNames = f.names("MessageSystemAttributeName")
	r.MessageAttributeNames = f.names("MessageAttributeName")
	r.MaxNumberOfMessages = f.integer("MaxNumberOfMessages")
	r.VisibilityTimeout = f.integer("VisibilityTimeout")
	r.WaitTimeSeconds = f.integer("WaitTimeSeconds")
	r.ReceiveRequestAttemptID = f.read("ReceiveRequestAttemptId")
}

func (r *DeleteMessageRequest) readForm(f *form) { r.ReceiptHandle = f.read("ReceiptHandle") }

func (r *DeleteMessageBatchRequest) readForm(f *form) {
	for _, part := range f.list("DeleteMessageBatchRequestEntry", MaxBatchEntries+1) {
		r.Entries = append(r.Entries, DeleteMessageBatchEntry{ID: part.read("Id"), ReceiptHandle: part.read("ReceiptHandle")})
	}
}

func (r *ChangeMessageVisibilityRequest) readForm(f *form) {
	r.ReceiptHandle = f.read("ReceiptHandle")
	r.VisibilityTimeout = f.integer("VisibilityTimeout")
}

func (r *ChangeMessageVisibilityBatchRequest) readForm(f *form) {
	for _, part := range f.list("ChangeMessageVisibilityBatchRequestEntry", MaxBatchEntries+1) {
		r.Entries = append(r.Entries, ChangeMessageVisibilityBatchEntry{ID: part.read("Id"),
			ReceiptHandle: part.read("ReceiptHandle"), VisibilityTimeout: part.integer("VisibilityTimeout")})
	}
}

func (r *ListDeadLetterSourceQueuesRequest) readForm(f *form) {
	r.MaxResults = f.integer("MaxResults")
	r.NextToken = f.read("NextToken")
}

func (r *TagQueueRequest) readForm(f *form)      { r.Tags = f.tags() }
func (r *UntagQueueRequest) readForm(f *form)    { r.TagKeys = f.names("TagKey") }
func (r *ListQueueTagsRequest) readForm(f *form) {}

func (r *AddPermissionRequest) readForm(f *form) {
	r.Label = f.read("Label")
	r.AWSAccountIDs = f.names("AWSAccountId")
	r.Actions = f.names("ActionName")
}

func (r *RemovePermissionRequest) readForm(f *form) { r.Label = f.read("Label") }

func (r *StartMessageMoveTaskRequest) readForm(f *form) {
	r.SourceARN = f.read("SourceArn")
	r.DestinationARN = f.read("DestinationArn")
	r.MaxNumberOfMessagesPerSecond = f.integer("MaxNumberOfMessagesPerSecond")
}

func (r *CancelMessageMoveTaskRequest) readForm(f *form) { r.TaskHandle = f.read("TaskHandle") }

func (r *ListMessageMoveTasksRequest) readForm(f *form) {
	r.SourceARN = f.read("SourceArn")
	r.MaxResults = f.integer("MaxResults")
}
