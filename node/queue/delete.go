package queue

import "sqsd/wire"

func (m *Machine) deleteMessage(q *queue, req *wire.DeleteMessageRequest) Result {
	if err := m.delete(q, req.ReceiptHandle); err != nil {
		return refused(err)
	}
	return done()
}

func (m *Machine) deleteMessageBatch(q *queue, req *wire.DeleteMessageBatchRequest) Result {
	answer := &wire.BatchResponse{}
	for i := range req.Entries {
		e := &req.Entries[i]
		err := e.Err
		if err == nil {
			err = m.delete(q, e.ReceiptHandle)
		}
		addResult(answer, e.ID, err)
	}
	return Result{Response: answer}
}

// delete removes the message of a handle. A handle that is not current any more deletes nothing, without an error.
func (m *Machine) delete(q *queue, text string) *wire.Error {
	d, state, err := m.resolve(q, text)
	switch {
	case q.fifo != nil && state == current:
		m.removeReceived(q, d)
	case q.fifo != nil && state == stale:
		return expiredHandle(text)
	case state == current:
		m.discard(q, d)
	}
	return err
}

// standing is what a receipt handle is worth.
type standing uint8

const (
	foreign standing = iota // not of this incarnation of the queue, or no handle at all
	gone                    // the message was deleted, purged or has expired
	stale                   // the message was received again since
	current                 // the message was not received again, whether or not it is still hidden
)

// resolve finds what a receipt handle stands for. There is an error exactly if it is foreign, and a delivery if it is
// current, or stale in a standard queue.
func (m *Machine) resolve(q *queue, text string) (*delivery, standing, *wire.Error) {
	h, ok := parseHandle(text)
	if !ok {
		return nil, foreign, wire.Errorf(wire.ReceiptHandleIsInvalid, "The receipt handle is not one that a queue has issued.")
	}
	if h.queue != q.id || h.nonce != q.nonce {
		m.mark(markForeignHandle)
		return nil, foreign, wire.Errorf(wire.ReceiptHandleIsInvalid, "The receipt handle is not of this queue.")
	}
	if q.fifo != nil {
		d, state := m.resolveInGroup(q, h)
		return d, state, nil
	}
	d := m.delivery(q, h.position)
	switch {
	case d == nil:
		m.mark(markGoneHandle)
		return nil, gone, nil
	case d.token != h.token:
		m.mark(markStaleHandle)
		return d, stale, nil
	}
	return d, current, nil
}
