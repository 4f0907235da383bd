package peer

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sqsd/node"
)

// patience bounds waits for what must happen; a test fails when it runs out.
const patience = 20 * time.Second

type received struct {
	from  node.NodeID
	group node.GroupID
	body  string
}

// endpoint is one transport under test with what it received.
type endpoint struct {
	*Transport
	got       chan received
	log       *logBuffer
	forgotten chan error
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
	// changed gets a token at every line.
	changed chan struct{}
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
	return l.b.Write(p)
}

// waitFor waits until the log says something.
func (l *logBuffer) waitFor(t *testing.T, part string) {
	t.Helper()
	l.waitForSome(t, part, 1)
}

// waitForSome waits until the log says something some times, and returns it.
func (l *logBuffer) waitForSome(t *testing.T, part string, times int) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		l.mu.Lock()
		text := l.b.String()
		l.mu.Unlock()
		if strings.Count(text, part) >= times {
			return text
		}
		select {
		case <-l.changed:
		case <-deadline:
			t.Fatalf("the log never said %q:\n%s", part, text)
		}
	}
}

func listenLocal(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// lifeOf is a node's life in these tests, unless it has lost its data.
func lifeOf(id node.NodeID) node.Life { return node.Life{Data: node.DataID{byte(id)}, Number: 1} }

// memory is an identity that keeps nothing on a disk.
type memory struct {
	mu        sync.Mutex
	life      node.Life
	met       map[node.NodeID]node.Life
	outside   bool // not admitted yet
	forgotten chan<- error
}

func (m *memory) Greet(id node.NodeID) node.Greeting {
	m.mu.Lock()
	defer m.mu.Unlock()
	return node.Greeting{Self: m.life, Peer: m.met[id]}
}

func (m *memory) Admitted() bool { return !m.outside }

var errOtherLife = errors.New("known otherwise")

func (m *memory) Judge(id node.NodeID, g node.Greeting) (self bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	err = m.judge(id, g)
	return err == node.ErrForgotten, err
}

func (m *memory) Meet(id node.NodeID, g node.Greeting) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.judge(id, g); err != nil {
		return err
	}
	m.met[id] = g.Self
	return nil
}

func (m *memory) judge(id node.NodeID, g node.Greeting) error {
	if g.Peer != (node.Life{}) && g.Peer != m.life {
		select {
		case m.forgotten <- node.ErrForgotten:
		default:
		}
		return node.ErrForgotten
	}
	if known, ok := m.met[id]; ok && known != g.Self {
		return errOtherLife
	}
	return nil
}

func startEndpoint(
	t *testing.T, cluster ClusterID, self node.NodeID, l net.Listener, peers map[node.NodeID]string,
) endpoint {
	return startAs(t, cluster, self, &memory{life: lifeOf(self)}, l, peers)
}

func startAs(
	t *testing.T, cluster ClusterID, self node.NodeID, as *memory, l net.Listener, peers map[node.NodeID]string,
) endpoint {
	e := endpoint{
		got: make(chan received, 1000), log: &logBuffer{changed: make(chan struct{}, 1)}, forgotten: make(chan error, 1),
	}
	as.met, as.forgotten = map[node.NodeID]node.Life{}, e.forgotten
	e.Transport = New(Config{
		Cluster: cluster, Self: self, Peers: peers, Identity: as,
		Deliver: func(from node.NodeID, frames []Frame) {
			for _, f := range frames {
				e.got <- received{from, f.Group, string(f.Body)}
			}
		},
		Logger: slog.New(slog.NewTextHandler(e.log, nil)),
	})
	e.Start(l)
	t.Cleanup(e.Close)
	return e
}

