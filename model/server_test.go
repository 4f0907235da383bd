package model

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sqsd/wire"
)

// server answers requests from the state of a Spec, and moves the Spec along with them: a correct server by
// construction, until a test damages its state.
type server struct {
	spec  *Spec
	drawn int // ids and handles so far
	// first is delivered by the next receive of its queue wherever it stands, if it is visible.
	first *message
	// locked is a group from which nothing is delivered.
	locked string
	// forgetful is a server that does not look for duplicates in batches.
	forgetful bool
}

func newServer(config Config) *server { return &server{spec: NewSpec(config)} }

// do carries out a request at a time.
func (s *server) do(at wire.Time, req wire.Request) (wire.Response, *wire.Error) {
	if s.spec.step(at, &Tick{}, answer{}) != nil {
		panic("time went back")
	}
	s.number()
	resp, err := s.answer(req)
	if receive, ok := req.(*wire.ReceiveMessageRequest); ok && (s.first != nil || s.locked != "") {
		s.deliver(receive, resp) // the specification would not
	} else {
		s.spec.step(at, req, answer{response: resp, err: err, seen: true}) // a damaged server does not agree with itself
	}
	s.number()
	return resp, err
}

func (s *server) deliver(req *wire.ReceiveMessageRequest, resp wire.Response) {
	got, ok := resp.(*wire.ReceiveMessageResponse)
	if !ok {
		return
	}
	for i := range got.Messages {
		m := s.spec.ids[got.Messages[i].MessageID]
		s.spec.deliver(m, wire.Time(req.VisibilityTimeout.Or(4))*1000)
		m.current.handle = got.Messages[i].ReceiptHandle
		s.spec.handles[m.current.handle] = m.current
		if m == s.first {
			s.first = nil
		}
	}
}

// number gives sequence numbers and ids to messages that came from other queues.
func (s *server) number() {
	for _, q := range s.spec.queues {
		for _, m := range q.messages {
			if !m.moved {
				continue
			}
			if strings.HasPrefix(m.id, unseenPrefix) {
				s.drawn++
				s.spec.learnID(m, fmt.Sprintf("m%d", s.drawn))
			}
			if q.fifo != nil && m.sequence == "" {
				m.sequence = s.sequence()
				q.fifo.last = m.sequence
			}
		}
	}
}

func (s *server) answer(req wire.Request) (wire.Response, *wire.Error) {
	switch r := req.(type) {
	case *wire.CreateQueueRequest:
		return s.create(r)
	case *wire.ListQueuesRequest:
		resp := &wire.ListQueuesResponse{}
		for _, q := range s.spec.queues {
			resp.QueueURLs = append(resp.QueueURLs, q.name)
		}
		return resp, nil
	case *Release, *Tick:
		return wire.Empty{}, nil
	}
	if strings.HasSuffix(req.Action(), "MoveTask") || strings.HasSuffix(req.Action(), "MoveTasks") {
		return s.tasks(req)
	}
	q := s.spec.queue(queueOf(req))
	if q == nil {
		return nil, wire.NoSuchQueue()
	}
	switch r := req.(type) {
	case *wire.GetQueueURLRequest:
		return &wire.GetQueueURLResponse{QueueURL: q.name}, nil
	case *wire.GetQueueAttributesRequest:
		return &wire.GetQueueAttributesResponse{Attributes: s.spec.allAttributes(q)}, nil
	case *wire.PurgeQueueRequest:
		if q.purged && s.spec.now < q.purgedAt+wire.Time(s.spec.config.PurgeWindow) {
			return nil, wire.Errorf(wire.PurgeQueueInProgress, "wait")
		}
	case *wire.SendMessageRequest:
		return s.send(q, &r.Outgoing, true), nil
	case *wire.SendMessageBatchRequest:
		return s.sendBatch(q, r), nil
	case *wire.ReceiveMessageRequest:
		return s.receive(q, r)
	case *wire.DeleteMessageRequest:
		return s.delete(q, r)
	case *wire.ChangeMessageVisibilityRequest:
		return s.change(q, r)
	}
	return wire.Empty{}, nil
}

