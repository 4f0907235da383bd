package queue

import (
	"encoding/binary"
	"encoding/hex"

	"sqsd/wire"
)

func (m *Machine) sendMessage(q *queue, req *wire.SendMessageRequest, want bool) Result {
	err := q.checkDedupID(&req.Outgoing)
	if err == nil {
		err = wire.CheckMessageSize(&req.Outgoing, q.maximumSize)
	}
	if err != nil {
		return refused(err)
	}
	response := m.send(q, &req.Outgoing, want)
	if !want {
		return done()
	}
	return Result{Response: &response}
}

func (m *Machine) sendMessageBatch(q *queue, req *wire.SendMessageBatchRequest, want bool) Result {
	if err := q.checkDedupIDs(req.Entries); err != nil {
		return refused(err)
	}
	answer := &wire.SendMessageBatchResponse{}
	for i := range req.Entries {
		e := &req.Entries[i]
		err := e.Err
		if err == nil {
			err = wire.CheckMessageSize(&e.Outgoing, q.maximumSize)
		}
		if err != nil {
			answer.Failed = append(answer.Failed, failed(e.ID, err))
			continue
		}
		response := m.send(q, &e.Outgoing, want)
		if want {
			answer.Successful = append(answer.Successful, wire.SendMessageBatchResult{ID: e.ID, SendMessageResponse: response})
		}
	}
	return Result{Response: answer}
}

// failed is the result of a batch's entry that was refused.
func failed(id string, err *wire.Error) wire.BatchResultError {
	return wire.BatchResultError{ID: id, SenderFault: err.Code.SenderFault(), Code: err.Code.Query(), Message: err.Text}
}

// send stores a message. The answer is complete only if it is wanted.
func (m *Machine) send(q *queue, o *wire.Outgoing, want bool) (answer wire.SendMessageResponse) {
	record := messageRecord{
		bodyMD5: wire.BodyMD5(o.MessageBody), sender: o.SenderID, group: o.MessageGroupID,
		attributes: o.MessageAttributes, system: o.MessageSystemAttributes, body: o.MessageBody,
	}
	if q.fifo != nil {
		answer.SequenceNumber = sequenceNumber(m.sendToGroup(q, &record, o))
	} else {
		m.sendAlone(q, &record, o)
	}
	if want {
		answer.MessageID = record.id.String()
		answer.MD5OfMessageBody = record.bodyMD5
		answer.MD5OfMessageAttributes = wire.AttributesMD5(o.MessageAttributes)
		answer.MD5OfMessageSystemAttributes = wire.AttributesMD5(o.MessageSystemAttributes)
	}
	return answer
}

// sendAlone stores a message in a standard queue.
func (m *Machine) sendAlone(q *queue, record *messageRecord, o *wire.Outgoing) {
	due := m.now + wire.Time(o.DelaySeconds.Or(q.delay))*second
	var p position
	if due > m.now {
		p = m.addWaiting(q, due, record.group)
	} else {
		p = m.addVisible(q, record)
	}
	record.id, record.sent, record.due = m.newMessageID(), m.now, due
	m.value = record.append(m.value[:0])
	m.store.Set(messageKey(m.key[:0], q.id, p), m.value)
}

// addVisible gives a position to a message of a standard queue that is sent now, without a delay.
func (m *Machine) addVisible(q *queue, record *messageRecord) position {
	if record.group == "" {
		return m.addFresh(q)
	}
	p := position{q.next, q.branches}
	q.branches++
	m.show(q, record.group, tenantMessage{p, m.now, false})
	return p
}

// messageID is a random UUID (version 4).
type messageID [16]byte

func (m *Machine) newMessageID() (id messageID) {
	binary.BigEndian.PutUint64(id[:], m.random.Uint64())
	binary.BigEndian.PutUint64(id[8:], m.random.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

func (id messageID) String() string {
	var text [36]byte
	at := 0
	for i, end := range [...]int{4, 6, 8, 10, 16} {
		begin := [...]int{0, 4, 6, 8, 10}[i]
		at += hex.Encode(text[at:], id[begin:end])
		if end < len(id) {
			text[at] = '-'
			at++
		}
	}
	return string(text[:])
}
