package peer

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"runtime"
	"time"

	"sqsd/node"
)

const (
	dialTimeout  = 2 * time.Second
	writeTimeout = 5 * time.Second
	// beatEvery is how often a receiver tells the sender that it is there; a sender that hears nothing for beatTimeout
	// dials anew.
	beatEvery   = time.Second
	beatTimeout = 4 * time.Second
	minBackoff  = 50 * time.Millisecond
	maxBackoff  = time.Second
	// writeBytes is how much is gathered for one write.
	writeBytes = 256 << 10
)

// sender keeps a connection to one peer and writes the frames of its outbox to it.
type sender struct {
	transport *Transport
	to        node.NodeID
	address   string
	outbox    *outbox
	logger    *slog.Logger
}

// run dials and writes until ctx ends.
func (s *sender) run(ctx context.Context) {
	backoff := minBackoff
	silent := false // the reason why the peer cannot be reached has been logged
	for ctx.Err() == nil {
		conn, err := s.dial(ctx)
		if err == nil {
			if silent {
				s.logger.Info("peer is reachable again")
			}
			silent, backoff = false, minBackoff
			err = s.write(ctx, conn)
		}
		if ctx.Err() != nil {
			return
		}
		if !silent {
			s.logger.Warn("peer is not reachable", "error", err)
			silent = true
		}
		select {
		case <-time.After(backoff/2 + rand.N(backoff)):
		case <-ctx.Done():
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// dial connects and shakes hands.
func (s *sender) dial(ctx context.Context) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, err
	}
	if err := s.shake(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// shake returns when the peer has said that it takes frames.
func (s *sender) shake(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	if _, err := conn.Write(s.transport.hello(s.to).encode()); err != nil {
		return err
	}
	h, err := readHello(conn)
	if err != nil {
		return err
	}
	if err := h.check(s.transport.cfg.Cluster, s.to, s.transport.cfg.Self); err != nil {
		return err
	}
	if err := s.transport.cfg.Identity.Meet(h.from, h.greeting); err != nil {
		return err
	}
	if _, err := conn.Write([]byte{confirmation}); err != nil {
		return err
	}
	var beat [1]byte
	if _, err := conn.Read(beat[:]); err != nil {
		return fmt.Errorf("the peer has not accepted the connection, its log may say why: %w", unexpected(err))
	}
	return conn.SetDeadline(time.Time{})
}

// write sends frames until the connection breaks or ctx ends.
func (s *sender) write(ctx context.Context, conn net.Conn) error {
	broken := make(chan error, 1)
	go func() { broken <- watchBeats(conn) }()
	defer conn.Close()
	var frames []Frame
	var buf []byte
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-broken:
			return err
		case <-s.outbox.ready:
			runtime.Gosched() // another loop may be about to send, too: one write for both
		}
		frames = s.outbox.take(frames)
		var err error
		if buf, err = writeFrames(conn, buf, frames); err != nil {
			return err
		}
	}
}

// writeFrames writes all frames in as few writes as the buffer allows, and returns the buffer for the next time.
func writeFrames(conn net.Conn, buf []byte, frames []Frame) ([]byte, error) {
	buf = buf[:0]
	for i, f := range frames {
		buf = appendFrame(buf, f)
		if len(buf) < writeBytes && i < len(frames)-1 {
			continue
		}
		if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return buf, err
		}
		if _, err := conn.Write(buf); err != nil {
			return buf, err
		}
		buf = buf[:0]
	}
	if cap(buf) > 4*writeBytes {
		buf = nil
	}
	return buf, nil
}

// watchBeats reads the receiver's beats until they stop.
func watchBeats(conn net.Conn) error {
	var b [16]byte
	for {
		if err := conn.SetReadDeadline(time.Now().Add(beatTimeout)); err != nil {
			return err
		}
		if _, err := conn.Read(b[:]); err != nil {
			return err
		}
	}
}
