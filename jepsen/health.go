package jepsen

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"sqsd/node"
)

// pollEvery is how often a condition is looked at again.
const pollEvery = 20 * time.Millisecond

// probes are short requests to nodes that may be dead or paused.
var probes = http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// Leadership is the answer of /health/leader.
type Leadership struct {
	Node   int    `json:"node"`
	Groups int    `json:"groups"`
	Leads  []uint `json:"leads"`
}

// WaitReady waits until the node says that it is ready.
func (n *Node) WaitReady(ctx context.Context) error {
	err := until(ctx, func() bool {
		_, err := n.probe("/health/ready")
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("node %d is not ready: %w", n.ID, err)
	}
	return nil
}

// Leader waits until exactly one node says that it leads the group of the queue, and returns that node.
func (c *Cluster) Leader(ctx context.Context, queue string) (*Node, error) {
	var leader *Node
	err := until(ctx, func() bool {
		leader = nil
		leaders := 0
		for _, n := range c.Nodes {
			if leadership, err := n.leadership(); err == nil && leadership.of(queue) {
				leader = n
				leaders++
			}
		}
		return leaders == 1
	})
	if err != nil {
		return nil, fmt.Errorf("no single node leads the group of queue %s: %w", queue, err)
	}
	return leader, nil
}

func (l Leadership) of(queue string) bool {
	return l.Groups > 0 && slices.Contains(l.Leads, uint(node.GroupOf(queue, l.Groups)))
}

func (n *Node) leadership() (l Leadership, err error) {
	body, err := n.probe("/health/leader")
	if err == nil {
		err = json.Unmarshal(body, &l)
	}
	return l, err
}

// probe gets a page and fails unless its status is 200.
func (n *Node) probe(path string) ([]byte, error) {
	resp, err := probes.Get(n.Endpoint + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %.200s", resp.StatusCode, body)
	}
	return body, err
}

// until waits for a condition; the error says that ctx ended first.
func until(ctx context.Context, condition func() bool) error {
	for !condition() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
	return nil
}
