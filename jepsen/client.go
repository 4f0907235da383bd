package jepsen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"sqsd/model"
	"sqsd/wire"
)

// retryPause is how long a client waits before it turns to the next node.
const retryPause = 10 * time.Millisecond

// Client sends requests to the nodes of a cluster and records each in a history. It is not safe for concurrent use.
type Client struct {
	// Timeout bounds one request beyond the time that it asks to wait.
	Timeout time.Duration

	// Pace, if not nil, is told of every call that was answered.
	Pace *Pace

	id      int
	nodes   []*Node
	next    int // the node to ask
	http    *http.Client
	history *History
}

// DefaultTimeout is a client's timeout unless it is given another.
const DefaultTimeout = 5 * time.Second

// NewClient makes a client that asks the node with that index first.
func NewClient(id int, nodes []*Node, first int, history *History) *Client {
	return &Client{Timeout: DefaultTimeout, id: id, nodes: nodes, next: first % len(nodes),
		http: &http.Client{Transport: &http.Transport{}}, history: history}
}

// Close closes the client's connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ErrRefused is the end of a call that a server refused for good.
var ErrRefused = errors.New("refused")

// Call sends a request to one node after the other until it is answered. Every attempt is an operation of its own in
// the history, since each may have taken effect. The error is ErrRefused, or says that ctx ended.
func (c *Client) Call(ctx context.Context, req wire.Request) (wire.Response, error) {
	for {
		answer := c.Attempt(ctx, req)
		switch answer.Outcome {
		case Succeeded:
			if c.Pace != nil {
				c.Pace.step()
			}
			return answer.Response, nil
		case Refused:
			return nil, fmt.Errorf("%s: %w: %v", req.Action(), ErrRefused, answer.Err)
		}
		c.next = (c.next + 1) % len(c.nodes)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(retryPause):
		}
	}
}

// Attempt sends a request once, to the node whose turn it is, and records what came of it.
func (c *Client) Attempt(ctx context.Context, req wire.Request) Attempt {
	node := c.nodes[c.next]
	limit := c.Timeout
	if receive, ok := req.(*wire.ReceiveMessageRequest); ok {
		limit += time.Duration(receive.WaitTimeSeconds.Value) * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	attempt := Attempt{Node: node.ID, Operation: model.Operation{Client: c.id, Request: req}}
	attempt.Call = c.history.Now()
	c.exchange(ctx, node.Endpoint, &attempt)
	attempt.Return = c.history.Now()
	c.history.Add(&attempt)
	return attempt
}

// exchange does one HTTP request and fills in the attempt's outcome.
func (c *Client) exchange(ctx context.Context, endpoint string, a *Attempt) {
	a.Unknown = true
	payload, err := json.Marshal(a.Request)
	if err != nil {
		a.Outcome, a.Problem = Broken, err
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", bytes.NewReader(payload))
	if err != nil {
		a.Outcome, a.Problem = Broken, err
		return
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS."+a.Request.Action())
	resp, err := c.http.Do(req)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	switch {
	case errors.Is(err, context.Canceled):
		a.Outcome, a.Problem = Abandoned, err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		a.Outcome, a.Problem = TimedOut, err
	case err != nil:
		a.Outcome, a.Problem = Broken, err
	default:
		a.Status = resp.StatusCode
		a.read(resp.Header, body)
	}
}

// read takes the outcome from an answer.
func (a *Attempt) read(header http.Header, body []byte) {
	switch a.Status {
	case http.StatusOK:
		response := newResponse(a.Request)
		if _, empty := response.(wire.Empty); !empty {
			if err := json.Unmarshal(body, response); err != nil {
				a.Outcome, a.Problem = Malformed, fmt.Errorf("%w in %.200q", err, body)
				return
			}
		}
		a.Outcome, a.Response, a.Unknown = Succeeded, response, false
	case http.StatusServiceUnavailable:
		a.Outcome = Unavailable
	default:
		query, _, _ := strings.Cut(header.Get("x-amzn-query-error"), ";")
		code, ok := codeOf(query)
		if !ok {
			a.Outcome, a.Problem = Malformed, fmt.Errorf("status %d with error code %q: %.200q", a.Status, query, body)
			return
		}
		a.Outcome, a.Unknown = Refused, a.Status >= 500
		if !a.Unknown {
			a.Err = wire.Errorf(code, "%s", body)
		}
	}
}

// newResponse makes the response to be read as the answer to a request.
func newResponse(req wire.Request) wire.Response {
	switch req.(type) {
	case *wire.CreateQueueRequest:
		return &wire.CreateQueueResponse{}
	case *wire.GetQueueAttributesRequest:
		return &wire.GetQueueAttributesResponse{}
	case *wire.SendMessageRequest:
		return &wire.SendMessageResponse{}
	case *wire.SendMessageBatchRequest:
		return &wire.SendMessageBatchResponse{}
	case *wire.DeleteMessageBatchRequest:
		return &wire.BatchResponse{}
	case *wire.ListQueueTagsRequest:
		return &wire.ListQueueTagsResponse{}
	case *wire.ReceiveMessageRequest:
		return &wire.ReceiveMessageResponse{}
	}
	return wire.Empty{}
}

// codeOf finds the error with that query code.
func codeOf(query string) (wire.Code, bool) {
	for code := wire.Code(1); code.Known(); code++ {
		if code.Query() == query {
			return code, true
		}
	}
	return 0, false
}
