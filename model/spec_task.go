package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

const (
	// defaultRate is how many messages a task moves in a second at most if it was not given a rate.
	defaultRate = wire.MaxMoveRate
	// maxUnderway is how many messages of a group may be on their way to others when a task sends more. It is less if a
	// queue may have fewer in flight.
	maxUnderway = 1000
	// maxStepBytes bounds the bodies that a task moves in a step, in bytes; the last one may go beyond.
	maxStepBytes = 4 << 20
	// maxTasks is how many tasks a queue remembers.
	maxTasks = wire.MaxMoveTaskResults
)

// Why tasks fail.
const (
	noDestination = "AWS.SimpleQueueService.NonExistentQueue"
	noSource      = "CouldNotDetermineMessageSource"
)

// moveTask is a task that moves messages out of a queue. They become new messages, whose ids are not seen before they are
// received.
type moveTask struct {
	request *wire.StartMessageMoveTaskRequest
	handle  string // empty while it was never observed
	started wire.Time
	last    int // place of the last message that is the task's; those that came later are not
	toMove  int // messages that were visible when it started
	status  string
	failure string
	step    wire.Time // when it goes on, if it does
	waits   bool      // it goes on when moves to other groups are settled
	moved   int       // messages that have arrived
	pending int       // messages on their way to other groups
}

func (t *moveTask) isActive() bool {
	return t.status == wire.MoveTaskRunning || t.status == wire.MoveTaskCancelling
}

// pace is how many messages the task moves in a step, and after how many ms the next one comes: a tenth of a second's at
// once, so that there are no more than the rate in a second.
func (t *moveTask) pace() (count int, interval wire.Time) {
	rate := int(t.request.MaxNumberOfMessagesPerSecond.Or(defaultRate))
	count = max(1, rate/10)
	return count, wire.Time((count*1000 + rate - 1) / rate)
}

// later sets when the task goes on.
func (t *moveTask) later(now wire.Time) {
	_, interval := t.pace()
	t.waits, t.step = false, now+interval
}

// active is the task of a queue that is not over, nil if there is none.
func (q *queueState) active() *moveTask {
	if n := len(q.tasks); n > 0 && q.tasks[n-1].isActive() {
		return q.tasks[n-1]
	}
	return nil
}

// due is when the task goes on, if it does.
func (t *moveTask) due() wire.Time {
	if t.status != wire.MoveTaskRunning || t.waits {
		return never
	}
	return t.step
}

// stepTask moves messages, the oldest one first, as many as the task moves at once.
func (s *Spec) stepTask(q *queueState, t *moveTask) {
	count, _ := t.pace()
	t.later(s.now)
	for size := 0; ; count-- {
		m := s.taskNext(q, t)
		if m == nil || count == 0 || size >= maxStepBytes {
			return
		}
		size += len(m.content.MessageBody)
		s.moveAnew(m, t)
	}
}

// taskNext is the message that a task moves next. There is none if the task is over or waits; if no message is left that
// it may move, it comes to that.
func (s *Spec) taskNext(q *queueState, t *moveTask) *message {
	if t.status != wire.MoveTaskRunning || t.waits {
		return nil
	}
	available := q.available(s.now)
	if q.fifo != nil {
		available = slices.Concat(q.walks(s.now)...)
		slices.SortFunc(available, func(a, b *message) int { return cmp.Compare(a.place, b.place) })
	}
	if len(available) > 0 && available[0].place <= t.last {
		return available[0]
	}
	if t.waits = t.pending > 0; !t.waits {
		t.status = wire.MoveTaskCompleted
	}
	return nil
}

// targetOf is the queue that a task moves a message to: its destination, or where the message came from.
func (t *moveTask) targetOf(m *message) string {
	arn := m.source
	if t.request.DestinationARN != "" {
		arn = t.request.DestinationARN
	}
	_, _, name, _ := wire.ParseARN(arn)
	return name
}

// moveAnew moves a message for a task, which fails or waits if that cannot be done.
func (s *Spec) moveAnew(m *message, t *moveTask) {
	target := t.targetOf(m)
	local := s.isLocal(target)
	switch {
	case target == "":
		t.status, t.failure = wire.MoveTaskFailed, noSource
	case local && s.queue(target) == nil:
		t.status, t.failure = wire.MoveTaskFailed, noDestination
	case local:
		s.end(m, redriven)
		s.arriveAnew(s.queue(target), m)
		t.moved++
	case s.underway() >= min(maxUnderway, s.config.MaxInFlight):
		t.waits = true
	default:
		s.sendAway(&parcel{message: m, target: target, stays: m.stays, task: t})
		t.pending++
	}
}

// arriveAnew adds a message to a queue as a new one. It is visible at once.
func (s *Spec) arriveAnew(q *queueState, from *message) {
	m := &message{queue: q, id: s.unseenID(), content: from.content, sentAt: s.now, visibleAt: s.now, fate: stored, moved: true}
	if q.fifo != nil {
		m.floor = q.fifo.last
	}
	s.append(m)
}

// settleTask takes note of what became of a message that a task sent to another group.
func (s *Spec) settleTask(p *parcel, accepted bool) {
	t := p.task
	if t == nil {
		return
	}
	t.pending--
	switch {
	case accepted:
		t.moved++
	case t.status == wire.MoveTaskRunning:
		t.status, t.failure = wire.MoveTaskFailed, noDestination
	}
	if t.status == wire.MoveTaskCancelling && t.pending == 0 {
		t.status = wire.MoveTaskCancelled
	}
}

// resumeTasks lets tasks go on that wait for moves to be settled, but not faster than their pace.
func (s *Spec) resumeTasks() {
	for _, q := range s.queues {
		if t := q.active(); t != nil && t.waits && t.status == wire.MoveTaskRunning {
			t.waits, t.step = false, max(t.step, s.now+1)
		}
	}
}

// underway is how many messages are on their way to other groups.
func (s *Spec) underway() (n int) {
	for _, h := range s.sent { // order: a sum
		n += len(h.sent) - h.settled
	}
	return n
}
