package null

import (
	"container/heap"
	"sync"
	"time"

	"sqsd/wire"
)

// message is one stored message.
type message struct {
	number   uint64
	body     wire.Message // without handle and system attributes
	sender   string
	sent     wire.Time
	first    wire.Time // of its first delivery
	receives int

	hiddenUntil wire.Time // meaningful while hiddenAt >= 0
	hiddenAt    int       // its place in the heap of hidden messages, or notHidden
	delayed     bool      // hidden because it was sent with a delay, not because someone holds it
	gone        bool      // deleted while it stood in the line of visible ones
}

const notHidden = -1

// queue is a queue's messages. All fields are guarded by mu.
type queue struct {
	mu         sync.Mutex
	visibility time.Duration
	messages   map[uint64]*message
	line       []*message // visible, oldest first, from head on; some may be gone
	head       int
	hidden     hiddenHeap
	delayed    int
	waiters    []chan struct{} // of receives that found nothing, oldest first
	alarm      *time.Timer     // shows hidden messages to the waiters
	alarmAt    wire.Time       // when it goes off; 0 if it is not set
}

func newQueue(visibility time.Duration) *queue {
	return &queue{visibility: visibility, messages: make(map[uint64]*message)}
}

// add stores a message that becomes visible after delay.
func (q *queue) add(m *message, delay time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages[m.number] = m
	if delay > 0 {
		m.delayed = true
		q.delayed++
		q.hide(m, m.sent+wire.Time(delay.Milliseconds()))
		return
	}
	q.show(m)
}

// take returns up to limit visible messages and hides each for visibility, or for the queue's timeout if that is nil.
// If there are none it returns a channel that is closed when it is worth trying again.
func (q *queue) take(limit int, visibility *time.Duration) (got []taken, retry chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := clock()
	q.surface(now)
	hide := q.visibility
	if visibility != nil {
		hide = *visibility
	}
	for range min(limit, len(q.line)-q.head) {
		m := q.pop()
		if m == nil {
			break
		}
		m.receives++
		if m.first == 0 {
			m.first = now
		}
		got = append(got, taken{m, m.receives, m.first})
	}
	for _, t := range got {
		q.hide(t.message, now+wire.Time(hide.Milliseconds()))
	}
	if got == nil {
		retry = make(chan struct{})
		q.waiters = append(q.waiters, retry)
		q.setAlarm()
	}
	return got, retry
}

// taken is a delivery: a message and what has to be said of it as of this delivery.
type taken struct {
	*message
	receive int
	first   wire.Time
}

// forget takes a waiter out of the line; if it was woken meanwhile the next one is woken in its place.
func (q *queue) forget(retry chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, w := range q.waiters {
		if w == retry {
			q.waiters = append(q.waiters[:i], q.waiters[i+1:]...)
			return
		}
	}
	q.wake(1)
}

// remove deletes a message; it reports whether the message was there under that delivery.
func (q *queue) remove(h handle) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.messages[h.message]
	if m == nil || m.receives != h.receive {
		return false
	}
	delete(q.messages, m.number)
	if m.hiddenAt == notHidden {
		m.gone = true
	} else {
		heap.Remove(&q.hidden, m.hiddenAt)
	}
	return true
}

// change hides a message for a time from now on, or shows it at 0; it reports whether the message was there under that
// delivery.
func (q *queue) change(h handle, visibility time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := clock()
	q.surface(now)
	m := q.messages[h.message]
	if m == nil || m.receives != h.receive {
		return false
	}
	if m.hiddenAt == notHidden {
		q.unlink(m)
	} else {
		heap.Remove(&q.hidden, m.hiddenAt)
	}
	q.hide(m, now+wire.Time(visibility.Milliseconds()))
	return true
}

// purge forgets all messages.
func (q *queue) purge() {
	q.mu.Lock()
	defer q.mu.Unlock()
	clear(q.messages)
	q.line, q.head, q.hidden, q.delayed = nil, 0, nil, 0
}

// count returns the numbers of visible, in-flight and delayed messages.
func (q *queue) count() (visible, inFlight, delayed int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.surface(clock())
	inFlight = len(q.hidden) - q.delayed
	return len(q.messages) - len(q.hidden), inFlight, q.delayed
}

// surface shows the messages whose time has come.
func (q *queue) surface(now wire.Time) {
	for len(q.hidden) > 0 && q.hidden[0].hiddenUntil <= now {
		m := heap.Pop(&q.hidden).(*message)
		if m.delayed {
			m.delayed = false
			q.delayed--
		}
		q.show(m)
	}
}

// hide puts a message that is in no place among the hidden ones; a time that has come shows it at once.
func (q *queue) hide(m *message, until wire.Time) {
	m.hiddenUntil = until
	heap.Push(&q.hidden, m)
	q.surface(clock())
	q.setAlarm()
}

// setAlarm sees to it that somebody shows the next hidden message while receives wait.
func (q *queue) setAlarm() {
	if len(q.waiters) == 0 || len(q.hidden) == 0 {
		return
	}
	next := q.hidden[0].hiddenUntil
	if q.alarmAt != 0 && q.alarmAt <= next {
		return
	}
	if q.alarm != nil {
		q.alarm.Stop()
	}
	q.alarmAt = next
	q.alarm = time.AfterFunc(time.Duration(next-clock())*time.Millisecond, q.ring)
}

func (q *queue) ring() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.alarmAt = 0
	q.surface(clock())
	q.setAlarm()
}

func (q *queue) show(m *message) {
	m.hiddenAt = notHidden
	q.line = append(q.line, m)
	q.wake(1)
}

func (q *queue) wake(n int) {
	n = min(n, len(q.waiters))
	for _, w := range q.waiters[:n] {
		close(w)
	}
	q.waiters = q.waiters[n:]
}

// pop takes the oldest visible message out of the line, or returns nil.
func (q *queue) pop() *message {
	for q.head < len(q.line) {
		m := q.line[q.head]
		q.line[q.head] = nil
		q.head++
		if q.head == len(q.line) || q.head > 1024 && q.head > len(q.line)/2 {
			q.line = append(q.line[:0], q.line[q.head:]...)
			q.head = 0
		}
		if !m.gone {
			return m
		}
	}
	return nil
}

// unlink takes a visible message out of the middle of the line, leaving a stand-in that is gone.
func (q *queue) unlink(m *message) {
	for i := q.head; i < len(q.line); i++ {
		if q.line[i] == m {
			q.line[i] = &message{gone: true}
			return
		}
	}
}

// clock is the time of day, in the resolution of SQS.
func clock() wire.Time { return wire.Time(time.Now().UnixMilli()) }

// hiddenHeap has the message that comes back first at index 0.
type hiddenHeap []*message

func (h hiddenHeap) Len() int           { return len(h) }
func (h hiddenHeap) Less(i, j int) bool { return h[i].hiddenUntil < h[j].hiddenUntil }
func (h hiddenHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].hiddenAt, h[j].hiddenAt = i, j
}
func (h *hiddenHeap) Push(x any) {
	m := x.(*message)
	m.hiddenAt = len(*h)
	*h = append(*h, m)
}
func (h *hiddenHeap) Pop() any {
	last := len(*h) - 1
	m := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return m
}
