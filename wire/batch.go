package wire

// Batches fail as a whole for what concerns all entries, checked in the order of sqs-semantics section 9, row 12: empty,
// count, syntax of ids, distinct ids, total size, FIFO requirements. What is left concerns single entries.

func (r *SendMessageBatchRequest) required() *Error { return nil }

func (r *SendMessageBatchRequest) content() *Error {
	err := checkBatch(len(r.Entries), "SendMessageBatchRequestEntry", func(i int) string { return r.Entries[i].ID })
	if err != nil {
		return err
	}
	total := 0
	for i := range r.Entries {
		total += MessageSize(&r.Entries[i].Outgoing)
	}
	if total > MaxMessageBytes {
		return Errorf(BatchRequestTooLong, "Batch requests cannot be longer than %d bytes. You have sent %d bytes.",
			MaxMessageBytes, total)
	}
	fifo := IsFIFO(r.Name)
	for i := range r.Entries {
		if fifo && r.Entries[i].MessageGroupID == "" {
			return Errorf(InvalidParameterValue, "The request must contain the parameter MessageGroupId.")
		}
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Err = requireText("MessageBody", e.MessageBody); e.Err == nil {
			e.Err = e.check(fifo)
		}
	}
	return nil
}

func (r *DeleteMessageBatchRequest) required() *Error { return nil }

func (r *DeleteMessageBatchRequest) content() *Error {
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Err = requireText("ReceiptHandle", e.ReceiptHandle); e.Err == nil {
			e.Err = checkHandle(e.ReceiptHandle)
		}
	}
	return checkBatch(len(r.Entries), "DeleteMessageBatchRequestEntry", func(i int) string { return r.Entries[i].ID })
}

func (r *ChangeMessageVisibilityBatchRequest) required() *Error { return nil }

func (r *ChangeMessageVisibilityBatchRequest) content() *Error {
	for i := range r.Entries {
		e := &r.Entries[i]
		alone := ChangeMessageVisibilityRequest{ReceiptHandle: e.ReceiptHandle, VisibilityTimeout: e.VisibilityTimeout}
		e.Err = Validate(&alone)
	}
	return checkBatch(len(r.Entries), "ChangeMessageVisibilityBatchRequestEntry",
		func(i int) string { return r.Entries[i].ID })
}

// checkBatch applies the rules for any batch of n entries.
func checkBatch(n int, entryType string, id func(i int) string) *Error {
	if n == 0 {
		return Errorf(EmptyBatchRequest, "There should be at least one %s in the request.", entryType)
	}
	if n > MaxBatchEntries {
		return Errorf(TooManyEntriesInBatchRequest, "Maximum number of entries per request is %d. You have sent more.",
			MaxBatchEntries)
	}
	for i := range n {
		if len(id(i)) > MaxBatchIDLength || !isWord(id(i)) {
			return Errorf(InvalidBatchEntryID, "A batch entry id can have 1 to %d letters, digits, "+
				"hyphens and underscores.", MaxBatchIDLength)
		}
	}
	for i := range n {
		for j := range i {
			if id(i) == id(j) {
				return Errorf(BatchEntryIdsNotDistinct, "Id %s repeated.", id(i))
			}
		}
	}
	return nil
}
