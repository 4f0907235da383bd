package peer

import (
	"sync"

	"sqsd/node"
)

// maxOutboxBytes bounds the frames that wait for one peer.
const maxOutboxBytes = 32 << 20

// outbox is the queue of frames to one peer.
type outbox struct {
	mu      sync.Mutex
	frames  []outFrame
	head    int // index of the oldest frame; those before it were dropped
	bytes   int
	dropped uint64
	ready   chan struct{} // holds a token while there may be frames
}

type outFrame struct {
	group node.GroupID
	body  []byte
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

// put adds a frame and drops the oldest ones if there are too many.
func (o *outbox) put(f outFrame) {
	o.mu.Lock()
	o.frames = append(o.frames, f)
	o.bytes += len(f.body)
	for o.bytes > maxOutboxBytes {
		o.bytes -= len(o.frames[o.head].body)
		o.frames[o.head] = outFrame{}
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
func (o *outbox) take(used []outFrame) []outFrame {
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
