package jepsen

import (
	"context"
	"fmt"

	"sqsd/wire"
)

// Drain receives and deletes until all queues are empty, and returns when that was known, in nanoseconds since the
// start of the history.
func Drain(ctx context.Context, cluster *Cluster, history *History, id int, load Load) (int64, error) {
	c := NewClient(id, cluster.Nodes, 0, history)
	defer c.Close()
	for _, queue := range load.Queues {
		for {
			left, err := c.count(ctx, queue)
			if err != nil {
				return 0, fmt.Errorf("drain queue %s: %w", queue, err)
			}
			if left == 0 {
				break
			}
			if err := c.take(ctx, queue, load.Visibility); err != nil {
				return 0, fmt.Errorf("drain queue %s, %d messages left: %w", queue, left, err)
			}
		}
	}
	return history.Now(), nil
}

// take receives up to ten messages, waiting for those that are hidden, and deletes them.
func (c *Client) take(ctx context.Context, queue string, visibility int32) error {
	response, err := c.Call(ctx, &wire.ReceiveMessageRequest{QueueRef: ref(queue), MaxNumberOfMessages: wire.Int(10),
		WaitTimeSeconds: wire.Int(1), VisibilityTimeout: wire.Int(visibility)})
	if err != nil {
		return err
	}
	for _, m := range response.(*wire.ReceiveMessageResponse).Messages {
		if _, err := c.Call(ctx, &wire.DeleteMessageRequest{QueueRef: ref(queue), ReceiptHandle: m.ReceiptHandle}); err != nil {
			return err
		}
	}
	return nil
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
