package sim

import "time"

// event is something that happens at an instant of virtual time.
type event struct {
	at  time.Duration
	seq uint64
	run func()
}

// before orders events: by time, and those of one instant as they were scheduled.
func (e *event) before(other *event) bool {
	return e.at < other.at || e.at == other.at && e.seq < other.seq
}

// ranks is the number of ranks of eventQueue.pushFirst.
const ranks = 1 << 20

// eventQueue is a binary heap of events.
type eventQueue struct {
	heap []event
	seq  uint64
}

// push schedules run at an instant.
func (q *eventQueue) push(at time.Duration, run func()) {
	q.seq++
	q.insert(event{at: at, seq: ranks + q.seq, run: run})
}

// pushFirst schedules run before everything else of an instant but what has a lower rank.
func (q *eventQueue) pushFirst(at time.Duration, rank int, run func()) {
	q.insert(event{at: at, seq: uint64(rank), run: run})
}

func (q *eventQueue) insert(e event) {
	q.heap = append(q.heap, e)
	for i := len(q.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.heap[i].before(&q.heap[parent]) {
			return
		}
		q.heap[i], q.heap[parent] = q.heap[parent], q.heap[i]
		i = parent
	}
}

// pop removes the first event. The queue must not be empty.
func (q *eventQueue) pop() event {
	first := q.heap[0]
	last := len(q.heap) - 1
	q.heap[0] = q.heap[last]
	q.heap[last] = event{}
	q.heap = q.heap[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if q.heap[child].before(&q.heap[least]) {
				least = child
			}
		}
		if least == i {
			return first
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}

func (q *eventQueue) len() int { return len(q.heap) }

// scheduler is virtual time and what will happen in it.
type scheduler struct {
	now    time.Duration
	queue  eventQueue
	events uint64 // run so far
}

// after schedules run in d, which may be 0.
func (s *scheduler) after(d time.Duration, run func()) { s.queue.push(s.now+d, run) }

// first schedules run at an instant, before what after has scheduled and in order of rank, which is less than ranks.
func (s *scheduler) first(at time.Duration, rank int, run func()) { s.queue.pushFirst(at, rank, run) }

// step runs the next event. It returns false if there is none.
func (s *scheduler) step() bool {
	if s.queue.len() == 0 {
		return false
	}
	e := s.queue.pop()
	s.now = e.at
	s.events++
	e.run()
	return true
}

// until runs events until done says so, or the deadline passes; it returns whether done said so. Without done it runs
// to the deadline.
func (s *scheduler) until(deadline time.Duration, done func() bool) bool {
	for {
		if done != nil && done() {
			return true
		}
		if s.queue.len() == 0 || s.queue.heap[0].at > deadline {
			s.now = max(s.now, deadline)
			return done != nil && done()
		}
		s.step()
	}
}