func (e endpoint) expect(t *testing.T, want received) {
	t.Helper()
	select {
	case got := <-e.got:
		if got != want {
			t.Fatalf("received %+v, want %+v", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("never received %+v", want)
	}
}

func TestFramesTravelBothWaysInOrder(t *testing.T) {
	la, lb := listenLocal(t), listenLocal(t)
	a := startEndpoint(t, ClusterID{1}, 1, la, map[node.NodeID]string{2: lb.Addr().String()})
	b := startEndpoint(t, ClusterID{1}, 2, lb, map[node.NodeID]string{1: la.Addr().String()})
	for i := range 100 {
		a.Send(2, []Frame{{node.GroupID(i), fmt.Appendf(nil, "to b %d", i)}})
		b.Send(1, []Frame{{node.GroupID(i), fmt.Appendf(nil, "to a %d", i)}})
	}
	for i := range 100 {
		b.expect(t, received{1, node.GroupID(i), fmt.Sprintf("to b %d", i)})
		a.expect(t, received{2, node.GroupID(i), fmt.Sprintf("to a %d", i)})
	}
}

func TestLargeFramesArrive(t *testing.T) {
	la, lb := listenLocal(t), listenLocal(t)
	a := startEndpoint(t, ClusterID{1}, 1, la, map[node.NodeID]string{2: lb.Addr().String()})
	b := startEndpoint(t, ClusterID{1}, 2, lb, map[node.NodeID]string{1: la.Addr().String()})
	body := bytes.Repeat([]byte("0123456789abcdef"), MaxFrameBytes/16)
	a.Send(2, []Frame{{0, []byte("before")}, {0, append(body, 'x')}, {0, body}}) // one is a byte over the limit
	b.expect(t, received{1, 0, "before"})
	b.expect(t, received{1, 0, string(body)})
	a.log.waitFor(t, "dropped a frame over the limit")
}

func TestASenderReconnectsToARestartedPeer(t *testing.T) {
	la, lb := listenLocal(t), listenLocal(t)
	address := lb.Addr().String()
	a := startEndpoint(t, ClusterID{1}, 1, la, map[node.NodeID]string{2: address})
	first := startEndpoint(t, ClusterID{1}, 2, lb, map[node.NodeID]string{1: la.Addr().String()})
	a.Send(2, []Frame{{0, []byte("before")}})
	first.expect(t, received{1, 0, "before"})
	first.Close()
	a.log.waitFor(t, "peer is not reachable")

	lb, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	second := startEndpoint(t, ClusterID{1}, 2, lb, map[node.NodeID]string{1: la.Addr().String()})
	a.log.waitFor(t, "peer is reachable again")
	a.Send(2, []Frame{{0, []byte("after")}})
	second.expect(t, received{1, 0, "after"})
}

// A node whose disk was replaced comes back under its number, whoever dials first.
func TestANodeThatHasLostItsDataIsRefusedAndTold(t *testing.T) {
	la, lb := listenLocal(t), listenLocal(t)
	address := lb.Addr().String()
	a := startEndpoint(t, ClusterID{1}, 1, la, map[node.NodeID]string{2: address})
	first := startEndpoint(t, ClusterID{1}, 2, lb, map[node.NodeID]string{1: la.Addr().String()})
	first.Send(1, []Frame{{0, []byte("before")}})
	a.expect(t, received{2, 0, "before"})
	first.Close()

	lb, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	second := startAs(t, ClusterID{1}, 2, &memory{life: lifeOf(99)}, lb, map[node.NodeID]string{1: la.Addr().String()})
	second.Send(1, []Frame{{0, []byte("after")}})
	select {
	case err := <-second.forgotten:
		if !errors.Is(err, node.ErrForgotten) {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the node is never told that it was forgotten")
	}
	a.log.waitFor(t, errOtherLife.Error())
	if len(a.got) > 0 {
		t.Errorf("its frame was delivered: %+v", <-a.got)
	}
}

// A new node shakes hands, so that all meet, but takes no part.
func TestANodeThatIsNotAdmittedSendsAndTakesNoFrames(t *testing.T) {
	la, lb := listenLocal(t), listenLocal(t)
	a := startEndpoint(t, ClusterID{1}, 1, la, map[node.NodeID]string{2: lb.Addr().String()})
	outside := &memory{life: lifeOf(2), outside: true}
	first := startAs(t, ClusterID{1}, 2, outside, lb, map[node.NodeID]string{1: la.Addr().String()})
	first.Send(1, []Frame{{0, []byte("not sent")}})
	a.Send(2, []Frame{{0, []byte("not taken")}, {0, bytes.Repeat([]byte("x"), 1<<20)}})
	first.Close()
	if len(a.got) > 0 || len(first.got) > 0 {
		t.Error("a frame was delivered")
	}
}