// tasks answers requests about tasks.
func (s *server) tasks(req wire.Request) (wire.Response, *wire.Error) {
	q := s.spec.queue(queueOf(req))
	if q == nil {
		return nil, wire.Errorf(wire.ResourceNotFound, "gone")
	}
	switch r := req.(type) {
	case *wire.StartMessageMoveTaskRequest:
		if q.active() != nil {
			return nil, wire.Errorf(wire.InvalidParameterValue, "active")
		}
		s.drawn++
		task := wire.TaskHandle{TaskID: fmt.Sprintf("%08d-0000-0000-0000-000000000000", s.drawn), SourceARN: r.SourceARN}
		return &wire.StartMessageMoveTaskResponse{TaskHandle: task.Encode()}, nil
	case *wire.CancelMessageMoveTaskRequest:
		for _, t := range q.tasks {
			if t.handle == r.TaskHandle && t.status == wire.MoveTaskRunning {
				return &wire.CancelMessageMoveTaskResponse{ApproximateNumberOfMessagesMoved: int64(t.moved)}, nil
			} else if t.handle == r.TaskHandle {
				return nil, wire.Errorf(wire.UnsupportedOperation, "over")
			}
		}
		return nil, wire.Errorf(wire.ResourceNotFound, "no such task")
	}
	resp := &wire.ListMessageMoveTasksResponse{}
	for _, t := range slices.Backward(q.tasks) {
		if len(resp.Results) < int(req.(*wire.ListMessageMoveTasksRequest).MaxResults.Or(1)) {
			resp.Results = append(resp.Results, t.result())
		}
	}
	return resp, nil
}

func (s *server) create(r *wire.CreateQueueRequest) (wire.Response, *wire.Error) {
	q := s.spec.queue(r.QueueName)
	gone, was := s.spec.deleted[r.QueueName]
	switch {
	case q != nil && wire.DifferingAttribute(q.attributes, r.Attributes) != "":
		return nil, wire.Errorf(wire.QueueNameExists, "different")
	case q == nil && was && s.spec.now < gone+wire.Time(s.spec.config.DeletedQueueWindow):
		return nil, wire.Errorf(wire.QueueDeletedRecently, "wait")
	}
	return &wire.CreateQueueResponse{QueueURL: r.QueueName}, nil
}

func (s *server) send(q *queueState, o *wire.Outgoing, lookForDuplicates bool) *wire.SendMessageResponse {
	resp := &wire.SendMessageResponse{MD5OfMessageBody: wire.BodyMD5(o.MessageBody)}
	if originals := q.sentBefore(o, s.spec.now); len(originals) > 0 && lookForDuplicates {
		resp.MessageID, resp.SequenceNumber = originals[0].id, originals[0].sequence
		return resp
	}
	s.drawn++
	resp.MessageID = fmt.Sprintf("m%d", s.drawn)
	if q.fifo != nil {
		resp.SequenceNumber = s.sequence()
	}
	return resp
}

func (s *server) sendBatch(q *queueState, r *wire.SendMessageBatchRequest) wire.Response {
	resp := &wire.SendMessageBatchResponse{}
	earlier := map[string]*wire.SendMessageResponse{} // in the batch, by deduplication id
	for i := range r.Entries {
		o := &r.Entries[i].Outgoing
		sent := s.send(q, o, !s.forgetful)
		if first := earlier[o.MessageDeduplicationID]; first != nil && o.MessageDeduplicationID != "" && !s.forgetful {
			sent.MessageID, sent.SequenceNumber = first.MessageID, first.SequenceNumber
		}
		earlier[o.MessageDeduplicationID] = sent
		resp.Successful = append(resp.Successful, wire.SendMessageBatchResult{ID: r.Entries[i].ID, SendMessageResponse: *sent})
	}
	return resp
}

// sequence is the next sequence number.
func (s *server) sequence() string {
	s.drawn++
	return strconv.FormatUint(1e19+uint64(s.drawn), 10)
}

