package host

import (
	"math"
	"runtime"
	"sync"
	"time"

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

	mu         sync.Mutex
	inbox      []event
	frameBytes int // of the inbox
	dropped    uint64
}

// member is one replica on its loop. It is the replica's clock.
type member struct {
	loop    *loop
	replica *node.Replica
	wakeAt  time.Duration
	touched bool
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

func newLoop(start time.Time) *loop {
	return &loop{start: start, stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// post adds an event. It may be called from any goroutine and never waits for the loop.
func (l *loop) post(e event) {
	l.mu.Lock()
	if e.frame != nil {
		if l.frameBytes+len(e.frame) > maxInboxBytes {
			l.dropped++
			l.mu.Unlock()
			return
		}
		l.frameBytes += len(e.frame)
	}
	l.inbox = append(l.inbox, e)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run pumps events until stop is closed.
func (l *loop) run() {
	defer close(l.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var events []event
	for {
		timer.Reset(l.untilWake())
		select {
		case <-l.stop:
			return
		case <-l.wake:
			// Whoever woke the loop is often one of many that are about to: let them put in what they have first, so
			// that one log entry serves them all. With nobody else to run this returns at once.
			runtime.Gosched()
		case <-timer.C:
		}
		events = l.take(events)
		for i := range events {
			events[i].dispatch()
		}
		clear(events)
		l.advance()
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
