package client

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// BatchFailure is the refusal of some entries of a batch; the others went through.
type BatchFailure struct {
	// Failed is how many entries were refused, Code the code of the first.
	Failed int
	Code   string
}

// Error gives the number and the first code.
func (e *BatchFailure) Error() string {
	return fmt.Sprintf("%d batch entries refused: %s", e.Failed, e.Code)
}

// batchAnswer is what is read of any batch call's answer.
type batchAnswer struct {
	Successful []struct {
		MessageID string `json:"MessageId"`
	}
	Failed []struct {
		Code string
	}
}

// addressed starts a payload with the queue's URL.
func (c *Client) addressed() []byte {
	return append(append(c.payload[:0], `{"QueueUrl":`...), c.queue...)
}

// Send sends one message and returns its id.
func (c *Client) Send(body Body) (string, error) {
	b := append(append(c.addressed(), `,"MessageBody":`...), body...)
	b = append(append(b, c.group...), c.delay...)
	var out struct {
		MessageID string `json:"MessageId"`
	}
	err := c.call("SendMessage", append(b, '}'), 0, &out)
	return out.MessageID, err
}

// SendBatch sends up to ten messages and appends the ids of those that were accepted to ids. The error is a
// [*BatchFailure] if some were refused.
func (c *Client) SendBatch(bodies []Body, ids []string) ([]string, error) {
	b := append(c.addressed(), `,"Entries":[`...)
	for i, body := range bodies {
		b = appendEntryID(b, i)
		b = append(append(b, `,"MessageBody":`...), body...)
		b = append(append(append(b, c.group...), c.delay...), '}')
	}
	var out batchAnswer
	if err := c.call("SendMessageBatch", append(b, "]}"...), 0, &out); err != nil {
		return ids, err
	}
	for _, entry := range out.Successful {
		ids = append(ids, entry.MessageID)
	}
	return ids, out.failure(len(bodies))
}

// Receive takes up to limit messages, waiting up to wait for the first, and hides them for visibility; both are whole
// seconds. The messages are appended to into.
func (c *Client) Receive(limit int, wait, visibility time.Duration, into []Delivery) ([]Delivery, error) {
	b := append(c.addressed(), `,"MaxNumberOfMessages":`...)
	b = strconv.AppendInt(b, int64(limit), 10)
	b = append(b, `,"WaitTimeSeconds":`...)
	b = strconv.AppendInt(b, int64(wait/time.Second), 10)
	b = append(b, `,"VisibilityTimeout":`...)
	b = strconv.AppendInt(b, int64(visibility/time.Second), 10)
	var out struct{ Messages []Delivery }
	if err := c.call("ReceiveMessage", append(b, '}'), wait, &out); err != nil {
		return into, err
	}
	return append(into, out.Messages...), nil
}

// Delete deletes one message.
func (c *Client) Delete(handle string) error {
	b, err := jsontext.AppendQuote(append(c.addressed(), `,"ReceiptHandle":`...), handle)
	if err != nil {
		return err
	}
	return c.call("DeleteMessage", append(b, '}'), 0, nil)
}

// Release makes a message visible that was received.
func (c *Client) Release(handle string) error {
	b, err := jsontext.AppendQuote(append(c.addressed(), `,"ReceiptHandle":`...), handle)
	if err != nil {
		return err
	}
	return c.call("ChangeMessageVisibility", append(b, `,"VisibilityTimeout":0}`...), 0, nil)
}

// DeleteBatch deletes up to ten messages. The error is a [*BatchFailure] if some were refused.
func (c *Client) DeleteBatch(messages []Delivery) error {
	b := append(c.addressed(), `,"Entries":[`...)
	for i, m := range messages {
		b = append(appendEntryID(b, i), `,"ReceiptHandle":`...)
		var err error
		if b, err = jsontext.AppendQuote(b, m.ReceiptHandle); err != nil {
			return err
		}
		b = append(b, '}')
	}
	var out batchAnswer
	if err := c.call("DeleteMessageBatch", append(b, "]}"...), 0, &out); err != nil {
		return err
	}
	return out.failure(len(messages))
}

// appendEntryID starts the entry with index i of a batch.
func appendEntryID(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	b = append(b, `{"Id":"`...)
	b = strconv.AppendInt(b, int64(i), 10)
	return append(b, '"')
}

// failure is nil if all entries succeeded. An answer that leaves entries out counts them as refused.
func (a *batchAnswer) failure(entries int) error {
	if len(a.Successful) >= entries && len(a.Failed) == 0 {
		return nil
	}
	f := &BatchFailure{Failed: entries - len(a.Successful), Code: "entry left out of the answer"}
	if len(a.Failed) > 0 {
		f.Code = a.Failed[0].Code
	}
	return f
}