func (s *server) receive(q *queueState, r *wire.ReceiveMessageRequest) (wire.Response, *wire.Error) {
	resp := &wire.ReceiveMessageResponse{}
	if again := q.attempted(r, s.spec.now); again != nil {
		for _, d := range again.deliveries {
			resp.Messages = append(resp.Messages, s.delivered(d.message, d.handle, d.message.receives))
		}
		return resp, nil
	}
	free := s.spec.config.MaxInFlight - s.spec.count(q).InFlight
	if free <= 0 && q.fifo == nil && r.WaitTimeSeconds.Or(0) == 0 {
		return nil, wire.Errorf(wire.OverLimit, "too many")
	}
	stamps, takings := maps.Clone(q.stamps), q.takings
	want, _, _ := s.spec.choose(q, max(0, min(free, int(r.MaxNumberOfMessages.Or(1)))), nil, answer{})
	q.stamps, q.takings = stamps, takings // the specification chooses again
	if f := s.first; f != nil && f.queue == q && f.fate == stored && f.hiddenUntil() <= s.spec.now {
		want = []*message{f}
	}
	for _, m := range want {
		if q.fifo != nil && m.content.MessageGroupID == s.locked {
			continue
		}
		s.drawn++
		resp.Messages = append(resp.Messages, s.delivered(m, fmt.Sprintf("h%d-%s", s.drawn, m.id), m.receives+1))
	}
	return resp, nil
}

// delivered is a message as it is delivered for the given time.
func (s *server) delivered(m *message, handle string, receives int) wire.Message {
	first := m.firstAt
	if m.receives == 0 {
		first = s.spec.now
	}
	got := wire.Message{MessageID: m.id, ReceiptHandle: handle, Body: m.content.MessageBody,
		MD5OfBody: wire.BodyMD5(m.content.MessageBody),
		Attributes: pairs("ApproximateReceiveCount", strconv.Itoa(receives),
			"ApproximateFirstReceiveTimestamp", strconv.FormatInt(int64(first), 10),
			"SentTimestamp", strconv.FormatInt(int64(m.sentAt), 10))}
	if m.source != "" {
		got.Attributes = got.Attributes.With("DeadLetterQueueSourceArn", m.source)
	}
	if m.queue.fifo == nil && m.content.MessageGroupID != "" {
		got.Attributes = got.Attributes.With("MessageGroupId", m.content.MessageGroupID)
	}
	if m.queue.fifo != nil {
		dedupID := m.dedupID
		if m.moved {
			dedupID = m.id
		}
		got.Attributes = got.Attributes.With("MessageGroupId", m.content.MessageGroupID).
			With("MessageDeduplicationId", dedupID).With("SequenceNumber", m.sequence)
	}
	return got
}

func (s *server) delete(q *queueState, r *wire.DeleteMessageRequest) (wire.Response, *wire.Error) {
	d, code, _ := s.spec.delivery(q, r.ReceiptHandle)
	switch {
	case code != 0:
		return nil, wire.Errorf(code, "no")
	case q.fifo != nil && d.message.fate == stored && !s.isHeldBy(d):
		return nil, wire.Errorf(wire.InvalidParameterValue, "expired")
	}
	return wire.Empty{}, nil
}

// isHeldBy says that a delivery hides its message.
func (s *server) isHeldBy(d *delivery) bool {
	return d.message.current == d && s.spec.now < d.message.visibleAt
}

func (s *server) change(q *queueState, r *wire.ChangeMessageVisibilityRequest) (wire.Response, *wire.Error) {
	d, code, _ := s.spec.delivery(q, r.ReceiptHandle)
	switch {
	case code != 0:
		return nil, wire.Errorf(code, "no")
	case d.message.fate != stored, q.fifo != nil && !s.isHeldBy(d):
		return nil, wire.Errorf(wire.InvalidParameterValue, "gone")
	case d.message.current != d:
		return nil, wire.Errorf(wire.ReceiptHandleIsInvalid, "old")
	}
	return wire.Empty{}, nil
}

// isRead says that a request with such an answer does not need the log.
func isRead(req wire.Request, resp wire.Response) bool {
	switch r := resp.(type) {
	case *wire.GetQueueAttributesResponse, *wire.GetQueueURLResponse, *wire.ListQueuesResponse, *wire.ListMessageMoveTasksResponse:
		return true
	case *wire.ReceiveMessageResponse:
		return len(r.Messages) == 0
	case nil:
		return strings.HasPrefix(req.Action(), "Get") || strings.HasPrefix(req.Action(), "List") || req.Action() == "ReceiveMessage"
	}
	return false
}
