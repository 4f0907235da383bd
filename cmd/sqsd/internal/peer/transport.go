package peer

import (
	"context"
	"log/slog"
	"net"
	"sync"

	"sqsd/node"
)

// Config is what a transport is told.
type Config struct {
	Cluster ClusterID
	Self    node.NodeID
	// Peers are the addresses of the other nodes.
	Peers map[node.NodeID]string
	// Identity tells this node's data and its peers' from data that they had before.
	Identity Identity
	// Deliver takes frames that came from a peer. Their bodies are its own, the slice is not. It is called from many
	// goroutines and must not wait.
	Deliver func(from node.NodeID, frames []Frame)
	Logger  *slog.Logger
}

// Identity is what a node knows of its own data and of its peers', see [node.Identity]. Its methods are called from many
// goroutines.
type Identity interface {
	// Greet is what to tell a peer when a connection is opened.
	Greet(node.NodeID) node.Greeting
	// Judge says why a peer with this greeting is to be refused; self that this node is, and must not answer.
	Judge(node.NodeID, node.Greeting) (self bool, err error)
	// Meet judges as well, for a peer that has judged this node. What there is to note is durable when it returns.
	Meet(node.NodeID, node.Greeting) error
	// Admitted says that frames may pass between this node and its peers; once true it stays so.
	Admitted() bool
}

// Transport sends frames to peers and receives theirs.
type Transport struct {
	cfg      Config
	listener net.Listener
	logger   *slog.Logger
	senders  map[node.NodeID]*sender
	running  sync.WaitGroup
	cancel   context.CancelFunc
}

// New makes a transport that does nothing yet, but takes frames to send.
func New(cfg Config) *Transport {
	t := &Transport{cfg: cfg, logger: cfg.Logger, senders: map[node.NodeID]*sender{}}
	for id, address := range cfg.Peers {
		t.senders[id] = &sender{
			transport: t, to: id, address: address, outbox: newOutbox(),
			logger: cfg.Logger.With("peer", id, "address", address),
		}
	}
	return t
}

// Start dials the peers and takes connections from the listener, which it closes at the end.
func (t *Transport) Start(listener net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	t.listener, t.cancel = listener, cancel
	t.running.Go(func() { t.accept(ctx) })
	for _, s := range t.senders {
		t.running.Go(func() { s.run(ctx) })
	}
}

// Send queues frames for a peer, which may lose them. Their bodies are the transport's from now on. A node that is not
// admitted sends none.
func (t *Transport) Send(to node.NodeID, frames []Frame) {
	if !t.cfg.Identity.Admitted() {
		return
	}
	s := t.senders[to]
	if s == nil {
		t.logger.Debug("dropped frames for an unknown node", "peer", to)
		return
	}
	for i, f := range frames {
		if len(f.Body) > MaxFrameBytes {
			t.logger.Error("dropped a frame over the limit", "bytes", len(f.Body), "limit", MaxFrameBytes, "peer", to)
			s.outbox.put(frames[:i]...)
			t.Send(to, frames[i+1:])
			return
		}
	}
	s.outbox.put(frames...)
}

// hello is what this node opens a connection to a peer with.
func (t *Transport) hello(to node.NodeID) hello {
	return hello{t.cfg.Cluster, t.cfg.Self, to, t.cfg.Identity.Greet(to)}
}

// Stats are counters of the transport.
type Stats struct {
	QueuedBytes int    // in frames that wait for peers
	Dropped     uint64 // frames dropped because a peer was slow or away, since the start
}

// Stats reports the counters.
func (t *Transport) Stats() Stats {
	var sum Stats
	for _, s := range t.senders {
		bytes, dropped := s.outbox.stats()
		sum.QueuedBytes += bytes
		sum.Dropped += dropped
	}
	return sum
}

// Close ends all connections. A transport that was not started has nothing to close.
func (t *Transport) Close() {
	if t.cancel == nil {
		return
	}
	t.cancel()
	t.listener.Close()
	t.running.Wait()
}
