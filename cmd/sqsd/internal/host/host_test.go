package host

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
	"sqsd/wire"
)

// patience bounds waits for what must happen.
const patience = 20 * time.Second

// nowhere loses all frames.
type nowhere struct{}

func (nowhere) Send(node.NodeID, []peer.Frame) {}

// testNode is a node alone, with a disk in memory that can be made to fail.
type testNode struct {
	*Host
	full  atomic.Bool // the log's disk
	fails chan error
}

func (n *testNode) String() string { return "a disk that is full when told" }

func (n *testNode) MaybeError(op errorfs.Op) error {
	if n.full.Load() && op.Kind == errorfs.OpFileWrite && path.Ext(op.Path) == ".log" {
		return &os.PathError{Op: "write", Path: op.Path, Err: syscall.ENOSPC}
	}
	return nil
}

func startNode(t *testing.T, groups int) *testNode {
	t.Helper()
	n := &testNode{fails: make(chan error, groups)}
	d, err := pebbledisk.OpenDisk(pebbledisk.Settings{Dir: "disk", FS: errorfs.Wrap(vfs.NewMem(), n), CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	c := node.DefaultConfig()
	c.Node, c.Life, c.Groups, c.Peers, c.Account, c.Region = 1, 1, groups, []node.NodeID{1}, "000000000000", "us-east-1"
	c.Tick, c.ElectionTicks = 5*time.Millisecond, 2
	n.Host, err = Start(Config{
		Replica: c, Loops: 2, Disk: d, Peers: nowhere{},
		OnFail: func(err error) { n.fails <- err }, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.Stop()
		if err := d.Close(); err != nil && !n.full.Load() {
			t.Error(err)
		}
	})
	return n
}

func (n *testNode) do(t *testing.T, req wire.Request) wire.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	resp, err := n.Do(ctx, req)
	if err != nil {
		t.Fatalf("%s: %v", req.Action(), err)
	}
	return resp
}

func queueRef(name string) wire.QueueRef { return wire.QueueRef{QueueURL: name, Name: name} }

func (n *testNode) receive(wait int32) (*wire.ReceiveMessageResponse, *wire.Error) {
	req := &wire.ReceiveMessageRequest{QueueRef: queueRef("q"), WaitTimeSeconds: wire.Int(wait)}
	resp, err := n.Do(context.Background(), req)
	got, _ := resp.(*wire.ReceiveMessageResponse)
	return got, err
}

// waitPolls waits until so many receives are in line.
func (n *testNode) waitPolls(t *testing.T, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		all, err := n.Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		polls := 0
		for _, s := range all {
			polls += s.Polls
		}
		if polls == want {
			return
		}
	}
}

func TestQueuesOfAllGroupsAreServed(t *testing.T) {
	n := startNode(t, 5)
	groups := map[node.GroupID]bool{}
	for i := range 40 {
		name := strings.Repeat("q", i+1)
		groups[node.GroupOf(name, 5)] = true
		n.do(t, &wire.CreateQueueRequest{QueueName: name})
	}
	if len(groups) != 5 {
		t.Fatalf("the names hit %d of 5 groups", len(groups))
	}
	list := n.do(t, &wire.ListQueuesRequest{}).(*wire.ListQueuesResponse)
	if len(list.QueueURLs) != 40 {
		t.Errorf("%d of 40 queues are listed", len(list.QueueURLs))
	}
}

func TestALongPollIsWokenByASend(t *testing.T) {
	n := startNode(t, 1)
	n.do(t, &wire.CreateQueueRequest{QueueName: "q"})
	got := make(chan *wire.ReceiveMessageResponse)
	go func() {
		r, _ := n.receive(20)
		got <- r
	}()
	n.waitPolls(t, 1)
	n.do(t, &wire.SendMessageRequest{QueueRef: queueRef("q"), Outgoing: wire.Outgoing{MessageBody: "hello"}})
	select {
	case r := <-got:
		if r == nil || len(r.Messages) != 1 || r.Messages[0].Body != "hello" {
			t.Errorf("the poll received %+v", r)
		}
	case <-time.After(patience / 2):
		t.Fatal("the poll was not woken")
	}
}

