package jepsen

import (
	"context"
	"fmt"

	"sqsd/wire"
)

// Drain receives and deletes until all queues are empty, and returns when that was known, in nanoseconds since the
// start of the history. The visibility timeout, in seconds, should be longer than any fault lasts.
func Drain(ctx context.Context, c *Client, queues []string, visibility int32) (int64, error) {
	for _, queue := range queues {
		for turn := 0; ; turn++ {
			left, err := c.count(ctx, queue)
			if err != nil {
				return 0, fmt.Errorf("drain queue %s: %w", queue, err)
			}
			if left == 0 {
				break
			}
			if err := c.take(ctx, queue, visibility, turn); err != nil {
				return 0, fmt.Errorf("drain queue %s, %d messages left: %w", queue, left, err)
			}
		}
	}
	return c.history.Now(), nil
}

// take receives up to ten messages, waiting for those that are hidden, and deletes them. It has what it received before
// it asked again, if the answer was lost, by an attempt id.
func (c *Client) take(ctx context.Context, queue string, visibility int32, turn int) error {
	req := receive(queue, 10, visibility)
	if wire.IsFIFO(queue) {
		req.ReceiveRequestAttemptID = fmt.Sprintf("client-%d-%d", c.id, turn)
	}
	response, err := c.Call(ctx, req)
	if err != nil {
		return err
	}
	var done wire.Batch[wire.DeleteMessageBatchEntry]
	for i, m := range response.(*wire.ReceiveMessageResponse).Messages {
		done = append(done, wire.DeleteMessageBatchEntry{ID: fmt.Sprint(i), ReceiptHandle: m.ReceiptHandle})
	}
	if len(done) == 0 {
		return nil
	}
	_, err = c.Call(ctx, &wire.DeleteMessageBatchRequest{QueueRef: ref(queue), Entries: done})
	return err
}

// receive asks for up to n messages with all that is known of them, waiting a second for the first.
func receive(queue string, n, visibility int32) *wire.ReceiveMessageRequest {
	return &wire.ReceiveMessageRequest{QueueRef: ref(queue), MaxNumberOfMessages: wire.Int(n),
		WaitTimeSeconds: wire.Int(1), VisibilityTimeout: wire.Int(visibility),
		MessageSystemAttributeNames: wire.Names{"All"}}
}

// count is the number of messages in a queue, whatever their state.
func (c *Client) count(ctx context.Context, queue string) (int, error) {
	names := []string{
		"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
	}
	response, err := c.Call(ctx, &wire.GetQueueAttributesRequest{QueueRef: ref(queue), AttributeNames: names})
	if err != nil {
		return 0, err
	}
	attributes := response.(*wire.GetQueueAttributesResponse).Attributes
	if len(attributes) != len(names) {
		return 0, fmt.Errorf("asked for %v, got %v", names, attributes)
	}
	sum := 0
	for _, a := range attributes {
		var n int
		if _, err := fmt.Sscan(a.Value, &n); err != nil {
			return 0, fmt.Errorf("%s is %q: %w", a.Name, a.Value, err)
		}
		sum += n
	}
	return sum, nil
}
