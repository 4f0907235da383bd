package client

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Client is the SQS operations of one queue over one connection. It is not safe for concurrent use.
type Client struct {
	// Timeout bounds each call beyond the time that the call itself asks to wait.
	Timeout time.Duration

	conn    *Conn
	queue   []byte // the queue's URL as a JSON string
	group   []byte // the member of a message that says its group; empty for none
	delay   []byte // the member of a message that says its delay; empty for none
	payload []byte
}

// Error is a refusal by the server.
type Error struct {
	Status int
	// Code is the SQS error code, for example "AWS.SimpleQueueService.NonExistentQueue", or the status if the
	// server gave no code.
	Code string
	// Text is the server's explanation.
	Text string
}

// Error gives the code, status and explanation.
func (e *Error) Error() string { return fmt.Sprintf("%s (HTTP %d): %s", e.Code, e.Status, e.Text) }

// Body is a message body, rendered once as a JSON string.
type Body []byte

// NewBody renders text.
func NewBody(text string) (Body, error) {
	b, err := jsontext.AppendQuote(nil, text)
	return Body(b), err
}

// Delivery is a received message.
type Delivery struct {
	MessageID     string `json:"MessageId"`
	ReceiptHandle string
}

// New makes a client on a connection. UseQueue or CreateQueue must come before the calls that address a queue.
func New(conn *Conn, timeout time.Duration) *Client {
	return &Client{conn: conn, Timeout: timeout}
}

// Close closes the connection.
func (c *Client) Close() { c.conn.Close() }

// UseQueue sets the URL that later calls address.
func (c *Client) UseQueue(url string) error {
	var err error
	c.queue, err = jsontext.AppendQuote(nil, url)
	return err
}

// UseGroup sets the MessageGroupId of messages that are sent later; an empty one is left out.
func (c *Client) UseGroup(group string) error {
	c.group = nil
	if group == "" {
		return nil
	}
	var err error
	c.group, err = jsontext.AppendQuote([]byte(`,"MessageGroupId":`), group)
	return err
}

// UseDelay sets the DelaySeconds of messages that are sent later, in whole seconds; 0 is left out.
func (c *Client) UseDelay(delay time.Duration) {
	c.delay = nil
	if delay > 0 {
		c.delay = strconv.AppendInt([]byte(`,"DelaySeconds":`), int64(delay/time.Second), 10)
	}
}

// CreateQueue creates the queue if it is missing, uses it from now on and returns its URL.
func (c *Client) CreateQueue(name string) (string, error) {
	payload, err := jsontext.AppendQuote([]byte(`{"QueueName":`), name)
	if err != nil {
		return "", err
	}
	var out struct {
		URL string `json:"QueueUrl"`
	}
	if err := c.call("CreateQueue", append(payload, '}'), 0, &out); err != nil {
		return "", err
	}
	return out.URL, c.UseQueue(out.URL)
}

// DeleteQueue deletes the queue.
func (c *Client) DeleteQueue() error {
	return c.call("DeleteQueue", append(c.addressed(), '}'), 0, nil)
}

// call does one exchange; wait is how long the server may take on purpose; out is nil if the answer has no members.
func (c *Client) call(operation string, payload []byte, wait time.Duration, out any) error {
	c.payload = payload
	answer, err := c.conn.Do(operation, payload, c.Timeout+wait)
	if err != nil {
		return err
	}
	if answer.Status != 200 {
		return refusal(answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%w: %s: body %.100q: %v", errMalformed, operation, answer.Body, err)
	}
	return nil
}

// refusal reads an error answer; the header has the code, the body the shape name and the text.
func refusal(a Answer) *Error {
	var body struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	e := &Error{Status: a.Status, Code: a.ErrorCode}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		e.Text = fmt.Sprintf("%.200q", a.Body)
	} else {
		e.Text = body.Message
	}
	if e.Code == "" {
		e.Code = body.Type[strings.IndexByte(body.Type, '#')+1:]
	}
	if e.Code == "" {
		e.Code = fmt.Sprintf("HTTP %d", a.Status)
	}
	return e
}

// CodeOf names an error for counting: the SQS code of a refusal, else "timeout", "malformed answer" or "connection".
func CodeOf(err error) string {
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.Code
	}
	if batch, ok := errors.AsType[*BatchFailure](err); ok {
		return batch.Code
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "timeout"
	}
	if errors.Is(err, errMalformed) {
		return "malformed answer"
	}
	return "connection"
}
