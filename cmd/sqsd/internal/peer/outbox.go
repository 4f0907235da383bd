package peer

import "sync"

// maxOutboxBytes bounds the frames that wait for one peer.
const maxOutboxBytes = 32 << 20

// outbox is the queue of frames to one peer.
type outbox struct {
	mu      sync.Mutex
	frames  []Frame
	head    int // index of the oldest frame; those before it were dropped
	bytes   int
	dropped uint64
	ready   chan struct{} // holds a token while there may be frames
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

// put adds frames and drops the oldest ones if there are too many.
func (o *outbox) put(frames ...Frame) {
	o.mu.Lock()
	o.frames = append(o.frames, frames...)
	for _, f := range frames {
		o.bytes += len(f.Body)
	}
	for o.bytes > maxOutboxBytes {
		o.bytes -= len(o.frames[o.head].Body)
		o.frames[o.head] = Frame{}
		o.head++
		o.dropped++
	}
	if o.head > len(o.frames)/2 {
		n := copy(o.frames, o.frames[o.head:])
		clear(o.frames[n:])
		o.frames, o.head = o.frames[:n], 0
	}
	o.mu.Unlock()
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// take returns everything that waits, oldest first, and reuses the memory of what it returned before.
func (o *outbox) take(used []Frame) []Frame {
	clear(used)
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.frames[o.head:]
	o.frames, o.head, o.bytes = used[:0], 0, 0
	return taken
}

func (o *outbox) stats() (bytes int, dropped uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes, o.dropped
}
