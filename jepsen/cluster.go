package jepsen

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
)

// Node is one member of a cluster.
type Node struct {
	*Process
	// ID is the node's number, from 1.
	ID int
	// Endpoint is the URL of its SQS API.
	Endpoint string

	link *Link // before its peer port
}

// Cluster is a number of sqsd processes on this machine that form one cluster.
type Cluster struct {
	Nodes []*Node
}

// NewCluster prepares n nodes, which keep their data and their logs in those directories, and starts nothing but the
// links between them.
func NewCluster(binary, dataDir, logDir string, n int) (*Cluster, error) {
	listen, err := freeAddresses(2 * n)
	if err != nil {
		return nil, err
	}
	c := &Cluster{}
	var peers []string
	for i := range n {
		link, err := NewLink(listen[n+i])
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.Nodes = append(c.Nodes, &Node{ID: i + 1, Endpoint: "http://" + listen[i], link: link})
		peers = append(peers, fmt.Sprintf("%d=%s", i+1, link.Addr()))
	}
	for i, node := range c.Nodes {
		name := fmt.Sprintf("node%d", node.ID)
		node.Process = NewProcess(binary, []string{
			"--id", fmt.Sprint(node.ID), "--data-dir", filepath.Join(dataDir, name), "--listen", listen[i],
			"--peers", strings.Join(peers, ","), "--peer-listen", listen[n+i],
			"--deleted-queue-window", "0s", "--purge-window", "0s",
		}, filepath.Join(logDir, name+".log"))
	}
	return c, nil
}

// Ports are drawn from below those that systems give to outgoing connections: such a connection could have the port of a
// node that is down just then.
const firstPort, lastPort = 20000, 32000

// freeAddresses finds loopback addresses that nobody listens on just now.
func freeAddresses(n int) (found []string, err error) {
	for tries := 0; len(found) < n; tries++ {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(lastPort-firstPort))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			if tries > 100*n {
				return nil, err
			}
			continue
		}
		defer listener.Close() // only at the end, so that all differ
		found = append(found, address)
	}
	return found, nil
}

// Start starts all nodes and waits until they are ready.
func (c *Cluster) Start(ctx context.Context) error {
	for _, n := range c.Nodes {
		if err := n.Start(); err != nil {
			return err
		}
	}
	return c.WaitReady(ctx)
}

// WaitReady waits until every node says that it is ready.
func (c *Cluster) WaitReady(ctx context.Context) error {
	for _, n := range c.Nodes {
		if err := n.WaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Isolate sets the links between a node and all its peers: what it sends, and what is sent to it.
func (c *Cluster) Isolate(n *Node, from, to LinkState) {
	for _, peer := range c.Nodes {
		if peer != n {
			peer.link.Set(n.ID, from)
			n.link.Set(peer.ID, to)
		}
	}
}

// Heal makes all links healthy.
func (c *Cluster) Heal() {
	for _, n := range c.Nodes {
		c.Isolate(n, Healthy, Healthy)
	}
}

// Err is why a node ended by itself, if one did, or why its link is of no use.
func (c *Cluster) Err() error {
	var all []error
	for _, n := range c.Nodes {
		if err := errors.Join(n.Process.Err(), n.link.Err()); err != nil {
			all = append(all, fmt.Errorf("node %d: %w", n.ID, err))
		}
	}
	return errors.Join(all...)
}

// Close kills all nodes and ends the links.
func (c *Cluster) Close() error {
	var all []error
	for _, n := range c.Nodes {
		if n.Process != nil {
			all = append(all, n.Kill())
		}
		n.link.Close()
	}
	return errors.Join(all...)
}
