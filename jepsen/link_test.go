package jepsen

import (
	"bufio"
	"io"
	"net"
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

// says sends a line and returns what comes back.
func says(conn net.Conn, line string) (string, error) {
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

func TestHealthyLinkPassesEverythingOn(t *testing.T) {
	conn := dial(t, newLink(t, echo(t)).Addr())
	for _, line := range []string{"one", "two"} {
		if got, err := says(conn, line); got != line+"\n" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestChangeOfStateClosesConnections(t *testing.T) {
	l := newLink(t, echo(t))
	conn := dial(t, l.Addr())
	if _, err := says(conn, "one"); err != nil {
		t.Fatal(err)
	}
	l.Set(Swallowing)
	if got, err := says(conn, "two"); err == nil {
		t.Errorf("the connection still answers %q", got)
	}
}

func TestRefusingLinkClosesAtOnce(t *testing.T) {
	l := newLink(t, echo(t))
	l.Set(Refusing)
	if got, err := says(dial(t, l.Addr()), "one"); err == nil {
		t.Errorf("got %q", got)
	}
}

func TestSwallowingLinkTakesAndGivesNothing(t *testing.T) {
	l := newLink(t, echo(t))
	l.Set(Swallowing)
	conn := dial(t, l.Addr())
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	got, err := says(conn, "one")
	if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() {
		t.Errorf("got %q, %v; want a timeout", got, err)
	}
}

func TestHealedLinkWorksAgain(t *testing.T) {
	l := newLink(t, echo(t))
	l.Set(Swallowing)
	l.Set(Healthy)
	if got, err := says(dial(t, l.Addr()), "one"); got != "one\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLinkToNobodyClosesTheConnection(t *testing.T) {
	addresses, err := freeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := says(dial(t, newLink(t, addresses[0]).Addr()), "one"); err == nil {
		t.Errorf("got %q", got)
	}
}
