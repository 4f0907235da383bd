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

// leadership is the answer of /health/leader.
type leadership struct {
	Groups int            `json:"groups"`
	Led    int            `json:"led"`   // by the node that answers
	Leads  []node.GroupID `json:"leads"` // the groups that it leads
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

// Leader waits until every group has one leader among the nodes that answer, and returns the node that leads most.
func (c *Cluster) Leader(ctx context.Context) (*Node, error) {
	var leader *Node
	err := until(ctx, func() bool {
		most, sum, groups := 0, 0, 0
		for _, n := range c.Nodes {
			l, err := n.leadership()
			if err != nil {
				continue
			}
			sum, groups = sum+l.Led, l.Groups
			if l.Led > most {
				leader, most = n, l.Led
			}
		}
		return groups > 0 && sum == groups
	})
	if err != nil {
		return nil, fmt.Errorf("some groups have no leader, or two: %w", err)
	}
	return leader, nil
}

// LeaderOf waits until exactly one of the nodes that answer leads a queue's group, and returns that node.
func (c *Cluster) LeaderOf(ctx context.Context, queue string) (*Node, error) {
	var leader *Node
	err := until(ctx, func() bool {
		leaders := 0
		for _, n := range c.Nodes {
			l, err := n.leadership()
			if err == nil && slices.Contains(l.Leads, node.GroupOf(queue, l.Groups)) {
				leader = n
				leaders++
			}
		}
		return leaders == 1
	})
	if err != nil {
		return nil, fmt.Errorf("the group of queue %s has no leader, or two: %w", queue, err)
	}
	return leader, nil
}

// OneQueuePerGroup returns as many queue names as the cluster has groups, each in a group of its own, in order of the
// groups: so whichever node fails, it led the group of some queue if it led any. The names begin with a prefix.
func (c *Cluster) OneQueuePerGroup(prefix string) ([]string, error) {
	l, err := c.Nodes[0].leadership()
	if err != nil {
		return nil, err
	}
	names := make([]string, l.Groups)
	for i, found := 0, 0; found < len(names); i++ {
		name := fmt.Sprintf("%s-%d", prefix, i)
		if g := node.GroupOf(name, l.Groups); names[g] == "" {
			names[g] = name
			found++
		}
	}
	return names, nil
}

func (n *Node) leadership() (l leadership, err error) {
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
