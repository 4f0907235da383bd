package wire

import "strconv"

// validator is a request with the rules that it must keep. They are in two parts because SQS looks the queue up between
// them: an absent member is reported for any queue, bad content only for one that exists.
type validator interface {
	Request
	// readForm fills the request from the parameters of the Query protocol; what is wrong with them the form keeps.
	readForm(f *form)
	// required refuses the absence of members other than the queue's URL.
	required() *Error
	// content refuses bad values and brings good ones into the form that backends expect. Of a batch it refuses only what
	// concerns all entries; an entry that is refused alone gets its Err.
	content() *Error
}

// Validate applies every rule to a request whose queue name, if it has one, is already known. Backends take only
// requests that passed; [Handler] makes sure of it for those from clients.
func Validate(req Request) *Error {
	v := req.(validator)
	if err := v.required(); err != nil {
		return err
	}
	return v.content()
}

func (r *CreateQueueRequest) required() *Error { return requireText("QueueName", r.QueueName) }

func (r *CreateQueueRequest) content() *Error {
	if err := checkQueueName(r.QueueName); err != nil {
		return err
	}
	flag, _ := r.Attributes.Get(AttrFIFOQueue)
	_, bad := onlyTrue(AttrFIFOQueue, flag)
	switch fifo := bad == nil; {
	case IsFIFO(r.QueueName) && !fifo:
		return BadValue("QueueName", r.QueueName, "A name that ends in .fifo needs FifoQueue with the value true.")
	case !IsFIFO(r.QueueName) && fifo:
		return BadValue("QueueName", r.QueueName, "The name of a FIFO queue must end in .fifo.")
	}
	if err := canonicalAttributes(r.Attributes, IsFIFO(r.QueueName)); err != nil {
		return err
	}
	if err := CheckAttributes(MergeAttributes(DefaultAttributes(IsFIFO(r.QueueName)), r.Attributes)); err != nil {
		return err
	}
	return checkTags("tags", r.Tags)
}

func (r *DeleteQueueRequest) required() *Error { return nil }
func (r *DeleteQueueRequest) content() *Error  { return nil }

// required refuses an absent QueueName as SQS does, as an invalid value and not as a missing parameter.
func (r *GetQueueURLRequest) required() *Error { return checkQueueName(r.QueueName) }
func (r *GetQueueURLRequest) content() *Error  { return nil }

func (r *ListQueuesRequest) required() *Error { return nil }

func (r *ListQueuesRequest) content() *Error {
	if len(r.QueueNamePrefix) > MaxQueueNameLength {
		return BadValue("QueueNamePrefix", r.QueueNamePrefix, "It is longer than a queue name can be.")
	}
	return readPage(r.MaxResults, r.NextToken, &r.After)
}

func (r *ListDeadLetterSourceQueuesRequest) required() *Error { return nil }

func (r *ListDeadLetterSourceQueuesRequest) content() *Error {
	return readPage(r.MaxResults, r.NextToken, &r.After)
}

// readPage judges the members that ask for a page of a list and finds the name after which it begins.
func readPage(maxResults OptInt, token string, after *string) *Error {
	if err := checkRange("MaxResults", maxResults, 1, MaxListResults); err != nil {
		return err
	}
	if token == "" {
		return nil
	}
	name, ok := parsePageToken(token)
	if !ok {
		return BadValue("NextToken", token, "It is not a token that this operation returned.")
	}
	*after = name
	return nil
}

func (r *GetQueueAttributesRequest) required() *Error { return nil }

func (r *GetQueueAttributesRequest) content() *Error {
	for _, name := range r.AttributeNames {
		if _, known := queueAttributes[name]; !known && name != allNames {
			return UnknownAttribute(name)
		}
	}
	return checkNames("AttributeNames", r.AttributeNames)
}

func (r *SetQueueAttributesRequest) required() *Error {
	if len(r.Attributes) == 0 {
		return Missing("Attributes")
	}
	return nil
}

func (r *SetQueueAttributesRequest) content() *Error {
	return canonicalAttributes(r.Attributes, IsFIFO(r.Name))
}

