package jepsen

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// LinkState is what a link does with connections from one node.
type LinkState int

const (
	// Healthy passes everything on.
	Healthy LinkState = iota
	// Refusing closes connections at once: both ends see the failure.
	Refusing
	// Swallowing accepts connections and loses every byte in both directions: nobody is told. Nodes send frames over
	// connections that they have dialled, so swallowing those from a to b, and not those from b to a, is a loss in one
	// direction.
	Swallowing
)

// Link is a TCP proxy before one node's peer port. It tells the connections of different nodes apart by how they open,
// so that each can be treated in its own way. When the state for a node changes, its connections are closed: bytes that
// were lost on the way must not be followed by later ones.
type Link struct {
	target   string
	listener net.Listener
	done     sync.WaitGroup

	mu     sync.Mutex
	states map[int]LinkState // by sending node; absent is Healthy
	conns  map[net.Conn]int  // sending node; 0 until it is known
	down   bool
	alien  error // a connection that did not open as a peer's does
}

// NewLink starts a proxy on a free loopback port that passes connections on to target.
func NewLink(target string) (*Link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Link{target: target, listener: listener, states: make(map[int]LinkState), conns: make(map[net.Conn]int)}
	l.done.Go(l.accept)
	return l, nil
}

// Addr is where the proxy listens.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Set changes what happens to connections from a node, and closes those that it has.
func (l *Link) Set(from int, state LinkState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.states[from] = state
	for c, sender := range l.conns {
		if sender == from {
			c.Close()
		}
	}
}

// Err says that something connected which did not open as a peer does: then the links cannot tell nodes apart.
func (l *Link) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.alien
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
	if _, ok := l.enter(from, 0); !ok {
		return
	}
	opening, sender, err := readOpening(from)
	if err != nil {
		l.note(err)
		return
	}
	state, ok := l.enter(from, sender)
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
	if _, ok := l.enter(to, sender); !ok {
		return
	}
	if _, err := to.Write(opening); err != nil {
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

// A peer's connection opens with a magic text, a version, the cluster's identity and the number of the sending node
// (cmd/sqsd/internal/peer, type hello).
const (
	openingMagic  = "sqsd-peer\n"
	senderOffset  = len(openingMagic) + 2 + 16
	openingLength = senderOffset + 8
)

var errAlien = errors.New("not how a peer opens a connection")

// readOpening reads how a connection opens and which node it is from.
func readOpening(r io.Reader) (opening []byte, sender int, err error) {
	opening = make([]byte, openingLength)
	if _, err := io.ReadFull(r, opening); err != nil {
		return nil, 0, err
	}
	if !bytes.HasPrefix(opening, []byte(openingMagic)) {
		return nil, 0, fmt.Errorf("%w: %q", errAlien, opening)
	}
	return opening, int(binary.LittleEndian.Uint64(opening[senderOffset:])), nil
}

func (l *Link) note(err error) {
	if errors.Is(err, errAlien) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.alien = err
	}
}

// enter registers a connection and says how to treat it; false says that the link is closed.
func (l *Link) enter(c net.Conn, sender int) (LinkState, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return Healthy, false
	}
	l.conns[c] = sender
	return l.states[sender], true
}

func (l *Link) leave(c net.Conn) {
	c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}
