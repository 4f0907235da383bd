package jepsen

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// echo starts a server that sends every line back.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func newLink(t *testing.T, target string) *Link {
	t.Helper()
	l, err := NewLink(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// openAs7 opens a connection as node 7 does.
func openAs7(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	opening := make([]byte, openingLength)
	copy(opening, openingMagic)
	opening[senderOffset] = 7
	if _, err := conn.Write(opening); err != nil {
		t.Fatal(err)
	}
	return opening
}

// dialAs7 opens a connection as node 7 does, and reads the opening that the echo server sends back.
func dialAs7(t *testing.T, address string) (net.Conn, error) {
	t.Helper()
	conn := dial(t, address)
	opening := openAs7(t, conn)
	got := make([]byte, openingLength)
	if _, err := io.ReadFull(conn, got); err != nil {
		return conn, err
	}
	if !bytes.Equal(got, opening) {
		t.Errorf("the opening arrived as %q", got)
	}
	return conn, nil
}

// says sends a line and returns what comes back.
func says(conn net.Conn, line string) (string, error) {
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

func mustDialAs7(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := dialAs7(t, address)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestHealthyLinkPassesEverythingOn(t *testing.T) {
	conn := mustDialAs7(t, newLink(t, echo(t)).Addr())
	for _, line := range []string{"one", "two"} {
		if got, err := says(conn, line); got != line+"\n" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestChangeOfStateClosesTheNodesConnections(t *testing.T) {
	l := newLink(t, echo(t))
	conn := mustDialAs7(t, l.Addr())
	l.Set(8, Swallowing)
	if got, err := says(conn, "one"); got != "one\n" || err != nil {
		t.Errorf("another node's state touched the connection: %q, %v", got, err)
	}
	l.Set(7, Swallowing)
	if got, err := says(conn, "two"); err == nil {
		t.Errorf("the connection still answers %q", got)
	}
}

func TestRefusingLinkClosesAtOnce(t *testing.T) {
	l := newLink(t, echo(t))
	l.Set(7, Refusing)
	if _, err := dialAs7(t, l.Addr()); err == nil {
		t.Error("the connection was passed on")
	}
}

func TestSwallowingLinkTakesAndGivesNothing(t *testing.T) {
	l := newLink(t, echo(t))
	l.Set(7, Swallowing)
	conn := dial(t, l.Addr())
	openAs7(t, conn)
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	got, err := says(conn, "one")
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("got %q, %v; want a timeout", got, err)
	}
}

func TestHealedLinkWorksAgain(t *testing.T) {
	l := newLink(t, echo(t))
	l.Set(7, Refusing)
	l.Set(7, Healthy)
	if got, err := says(mustDialAs7(t, l.Addr()), "one"); got != "one\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLinkToNobodyClosesTheConnection(t *testing.T) {
	addresses, err := freeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dialAs7(t, newLink(t, addresses[0]).Addr()); err == nil {
		t.Error("the connection was passed on")
	}
}

func TestConnectionThatIsNoPeersIsReported(t *testing.T) {
	l := newLink(t, echo(t))
	if got, err := says(dial(t, l.Addr()), strings.Repeat("GET / HTTP/1.1", 5)); err == nil {
		t.Errorf("it was passed on: %q", got)
	}
	if err := l.Err(); !errors.Is(err, errAlien) {
		t.Errorf("got %v", err)
	}
}