func TestEndingPollsAnswersThemEmpty(t *testing.T) {
	n := startNode(t, 1)
	n.do(t, &wire.CreateQueueRequest{QueueName: "q"})
	type outcome struct {
		resp *wire.ReceiveMessageResponse
		err  *wire.Error
	}
	got := make(chan outcome)
	for range 3 {
		go func() {
			resp, err := n.receive(20)
			got <- outcome{resp, err}
		}()
	}
	n.waitPolls(t, 3)
	started := time.Now()
	n.EndPolls()
	for range 3 {
		if o := <-got; o.err != nil || o.resp == nil || len(o.resp.Messages) != 0 {
			t.Errorf("a poll ended with %+v", o)
		}
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("polls ended only after %v", took)
	}
	n.do(t, &wire.SendMessageRequest{QueueRef: queueRef("q"), Outgoing: wire.Outgoing{MessageBody: "kept"}})
	if r, err := n.receive(0); err != nil || len(r.Messages) != 1 {
		t.Errorf("a plain receive after that got %+v, %v; want the message", r, err)
	}
}

func TestAClientThatGoesLeavesTheLine(t *testing.T) {
	n := startNode(t, 1)
	n.do(t, &wire.CreateQueueRequest{QueueName: "q"})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan *wire.Error)
	go func() {
		_, err := n.Do(ctx, &wire.ReceiveMessageRequest{QueueRef: queueRef("q"), WaitTimeSeconds: wire.Int(20)})
		ended <- err
	}()
	n.waitPolls(t, 1)
	cancel()
	if err := <-ended; err == nil || err.Code != wire.ServiceUnavailable {
		t.Errorf("the call ended with %v", err)
	}
	n.waitPolls(t, 0)
}

func TestAFullDiskStopsTheNodeAndAcknowledgesNothing(t *testing.T) {
	n := startNode(t, 1)
	n.do(t, &wire.CreateQueueRequest{QueueName: "q"})
	n.full.Store(true)
	send := &wire.SendMessageRequest{QueueRef: queueRef("q"), Outgoing: wire.Outgoing{MessageBody: "x"}}
	_, refused := n.Do(t.Context(), send)
	if refused == nil || refused.Code != wire.ServiceUnavailable {
		t.Errorf("a send to a full disk ended with %v", refused)
	}
	select {
	case err := <-n.fails:
		if !errors.Is(err, disk.ErrNoSpace) {
			t.Errorf("OnFail was told %v", err)
		}
	case <-time.After(patience):
		t.Fatal("OnFail was not called")
	}
	if _, err := n.Status(t.Context()); err == nil {
		t.Error("a failed node still reports its status")
	}
}

func TestAReplicaThatPanicsEndsTheService(t *testing.T) {
	n := startNode(t, 3)
	n.do(t, &wire.CreateQueueRequest{QueueName: "q"})
	broken := n.members[1]
	broken.loop.post(event{member: broken, run: func() { panic("entry 7 behind entry 3") }})
	select {
	case err := <-n.fails:
		if !errors.Is(err, ErrInvariant) || !strings.Contains(err.Error(), "group 1") ||
			!strings.Contains(err.Error(), "entry 7 behind entry 3") {
			t.Errorf("OnFail was told %v", err)
		}
	case <-time.After(patience):
		t.Fatal("OnFail was not called")
	}
	for _, l := range n.loops {
		<-l.ended // also the loops of sound replicas
	}
	for name := range 20 {
		_, err := n.Do(t.Context(), &wire.CreateQueueRequest{QueueName: strings.Repeat("q", name+1)})
		if err == nil || err.Code != wire.ServiceUnavailable {
			t.Errorf("a call afterwards ended with %v", err)
		}
	}
}

func TestAFloodOfFramesIsBounded(t *testing.T) {
	l := newLoop(time.Now(), nowhere{}) // not running: nothing takes from the inbox
	m := &member{loop: l}
	const size = 1 << 20
	frame := []peer.Frame{{Body: make([]byte, size)}}
	for range 100 {
		l.deliver(2, frame, []*member{m})
	}
	l.post(event{member: m, submit: &node.Call{}})
	waiting, dropped := l.load()
	if kept := maxInboxBytes / size; waiting != kept+1 || dropped != uint64(100-kept) {
		t.Errorf("%d events wait and %d frames were dropped, want %d frames and the call to wait", waiting, dropped, kept)
	}
	if taken := l.take(nil); len(taken) != waiting {
		t.Errorf("take returned %d of %d events", len(taken), waiting)
	}
	l.deliver(2, frame, []*member{m})
	if waiting, _ := l.load(); waiting != 1 {
		t.Error("an emptied inbox takes no frames")
	}
}
