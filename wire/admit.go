package wire

import (
	"context"
	"net/http"
)

// admit completes a decoded request and judges it. The order is that of SQS: required members, the queue, then content,
// so that whoever addresses a queue that does not exist hears of that first.
func (h *Handler) admit(r *http.Request, c *call) *Error {
	req := c.req
	queue, _ := req.(QueueRequest)
	if queue != nil && queue.Ref().QueueURL == "" {
		return NoSuchQueue()
	}
	if err := req.required(); err != nil {
		return err
	}
	if queue != nil {
		name, ok := QueueNameOf(queue.Ref().QueueURL, h.config.Account)
		if !ok {
			return NoSuchQueue()
		}
		queue.Ref().Name = name
	}
	switch req := req.(type) {
	case *GetQueueURLRequest:
		if req.QueueOwnerAWSAccountID != "" && req.QueueOwnerAWSAccountID != h.config.Account {
			return NoSuchQueue()
		}
	case *SendMessageRequest:
		c.sign(r, &req.Outgoing)
	case *SendMessageBatchRequest:
		for i := range req.Entries {
			c.sign(r, &req.Entries[i].Outgoing)
		}
	}
	err := req.content()
	if err != nil && queue != nil && !h.exists(r.Context(), queue.Ref().Name) {
		return NoSuchQueue()
	}
	if named, ok := req.(arnRequest); ok && err == nil {
		return h.admitARNs(named)
	}
	return err
}

// admitARNs refuses ARNs of queues that this server cannot have.
func (h *Handler) admitARNs(req arnRequest) *Error {
	for _, arn := range req.arns() {
		region, account, _, _ := ParseARN(arn)
		if account != h.config.Account || h.config.Region != "" && region != h.config.Region {
			return Errorf(ResourceNotFound, "The queue %s does not exist.", clip(arn))
		}
	}
	return nil
}

// sign adds what SQS learns of a message from the HTTP request: who sends it, and the trace that it belongs to.
func (c *call) sign(r *http.Request, m *Outgoing) {
	m.SenderID = c.sender
	trace := r.Header.Get("X-Amzn-Trace-Id")
	if len(m.MessageSystemAttributes) == 0 && isTraceHeader(trace) {
		m.MessageSystemAttributes = MessageAttributes{{Name: traceHeader, DataType: "String", StringValue: trace}}
	}
}

// exists says whether a queue exists, or cannot be found out about just now.
func (h *Handler) exists(ctx context.Context, queueName string) bool {
	_, err := h.backend.Do(ctx, &GetQueueURLRequest{QueueName: queueName})
	return err == nil || err.Code != QueueDoesNotExist
}
