package peer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"sqsd/node"
)

const (
	handshakeTimeout = 5 * time.Second
	// idleTimeout ends a connection on which nothing comes: one frame may take that long. Leaders beat several times a
	// second. The deadline is moved no more often than every idleTimeout/4.
	idleTimeout = time.Minute
	readBytes   = 256 << 10
)

// accept takes connections until the listener is closed.
func (t *Transport) accept(ctx context.Context) {
	for {
		conn, err := t.listener.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			t.logger.Warn("cannot accept a peer", "error", err)
			select {
			case <-time.After(minBackoff): // out of file descriptors, for example
			case <-ctx.Done():
			}
			continue
		}
		t.running.Go(func() { t.serve(ctx, conn) })
	}
}

// serve receives frames from one connection until it ends.
func (t *Transport) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	logger := t.logger.With("address", conn.RemoteAddr().String())
	from, err := t.greet(conn)
	if err != nil {
		logger.Warn("refused a connection from a peer", "error", err)
		return
	}
	beats, stop := context.WithCancel(ctx)
	defer stop()
	t.running.Go(func() { beat(beats, conn) })
	if err := t.receive(conn, from); err != nil && ctx.Err() == nil {
		logger.Warn("connection from a peer ended", "peer", from, "error", err)
	}
}

// greet shakes hands and returns who is there.
func (t *Transport) greet(conn net.Conn) (node.NodeID, error) {
	if err := conn.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return 0, err
	}
	h, err := readHello(conn)
	if err != nil {
		if errors.Is(err, errOtherVersion) {
			conn.Write(t.hello(0).encode()) // it sees the version
		}
		return 0, err
	}
	if err := t.answer(conn, h); err != nil {
		return 0, err
	}
	var b [1]byte
	if _, err := io.ReadFull(conn, b[:]); err != nil {
		return 0, fmt.Errorf("node %d has not confirmed, its log may say why: %w", h.from, unexpected(err))
	}
	if b[0] != confirmation {
		return 0, fmt.Errorf("%w: node %d confirms with %q", errNotPeer, h.from, b)
	}
	if err := t.cfg.Identity.Meet(h.from, h.greeting); err != nil {
		return 0, err
	}
	if _, err := conn.Write(oneBeat); err != nil {
		return 0, err
	}
	return h.from, conn.SetDeadline(time.Time{})
}

// answer judges a hello and answers it, also that of a peer that does not fit, so that it can say on its side what is
// wrong. What a caller from the same cluster knows of this node counts even if this node has no address of it: the address
// book of a node that has lost its data may be that of its first start.
func (t *Transport) answer(conn net.Conn, h hello) error {
	refused := h.check(t.cfg.Cluster, h.from, t.cfg.Self)
	if refused == nil {
		var self bool
		if self, refused = t.cfg.Identity.Judge(h.from, h.greeting); self {
			return refused
		}
	}
	if _, err := conn.Write(t.hello(h.from).encode()); err != nil {
		return errors.Join(refused, err)
	}
	if _, known := t.senders[h.from]; !known && refused == nil {
		return fmt.Errorf("node %d has no address in --peers of this node", h.from)
	}
	return refused
}

// receive delivers frames until the connection ends; the error is nil if the peer closed it between frames.
func (t *Transport) receive(conn net.Conn, from node.NodeID) error {
	r := bufio.NewReaderSize(conn, readBytes)
	var moved time.Time
	var frames []Frame
	for {
		if now := time.Now(); now.Sub(moved) > idleTimeout/4 {
			moved = now
			if err := conn.SetReadDeadline(now.Add(idleTimeout)); err != nil {
				return err
			}
		}
		f, err := readFrame(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if frames = append(frames, f); !buffered(r) {
			if t.cfg.Identity.Admitted() {
				t.cfg.Deliver(from, frames)
			}
			clear(frames)
			frames = frames[:0]
		}
	}
}

var oneBeat = []byte{'.'}

// beat tells the sender that this side is there.
func beat(ctx context.Context, conn net.Conn) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return
		}
		if _, err := conn.Write(oneBeat); err != nil {
			conn.Close()
			return
		}
	}
}
