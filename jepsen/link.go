package jepsen

import (
	"io"
	"net"
	"sync"
)

// LinkState is what a link does with connections.
type LinkState int

const (
	// Healthy passes everything on.
	Healthy LinkState = iota
	// Refusing closes connections at once: both ends see the failure.
	Refusing
	// Swallowing accepts connections and loses every byte in both directions: nobody is told. A node connects to its
	// peer with a connection of its own, so swallowing one link of a pair is a loss in one direction.
	Swallowing
)

// Link is a TCP proxy on the way from one node to a peer. When its state changes, its connections are closed: bytes
// that were lost on the way must not be followed by later ones.
type Link struct {
	target   string
	listener net.Listener
	done     sync.WaitGroup

	mu    sync.Mutex
	state LinkState
	conns map[net.Conn]struct{}
	down  bool
}

// NewLink starts a proxy on a free loopback port that passes connections on to target.
func NewLink(target string) (*Link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Link{target: target, listener: listener, conns: make(map[net.Conn]struct{})}
	l.done.Go(l.accept)
	return l, nil
}

// Addr is where the proxy listens.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Set changes the state and closes all connections.
func (l *Link) Set(state LinkState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = state
	for c := range l.conns {
		c.Close()
	}
}

// Close ends the proxy and its connections.
func (l *Link) Close() {
	l.listener.Close()
	l.mu.Lock()
	l.down = true
	for c := range l.conns {
		c.Close()
	}
	l.mu.Unlock()
	l.done.Wait()
}

func (l *Link) accept() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.done.Go(func() { l.serve(conn) })
	}
}

func (l *Link) serve(from net.Conn) {
	defer l.leave(from)
	state, ok := l.enter(from)
	if !ok || state == Refusing {
		return
	}
	if state == Swallowing {
		io.Copy(io.Discard, from)
		return
	}
	to, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer l.leave(to)
	// If the state has changed since from was entered, from is closed by now and the copies below end at once.
	if _, ok := l.enter(to); !ok {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(from, to)
		from.Close()
	})
	io.Copy(to, from)
	to.Close()
	back.Wait()
}

// enter registers a connection; false says that the link is closed.
func (l *Link) enter(c net.Conn) (LinkState, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return l.state, false
	}
	l.conns[c] = struct{}{}
	return l.state, true
}

func (l *Link) leave(c net.Conn) {
	c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}
