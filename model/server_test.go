package model

import (
	"fmt"
	"strconv"
	"strings"

	"sqsd/wire"
)

// server answers requests from the state of a Spec, and moves the Spec along with them: a correct server by
// construction, until a test damages its state.
type server struct {
	spec  *Spec
	drawn int // ids and handles so far
}

func newServer(config Config) *server { return &server{spec: NewSpec(config)} }

// do carries out a request at a time.
func (s *server) do(at wire.Time, req wire.Request) (wire.Response, *wire.Error) {
	if s.spec.step(at, &Tick{}, answer{}) != nil {
		panic("time went back")
	}
	resp, err := s.answer(req)
	s.spec.step(at, req, answer{response: resp, err: err, seen: true}) // a damaged server does not agree with itself
	return resp, err
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
		return s.send(&r.Outgoing), nil
	case *wire.SendMessageBatchRequest:
		resp := &wire.SendMessageBatchResponse{}
		for i := range r.Entries {
			resp.Successful = append(resp.Successful, wire.SendMessageBatchResult{ID: r.Entries[i].ID,
				SendMessageResponse: *s.send(&r.Entries[i].Outgoing)})
		}
		return resp, nil
	case *wire.ReceiveMessageRequest:
		return s.receive(q, r)
	case *wire.DeleteMessageRequest:
		if _, code, _ := s.spec.delivery(q, r.ReceiptHandle); code != 0 {
			return nil, wire.Errorf(code, "no")
		}
	case *wire.ChangeMessageVisibilityRequest:
		return s.change(q, r)
	}
	return wire.Empty{}, nil
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

func (s *server) send(o *wire.Outgoing) *wire.SendMessageResponse {
	s.drawn++
	return &wire.SendMessageResponse{MessageID: fmt.Sprintf("m%d", s.drawn), MD5OfMessageBody: wire.BodyMD5(o.MessageBody)}
}

func (s *server) receive(q *queueState, r *wire.ReceiveMessageRequest) (wire.Response, *wire.Error) {
	free := s.spec.config.MaxInFlight - s.spec.count(q).InFlight
	if free <= 0 && r.WaitTimeSeconds.Or(0) == 0 {
		return nil, wire.Errorf(wire.OverLimit, "too many")
	}
	resp := &wire.ReceiveMessageResponse{}
	for _, m := range q.available(s.spec.now) {
		if len(resp.Messages) == min(free, int(r.MaxNumberOfMessages.Or(1))) {
			break
		}
		s.drawn++
		first := s.spec.now
		if m.receives > 0 {
			first = m.firstAt
		}
		resp.Messages = append(resp.Messages, wire.Message{
			MessageID: m.id, ReceiptHandle: fmt.Sprintf("h%d-%s", s.drawn, m.id), Body: m.content.MessageBody,
			MD5OfBody: wire.BodyMD5(m.content.MessageBody),
			Attributes: pairs("ApproximateReceiveCount", strconv.Itoa(m.receives+1),
				"ApproximateFirstReceiveTimestamp", strconv.FormatInt(int64(first), 10),
				"SentTimestamp", strconv.FormatInt(int64(m.sentAt), 10)),
		})
	}
	return resp, nil
}

func (s *server) change(q *queueState, r *wire.ChangeMessageVisibilityRequest) (wire.Response, *wire.Error) {
	d, code, _ := s.spec.delivery(q, r.ReceiptHandle)
	switch {
	case code != 0:
		return nil, wire.Errorf(code, "no")
	case d.message.fate != stored:
		return nil, wire.Errorf(wire.InvalidParameterValue, "gone")
	case d.message.current != d:
		return nil, wire.Errorf(wire.ReceiptHandleIsInvalid, "old")
	}
	return wire.Empty{}, nil
}

// isRead says that a request with such an answer does not need the log.
func isRead(req wire.Request, resp wire.Response) bool {
	switch r := resp.(type) {
	case *wire.GetQueueAttributesResponse, *wire.GetQueueURLResponse, *wire.ListQueuesResponse:
		return true
	case *wire.ReceiveMessageResponse:
		return len(r.Messages) == 0
	case nil:
		return strings.HasPrefix(req.Action(), "Get") || req.Action() == "ReceiveMessage"
	}
	return false
}
