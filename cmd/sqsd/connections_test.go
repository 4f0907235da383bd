package main

import (
	"errors"
	"net"
	"testing"
)

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l := limitConnections(inner, 2)
	accepted := make(chan net.Conn)
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- conn
		}
	}()
	for range 3 {
		conn, err := net.Dial("tcp", inner.Addr().String())
		must(t, err)
		defer conn.Close()
	}
	first, second := <-accepted, <-accepted
	defer second.Close()
	if n := l.open.Load(); n != 2 {
		t.Errorf("%d connections are open, want 2", n)
	}
	select {
	case <-accepted:
		t.Fatal("a third connection was accepted")
	default: // it cannot come: both places are taken
	}
	must(t, first.Close())
	_ = first.Close() // a second time, as the HTTP server may
	third := <-accepted
	defer third.Close()
	if n := l.open.Load(); n != 2 {
		t.Errorf("%d connections are open, want 2", n)
	}
	must(t, l.Close())
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ended with %v", err)
	}
}
