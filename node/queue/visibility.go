package queue

import (
	"strconv"

	"sqsd/wire"
)

func (m *Machine) changeVisibility(q *queue, req *wire.ChangeMessageVisibilityRequest) Result {
	err := m.setVisibility(q, req.ReceiptHandle, req.VisibilityTimeout.Value, wire.InvalidParameterValue)
	if err != nil {
		return refused(err)
	}
	return done()
}

// changeVisibilityBatch answers ReceiptHandleIsInvalid for a message that is gone, unlike the single call (recorded so).
func (m *Machine) changeVisibilityBatch(q *queue, req *wire.ChangeMessageVisibilityBatchRequest) Result {
	answer := &wire.BatchResponse{}
	for i := range req.Entries {
		e := &req.Entries[i]
		err := e.Err
		if err == nil {
			err = m.setVisibility(q, e.ReceiptHandle, e.VisibilityTimeout.Value, wire.ReceiptHandleIsInvalid)
		}
		addResult(answer, e.ID, err)
	}
	return Result{Response: answer}
}

// setVisibility hides the message of a current handle for some seconds from now on, or shows it if they are 0.
func (m *Machine) setVisibility(q *queue, text string, seconds int32, ifGone wire.Code) *wire.Error {
	d, state, err := m.resolve(q, text)
	switch state {
	case foreign:
		return err
	case gone:
		return wire.Errorf(ifGone, "The message of the receipt handle does not exist any more.")
	case stale:
		if q.fifo != nil {
			return expiredHandle(text)
		}
		return wire.Errorf(wire.ReceiptHandleIsInvalid, "The message was received again since the receipt handle was issued.")
	}
	until := m.now + wire.Time(seconds)*second
	if until-d.last > wire.MaxVisibilityTimeout*second {
		return wire.BadValue("VisibilityTimeout", strconv.Itoa(int(seconds)),
			"Total VisibilityTimeout for the message is beyond the limit of 43200 seconds.")
	}
	if d.visibleAt <= m.now && until > m.now {
		m.mark(markHiddenAgain)
	}
	if q.fifo != nil {
		d.attempt = 0
		m.hideInGroup(q, d, until)
		return nil
	}
	m.hide(q, d, until)
	if q.inFlight.len() > m.limits.MaxInFlight {
		m.mark(markInFlightExceeded)
	}
	return nil
}

// release shows messages whose receipt did not reach a client.
func (m *Machine) release(q *queue, cmd *ReleaseCommand) Result {
	for _, text := range cmd.Handles {
		d, state, _ := m.resolve(q, text)
		if state != current || d.visibleAt <= m.now {
			continue
		}
		m.mark(markReleased)
		if q.fifo != nil {
			m.hideInGroup(q, d, m.now)
		} else {
			m.hide(q, d, m.now)
		}
	}
	return done()
}

// addResult adds the result of one entry to the answer of a batch.
func addResult(answer *wire.BatchResponse, id string, err *wire.Error) {
	if err != nil {
		answer.Failed = append(answer.Failed, failed(id, err))
		return
	}
	answer.Successful = append(answer.Successful, wire.BatchResultEntry{ID: id})
}
