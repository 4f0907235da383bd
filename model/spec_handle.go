package model

import "sqsd/wire"

// maxHeld is how long a delivery may be held in all, from the receive on, in ms.
const maxHeld = 43_200_000

func (s *Spec) deleteMessage(q *queueState, req *wire.DeleteMessageRequest, a answer) *Violation {
	d, code, p := s.delete(q, req.ReceiptHandle)
	if code != 0 {
		return a.refused(code, p, q.name, req.Action(), s.about(q, req.ReceiptHandle))
	}
	return a.done(p, q.name, d.message.id, req.Action())
}

func (s *Spec) deleteBatch(q *queueState, req *wire.DeleteMessageBatchRequest, a answer) *Violation {
	b := plainBatch(a, q.name, req.Action())
	for i := range req.Entries {
		e := &req.Entries[i]
		if e.Err != nil {
			b.refuse(e.ID, e.Err.Code, Linearizable)
		} else if _, code, p := s.delete(q, e.ReceiptHandle); code != 0 {
			b.refuse(e.ID, code, p)
		} else {
			b.accept(e.ID, entryOf)
		}
	}
	return b.close()
}

// delete deletes the message of a current handle. It also succeeds, without effect, when the message is gone. An old
// handle has no effect either: a standard queue accepts it, a FIFO queue refuses it, and counts those among the old
// handles whose timeout has ended. The promise is the one that another answer would break.
func (s *Spec) delete(q *queueState, handle string) (*delivery, wire.Code, Promise) {
	d, code, p := s.delivery(q, handle)
	switch {
	case code != 0:
		return nil, code, p
	case d.message.fate != stored:
		return d, 0, Linearizable
	case d.message.current != d && q.fifo == nil:
		d.message.touched = "a delete by an old handle"
		return d, 0, StaleHandles
	case d.message.current != d, q.fifo != nil && s.now >= d.message.visibleAt:
		d.message.touched = "a delete by an old handle"
		return d, wire.InvalidParameterValue, StaleHandles
	}
	s.end(d.message, deleted)
	return d, 0, Linearizable
}

func (s *Spec) changeVisibility(q *queueState, req *wire.ChangeMessageVisibilityRequest, a answer) *Violation {
	d, code, p := s.change(q, req.ReceiptHandle, req.VisibilityTimeout)
	if code != 0 {
		return a.refused(code, p, q.name, req.Action(), s.about(q, req.ReceiptHandle))
	}
	return a.done(p, q.name, d.message.id, req.Action())
}

func (s *Spec) changeBatch(q *queueState, req *wire.ChangeMessageVisibilityBatchRequest, a answer) *Violation {
	b := plainBatch(a, q.name, req.Action())
	for i := range req.Entries {
		e := &req.Entries[i]
		if e.Err != nil {
			b.refuse(e.ID, e.Err.Code, Linearizable)
			continue
		}
		d, code, p := s.change(q, e.ReceiptHandle, e.VisibilityTimeout)
		if code != 0 && d != nil && d.message.fate != stored {
			code = wire.ReceiptHandleIsInvalid // a message that is gone has another code in a batch (part 3.7)
		}
		if code != 0 {
			b.refuse(e.ID, code, p)
		} else {
			b.accept(e.ID, entryOf)
		}
	}
	return b.close()
}

// change sets how long the current delivery of a message is hidden from now on. In a standard queue a message that is
// visible again is hidden again. The promise is the one that another answer would break.
func (s *Spec) change(q *queueState, handle string, timeout wire.OptInt) (*delivery, wire.Code, Promise) {
	d, code, p := s.delivery(q, handle)
	hidden := wire.Time(timeout.Value) * 1000
	switch {
	case code != 0:
		return nil, code, p
	case d.message.fate != stored:
		return d, wire.InvalidParameterValue, Linearizable
	case d.message.current != d && q.fifo == nil:
		d.message.touched = "a change of visibility by an old handle"
		return d, wire.ReceiptHandleIsInvalid, StaleHandles
	case d.message.current != d, q.fifo != nil && s.now >= d.message.visibleAt:
		d.message.touched = "a change of visibility by an old handle"
		return d, wire.InvalidParameterValue, StaleHandles
	case s.now-d.at+hidden > maxHeld:
		return d, wire.InvalidParameterValue, Linearizable
	}
	d.message.visibleAt, d.changed = s.now+hidden, true
	s.changed(q)
	return d, 0, Linearizable
}

// release makes current deliveries visible at once.
func (s *Spec) release(req *Release) {
	q := s.queue(req.QueueName)
	if q == nil {
		return
	}
	for _, handle := range req.Handles {
		d, code, _ := s.delivery(q, handle)
		if code == 0 && d.message.fate == stored && d.message.current == d {
			d.message.visibleAt = min(d.message.visibleAt, s.now)
			s.changed(q)
		}
	}
}

// delivery finds what a handle stands for. Handles of other queues, and of earlier queues of the same name, are as
// invalid as those that nobody was given.
func (s *Spec) delivery(q *queueState, handle string) (*delivery, wire.Code, Promise) {
	d := s.handles[handle]
	switch {
	case d == nil:
		return nil, wire.ReceiptHandleIsInvalid, Linearizable
	case d.message.queue != q:
		return nil, wire.ReceiptHandleIsInvalid, StaleHandles
	}
	return d, 0, ""
}

// about says what is known of a handle.
func (s *Spec) about(q *queueState, handle string) string {
	d := s.handles[handle]
	switch {
	case d == nil:
		return "nobody was given the handle " + shortHandle(handle)
	case d.message.queue != q:
		return "the handle is of message " + d.message.id + " in another queue, or an earlier one of that name"
	case d.message.fate != stored:
		return "message " + d.message.id + " is " + string(d.message.fate)
	case d.message.current != d:
		return "message " + d.message.id + " was delivered again since"
	case q.fifo != nil && s.now >= d.message.visibleAt:
		return "the timeout of message " + d.message.id + " has ended"
	}
	return "message " + d.message.id + " would be held for more than 12 hours"
}
