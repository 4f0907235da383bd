package peer

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"sqsd/node"
)

func TestStrangersAreRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		cluster ClusterID
		self    node.NodeID
		dials   node.NodeID // who the stranger believes to find
		says    string      // the stranger's log
		hears   string      // the node's log
	}{
		{"another cluster", ClusterID{9}, 2, 1, "another cluster", "another cluster"},
		{"an unknown node", ClusterID{1}, 7, 1, "", "node 7 has no address in --peers"},
		{"a node at a wrong address", ClusterID{1}, 2, 3, "is node 1, not node 3", "wants node 3, this is node 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			la, lb := listenLocal(t), listenLocal(t)
			a := startEndpoint(t, ClusterID{1}, 1, la, map[node.NodeID]string{2: lb.Addr().String()})
			stranger := startEndpoint(t, c.cluster, c.self, lb, map[node.NodeID]string{c.dials: la.Addr().String()})
			stranger.Send(c.dials, []Frame{{0, []byte("hello")}})
			a.log.waitFor(t, c.hears)
			stranger.log.waitFor(t, c.says)
			if len(a.got) > 0 {
				t.Errorf("a frame of a stranger was delivered: %+v", <-a.got)
			}
		})
	}
}

func TestASenderThatIsRefusedSaysSoOnceAndDialsLessAndLess(t *testing.T) {
	la := listenLocal(t)
	a := startEndpoint(t, ClusterID{1}, 1, la, nil)
	began := time.Now()
	refused := startEndpoint(t, ClusterID{1}, 2, listenLocal(t), map[node.NodeID]string{1: la.Addr().String()})
	a.log.waitForSome(t, "node 2 has no address in --peers", 4)
	// The pauses are at least half of 50, 100 and 200 ms.
	if took := time.Since(began); took < 7*minBackoff/2 {
		t.Errorf("it dials four times in %v", took)
	}
	says := refused.log.waitForSome(t, "has not accepted the connection", 1)
	if strings.Count(says, "\n") != 1 {
		t.Errorf("it says\n%s", says)
	}
}

func TestGarbageClosesTheConnection(t *testing.T) {
	hello := hello{cluster: ClusterID{1}, from: 2, to: 1, greeting: node.Greeting{Self: lifeOf(2)}}.encode()
	later := append([]byte(magic), version+1, 0)
	confirmed := append(bytes.Clone(hello), confirmation)
	for _, c := range []struct {
		name, log string
		bytes     []byte
	}{
		{"instead of a handshake", "not an sqsd peer",
			[]byte("GET / HTTP/1.1\r\nHost: somewhere.example.org\r\nAccept: */*\r\n\r\n")},
		{"after a handshake", "bad frame", append(confirmed, bytes.Repeat([]byte{0xee}, 100)...)},
		{"instead of a confirmation", "node 2 confirms with", append(hello, 0xee)},
		{"of a later version", "peer speaks version 3, this node version 2", later},
		{"in a frame", "checksum", append(confirmed, append(appendFrame(nil, Frame{0, []byte("good")})[:frameHeader], "evil"...)...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			la := listenLocal(t)
			a := startEndpoint(t, ClusterID{1}, 1, la, map[node.NodeID]string{2: "127.0.0.1:1"})
			conn, err := net.Dial("tcp", la.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write(c.bytes); err != nil {
				t.Fatal(err)
			}
			a.log.waitFor(t, c.log)
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 1024)
			for err == nil { // the node's own hello may come first
				_, err = conn.Read(buf)
			}
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Error("the connection stayed open")
			}
			if len(a.got) > 0 {
				t.Errorf("garbage was delivered: %+v", <-a.got)
			}
		})
	}
}
