package main

import (
	"net"
	"sync"
	"sync/atomic"
)

// connectionLimit is a listener with a bounded number of connections. At the bound it accepts no more until one closes;
// clients wait meanwhile in the operating system's line.
type connectionLimit struct {
	net.Listener
	places chan struct{} // one token for each connection and for the Accept under way
	closed chan struct{}
	once   sync.Once
	open   atomic.Int64 // connections
}

func limitConnections(l net.Listener, limit int) *connectionLimit {
	return &connectionLimit{Listener: l, places: make(chan struct{}, limit), closed: make(chan struct{})}
}

// Accept waits for a place, then for a connection.
func (l *connectionLimit) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	l.open.Add(1)
	return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() {
		l.open.Add(-1)
		<-l.places
	})}, nil
}

// Close also ends an Accept that waits for a place.
func (l *connectionLimit) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// limitedConn gives its place back when it is closed.
type limitedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