func (r *PurgeQueueRequest) required() *Error { return nil }
func (r *PurgeQueueRequest) content() *Error  { return nil }

func (r *SendMessageRequest) required() *Error { return requireText("MessageBody", r.MessageBody) }

func (r *SendMessageRequest) content() *Error {
	if IsFIFO(r.Name) && r.MessageGroupID == "" && !r.emptyGroupID {
		return Missing("MessageGroupId")
	}
	if err := r.check(IsFIFO(r.Name)); err != nil {
		return err
	}
	return CheckMessageSize(&r.Outgoing, MaxMessageBytes)
}

func (r *ReceiveMessageRequest) required() *Error { return nil }

func (r *ReceiveMessageRequest) content() *Error {
	if err := checkRange("MaxNumberOfMessages", r.MaxNumberOfMessages, 1, MaxReceiveMessages); err != nil {
		return err
	}
	if err := checkRange("VisibilityTimeout", r.VisibilityTimeout, 0, MaxVisibilityTimeout); err != nil {
		return err
	}
	if err := checkRange("WaitTimeSeconds", r.WaitTimeSeconds, 0, MaxWaitTimeSeconds); err != nil {
		return err
	}
	if !IsFIFO(r.Name) {
		r.ReceiveRequestAttemptID = "" // accepted and ignored
	} else if r.ReceiveRequestAttemptID != "" && !isGroupID(r.ReceiveRequestAttemptID) {
		return BadValue("ReceiveRequestAttemptId", r.ReceiveRequestAttemptID, groupIDRule)
	}
	if err := checkNames("AttributeNames", r.AttributeNames); err != nil {
		return err
	}
	if err := checkNames("MessageSystemAttributeNames", r.MessageSystemAttributeNames); err != nil {
		return err
	}
	return checkNames("MessageAttributeNames", r.MessageAttributeNames)
}

func (r *DeleteMessageRequest) required() *Error {
	return requireText("ReceiptHandle", r.ReceiptHandle)
}
func (r *DeleteMessageRequest) content() *Error { return checkHandle(r.ReceiptHandle) }

func (r *ChangeMessageVisibilityRequest) required() *Error {
	if err := requireText("ReceiptHandle", r.ReceiptHandle); err != nil {
		return err
	}
	return requireInt("VisibilityTimeout", r.VisibilityTimeout)
}

func (r *ChangeMessageVisibilityRequest) content() *Error {
	if err := checkRange("VisibilityTimeout", r.VisibilityTimeout, 0, MaxVisibilityTimeout); err != nil {
		return err
	}
	return checkHandle(r.ReceiptHandle)
}

func requireText(parameter, value string) *Error {
	if value == "" {
		return Missing(parameter)
	}
	return nil
}

func requireInt(parameter string, value OptInt) *Error {
	if !value.Set {
		return Missing(parameter)
	}
	return nil
}

func checkQueueName(name string) *Error {
	if !IsQueueName(name) {
		return BadValue("QueueName", name, "It can have 1 to 80 letters, digits, hyphens and underscores; "+
			"the name of a FIFO queue ends in .fifo.")
	}
	return nil
}

// checkRange refuses a number that is present and outside a closed range.
func checkRange(parameter string, value OptInt, least, most int32) *Error {
	if value.Set && (value.Value < least || value.Value > most) {
		return BadValue(parameter, strconv.Itoa(int(value.Value)),
			"Must be between "+strconv.Itoa(int(least))+" and "+strconv.Itoa(int(most))+", if provided.")
	}
	return nil
}

func checkNames(parameter string, names Names) *Error {
	if len(names) > MaxNames {
		return Errorf(InvalidParameterValue, "%s can list at most %d names.", parameter, MaxNames)
	}
	return nil
}

// checkHandle refuses what is too long to be a receipt handle; backends judge the rest.
func checkHandle(handle string) *Error {
	if len(handle) > MaxReceiptHandleLength {
		return Errorf(ReceiptHandleIsInvalid, "The receipt handle has more than %d characters.", MaxReceiptHandleLength)
	}
	return nil
}
