package node

import (
	"math/rand/v2"
	"testing"
	"time"

	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
	"sqsd/wire"
)

// world is the replicas of one group, of nodes 1, 2 and so on, of which node 1 leads first. Their network loses only what the
// test says, and time stands still but where the test lets it go on.
type world struct {
	t        *testing.T
	now      time.Duration
	replicas []*Replica
	line     []onTheWay
	lose     func(onTheWay) bool
}

type onTheWay struct {
	from, to NodeID
	frame    []byte
}

// side is a node's clock and network.
type side struct {
	still
	world *world
	node  NodeID
}

func (s side) Now() wire.Time         { return wire.Time(1_000_000 + s.world.now.Milliseconds()) }
func (s side) Elapsed() time.Duration { return time.Hour + s.world.now }
func (s side) Send(to NodeID, _ GroupID, frame []byte) {
	s.world.line = append(s.world.line, onTheWay{s.node, to, frame})
}

func newWorld(t *testing.T, nodes int) *world {
	t.Helper()
	w := &world{t: t, lose: func(onTheWay) bool { return false }}
	c := DefaultConfig()
	c.Life, c.Groups, c.Account, c.Region = 1, 1, "000000000000", "us-east-1"
	for i := range nodes {
		c.Peers = append(c.Peers, NodeID(i+1))
	}
	for _, c.Node = range c.Peers {
		s := side{still{t}, w, c.Node}
		r, err := Open(c, Env{
			Clock: s, Network: s, Random: rand.NewChaCha8([32]byte{byte(c.Node)}), Host: s,
			Disk: disk.Disk{Log: openTestStore(t, pebbledisk.Log), State: openTestStore(t, pebbledisk.State)},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.replicas = append(w.replicas, r)
	}
	w.run(10 * c.Tick) // they get to know each other, and nobody stands for election yet
	if err := w.replicas[0].raft.Campaign(); err != nil {
		t.Fatal(err)
	}
	w.run(2 * c.Tick)
	if !w.replicas[0].Status().Leading {
		t.Fatal("node 1 does not lead")
	}
	return w
}

// round has every replica do its work, and then delivers what was sent. It says whether there was something.
func (w *world) round() bool {
	for _, r := range w.replicas {
		r.Advance()
	}
	line := w.line
	w.line = nil
	for _, f := range line {
		if !w.lose(f) {
			w.replicas[f.to-1].Deliver(f.from, f.frame)
		}
	}
	return len(line) > 0
}

// settle lets everything happen that happens at this time.
func (w *world) settle() {
	w.t.Helper()
	for range 200 {
		if !w.round() {
			return
		}
	}
	w.t.Fatal("the replicas do not come to rest")
}

// run lets time go on, tick by tick.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	const tick = 50 * time.Millisecond
	for ; d > 0; d -= tick {
		w.now += tick
		w.settle()
	}
}

// leader is the replica that leads.
func (w *world) leader() *Replica {
	w.t.Helper()
	for _, r := range w.replicas {
		if r.Status().Leading {
			return r
		}
	}
	w.t.Fatal("nobody leads")
	return nil
}

// clientCall is a call and what became of it.
type clientCall struct {
	Call
	res   Result
	ended bool
}

func submit(r *Replica, req wire.Request) *clientCall {
	c := &clientCall{}
	c.Call = Call{Request: req, Done: func(res Result) { c.res, c.ended = res, true }}
	r.Submit(&c.Call)
	return c
}

// bodies are those of the messages that a receive got, or nil if it has not come to its end.
func (c *clientCall) bodies(t *testing.T) []string {
	t.Helper()
	if !c.ended {
		return nil
	}
	got := []string{}
	if c.res.Err != nil {
		t.Fatal(c.res.Err)
	}
	for _, m := range c.res.Response.(*wire.ReceiveMessageResponse).Messages {
		got = append(got, m.Body)
	}
	return got
}

// do has a replica carry out requests, all at the same time.
func (w *world) do(r *Replica, requests ...wire.Request) {
	w.t.Helper()
	var calls []*clientCall
	for _, req := range requests {
		calls = append(calls, submit(r, req))
	}
	w.settle()
	for _, c := range calls {
		if !c.ended || c.res.Err != nil {
			w.t.Fatalf("%s: ended %t, %v", c.Request.Action(), c.ended, c.res.Err)
		}
	}
}

func refTo(queue string) wire.QueueRef { return wire.QueueRef{Name: queue} }

func sendTo(queue, body string) *wire.SendMessageRequest {
	return &wire.SendMessageRequest{QueueRef: refTo(queue), Outgoing: wire.Outgoing{MessageBody: body}}
}

func longPoll(queue string) *wire.ReceiveMessageRequest {
	return &wire.ReceiveMessageRequest{QueueRef: refTo(queue), WaitTimeSeconds: wire.Int(20)}
}
