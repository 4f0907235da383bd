package peer

import (
	"context"
	"fmt"
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
	// Deliver takes a frame that came from a peer; the frame is its own. It is called from many goroutines and must not
	// wait.
	Deliver func(from node.NodeID, group node.GroupID, frame []byte)
	Logger  *slog.Logger
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
			cluster: cfg.Cluster, self: cfg.Self, to: id, address: address, outbox: newOutbox(),
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

// Send queues a frame for a peer, which may lose it. The frame is the transport's from now on.
func (t *Transport) Send(to node.NodeID, group node.GroupID, frame []byte) {
	s := t.senders[to]
	switch {
	case s == nil:
		t.logger.Debug("dropped a frame for an unknown node", "peer", to)
	case len(frame) > MaxFrameBytes:
		t.logger.Error(fmt.Sprintf("dropped a frame of %d bytes; the limit is %d", len(frame), MaxFrameBytes), "peer", to)
	default:
		s.outbox.put(outFrame{group, frame})
	}
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
