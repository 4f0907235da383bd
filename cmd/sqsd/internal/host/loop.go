package host

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
	"sqsd/wire"
)

// maxInboxBytes bounds the frames that wait in one loop's inbox. Beyond it frames are dropped, which the network may
// do at any time; calls and completions are not frames and always go in.
const maxInboxBytes = 64 << 20

// loop is one thread with the replicas that live on it.
type loop struct {
	members []*member
	start   time.Time // of the monotonic clock
	stop    chan struct{}
	ended   chan struct{}
	wake    chan struct{} // holds a token while the inbox may not be empty

	working  *member // the replica that does something just now
	peers    Sender
	outgoing []outgoing // frames to peers, sent when all replicas have advanced

	mu         sync.Mutex
	inbox      []event
	frameBytes int // of the inbox
	dropped    uint64
}

// member is one replica on its loop. It is the replica's clock.
type member struct {
	loop    *loop
	group   node.GroupID
	replica *node.Replica
	wakeAt  time.Duration
	touched bool
	outside bool // when last looked, the node had not been added to the group
}

// outgoing are the frames to one peer.
type outgoing struct {
	to     node.NodeID
	frames []peer.Frame
}

// event is one thing that happens to a member; exactly one of its kinds is set.
type event struct {
	member *member
	submit *node.Call
	cancel *node.Call
	frame  []byte
	from   node.NodeID // of frame
	run    func()
}

const never = time.Duration(math.MaxInt64)

func newLoop(start time.Time, peers Sender) *loop {
	return &loop{
		start: start, peers: peers,
		stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1),
	}
}

// post adds an event. It may be called from any goroutine and never waits for the loop.
func (l *loop) post(e event) {
	l.mu.Lock()
	l.inbox = append(l.inbox, e)
	l.mu.Unlock()
	l.rouse()
}

// deliver adds those of the frames whose groups live here.
func (l *loop) deliver(from node.NodeID, frames []peer.Frame, members []*member) {
	added := false
	l.mu.Lock()
	for _, f := range frames {
		if int(f.Group) >= len(members) || members[f.Group].loop != l || len(f.Body) == 0 {
			continue
		}
		if l.frameBytes+len(f.Body) > maxInboxBytes {
			l.dropped++
			continue
		}
		l.frameBytes += len(f.Body)
		l.inbox = append(l.inbox, event{member: members[f.Group], from: from, frame: f.Body})
		added = true
	}
	l.mu.Unlock()
	if added {
		l.rouse()
	}
}

func (l *loop) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run pumps events until stop or failed is closed. A panic is a broken invariant of the replica at work: it goes to
// broken, and no replica of this loop does anything more.
func (l *loop) run(failed <-chan struct{}, broken func(m *member, p any, stack []byte)) {
	defer close(l.ended)
	defer func() {
		if l.working != nil {
			broken(l.working, recover(), debug.Stack())
		}
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var events []event
	for {
		timer.Reset(l.untilWake())
		select {
		case <-l.stop:
			return
		case <-failed:
			return
		case <-l.wake:
			// Whoever woke the loop is often one of many that are about to: let them put in what they have first, so
			// that one log entry serves them all. With nobody else to run this returns at once.
			runtime.Gosched()
		case <-timer.C:
		}
		events = l.take(events)
		for i := range events {
			l.working = events[i].member
			events[i].dispatch()
		}
		clear(events)
		l.advance()
		l.working = nil
		l.flush()
	}
}

// send keeps a frame until flush, so that a peer gets all frames of one turn in one piece.
func (l *loop) send(to node.NodeID, f peer.Frame) {
	for i := range l.outgoing {
		if o := &l.outgoing[i]; o.to == to {
			o.frames = append(o.frames, f)
			return
		}
	}
	l.outgoing = append(l.outgoing, outgoing{to, []peer.Frame{f}})
}

func (l *loop) flush() {
	for i := range l.outgoing {
		if o := &l.outgoing[i]; len(o.frames) > 0 {
			l.peers.Send(o.to, o.frames)
			clear(o.frames)
			o.frames = o.frames[:0]
		}
	}
}

// take swaps the inbox for an empty slice.
func (l *loop) take(empty []event) []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.inbox
	l.inbox, l.frameBytes = empty[:0], 0
	return taken
}

func (e *event) dispatch() {
	m := e.member
	switch {
	case e.submit != nil && m.waits():
		e.submit.Done(node.Result{Err: unavailable("this node waits to be added to the cluster")})
	case e.submit != nil:
		m.replica.Submit(e.submit)
	case e.cancel != nil:
		m.replica.Cancel(e.cancel)
	case e.frame != nil:
		m.replica.Deliver(e.from, e.frame)
	case e.run != nil:
		e.run()
	}
	m.touched = true
}

// advance lets the replicas work that got an event or whose clock has come.
func (l *loop) advance() {
	now := time.Since(l.start)
	for _, m := range l.members {
		l.working = m
		if m.wakeAt <= now {
			m.wakeAt = never
			m.replica.Wake()
			m.touched = true
		}
		if m.touched {
			m.touched = false
			m.replica.Advance()
		}
	}
}

func (l *loop) untilWake() time.Duration {
	next := never
	for _, m := range l.members {
		next = min(next, m.wakeAt)
	}
	if next == never {
		return never
	}
	return max(0, next-time.Since(l.start))
}

// load reports the number of events that wait and the number of frames that were dropped so far.
func (l *loop) load() (waiting int, dropped uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.inbox), l.dropped
}

// Now is the wall clock.
func (m *member) Now() wire.Time { return wire.Time(time.Now().UnixMilli()) }

// Elapsed is the time since the host started.
func (m *member) Elapsed() time.Duration { return time.Since(m.loop.start) }

// WakeAt asks for a call of Wake. It is called on the loop's thread.
func (m *member) WakeAt(t time.Duration) { m.wakeAt = t }
