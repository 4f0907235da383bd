package jepsen

import (
	"context"
	"errors"
	"fmt"
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

	links map[int]*Link // to each peer
}

// Cluster is a number of sqsd processes on this machine that form one cluster.
type Cluster struct {
	Nodes []*Node
}

// NewCluster prepares n nodes, which keep their data and their logs in those directories, and starts nothing but the
// links between them.
func NewCluster(binary, dataDir, logDir string, n int) (*Cluster, error) {
	clientPorts, err := freeAddresses(n)
	if err != nil {
		return nil, err
	}
	peerPorts, err := freeAddresses(n)
	if err != nil {
		return nil, err
	}
	c := &Cluster{}
	for i := range n {
		node := &Node{ID: i + 1, Endpoint: "http://" + clientPorts[i], links: make(map[int]*Link)}
		c.Nodes = append(c.Nodes, node)
		peers := make([]string, n)
		for j, address := range peerPorts {
			if j != i {
				link, err := NewLink(address)
				if err != nil {
					return nil, errors.Join(err, c.Close())
				}
				node.links[j+1] = link
				address = link.Addr()
			}
			peers[j] = fmt.Sprintf("%d=%s", j+1, address)
		}
		name := fmt.Sprintf("node%d", node.ID)
		node.Process = NewProcess(binary, []string{
			"--id", fmt.Sprint(node.ID), "--data-dir", filepath.Join(dataDir, name), "--listen", clientPorts[i],
			"--peers", strings.Join(peers, ","), "--peer-listen", peerPorts[i],
			"--deleted-queue-window", "0s", "--purge-window", "0s",
		}, filepath.Join(logDir, name+".log"))
	}
	return c, nil
}

// freeAddresses finds loopback addresses that nobody listens on just now.
func freeAddresses(n int) ([]string, error) {
	var found []string
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close() // only at the end, so that all differ
		found = append(found, listener.Addr().String())
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

// Isolate sets the links between a node and all its peers, those from it and those to it each to a state of their own.
func (c *Cluster) Isolate(n *Node, from, to LinkState) {
	for _, peer := range c.Nodes {
		if peer != n {
			n.links[peer.ID].Set(from)
			peer.links[n.ID].Set(to)
		}
	}
}

// Heal makes all links healthy.
func (c *Cluster) Heal() {
	for _, n := range c.Nodes {
		for _, l := range n.links {
			l.Set(Healthy)
		}
	}
}

// Err is why a node ended by itself, if one did.
func (c *Cluster) Err() error {
	var all []error
	for _, n := range c.Nodes {
		if err := n.Err(); err != nil {
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
		for _, l := range n.links {
			l.Close()
		}
	}
	return errors.Join(all...)
}
