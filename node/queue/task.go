package queue

import (
	"encoding/binary"
	"fmt"
	"slices"

	"sqsd/wire"
)

// task is a message move task. A queue keeps its last ones; only the newest can be active.
type task struct {
	number      uint64 // among the tasks of its queue, from 1 on
	id          messageID
	sourceARN   string
	destination string // ARN; empty if messages go back to where they came from
	rate        wire.OptInt
	started     wire.Time
	// end is where messages that were sent later stand: those are not the task's.
	end    position
	toMove uint64 // messages that were visible when it started
	taskProgress
}

// taskProgress is what changes while a task goes on.
type taskProgress struct {
	status  taskStatus
	failure taskFailure
	step    wire.Time // when it goes on, unless it waits or is over
	waits   bool      // for moves to be settled
	moved   uint64    // messages that have arrived
	pending uint64    // messages on their way to other groups
}

// taskStatus is how a task stands. The numbers are for ever.
type taskStatus byte

const (
	taskRunning taskStatus = iota + 1
	taskCompleted
	taskCancelling
	taskCancelled
	taskFailed
)

var taskStatusNames = [...]string{
	taskRunning: wire.MoveTaskRunning, taskCompleted: wire.MoveTaskCompleted,
	taskCancelling: wire.MoveTaskCancelling, taskCancelled: wire.MoveTaskCancelled, taskFailed: wire.MoveTaskFailed,
}

// taskFailure is why a task failed. The numbers are for ever.
type taskFailure byte

const (
	failedNot taskFailure = iota
	failedNoSource
	failedNoDestination
)

var taskFailureNames = [...]string{
	failedNoSource:      "CouldNotDetermineMessageSource",
	failedNoDestination: "AWS.SimpleQueueService.NonExistentQueue",
}

// maxTasks is how many tasks a queue keeps: as many as can be listed.
const maxTasks = wire.MaxMoveTaskResults

// due is when the task goes on, or never.
func (t *task) due() wire.Time {
	if t.status != taskRunning || t.waits {
		return never
	}
	return t.step
}

func (t *task) isActive() bool { return t.status == taskRunning || t.status == taskCancelling }

// pace is how many messages the task moves in a step, and how long after it the next one comes, so that there are no
// more than its rate in a second.
func (t *task) pace() (count int, interval wire.Time) {
	rate := int(t.rate.Or(wire.MaxMoveRate))
	count = max(1, rate/10)
	return count, wire.Time((count*1000 + rate - 1) / rate)
}

func (t *task) append(dst []byte) []byte {
	dst = append(appendRecord(dst), t.id[:]...)
	dst = appendOptInt(appendString(appendString(dst, t.sourceARN), t.destination), t.rate)
	dst = binary.AppendUvarint(appendPlace(appendTime(dst, t.started), t.end), t.toMove)
	dst = appendBool(appendTime(append(dst, byte(t.status), byte(t.failure)), t.step), t.waits)
	return binary.AppendUvarint(binary.AppendUvarint(dst, t.moved), t.pending)
}

func parseTask(key, value []byte) (*task, error) {
	number, ok := parseNumber(key, queueKeyLen)
	if !ok {
		return nil, fmt.Errorf("task key: %w", errShort)
	}
	t := &task{number: number}
	r := openRecord(string(value))
	copy(t.id[:], r.take(len(t.id)))
	t.sourceARN, t.destination, t.rate = r.string(), r.string(), r.optInt()
	t.started, t.end, t.toMove = r.time(), r.place(), r.uvarint()
	t.status, t.failure, t.step = taskStatus(r.byte()), taskFailure(r.byte()), r.time()
	t.waits, t.moved, t.pending = r.bool(), r.uvarint(), r.uvarint()
	if t.status == 0 || int(t.status) >= len(taskStatusNames) || int(t.failure) >= len(taskFailureNames) {
		r.fail(errNumber)
	}
	return t, closeRecord(&r, "task")
}

// activeTask is the queue's task that is not over, nil if there is none.
func (q *queue) activeTask() *task {
	if n := len(q.tasks); n > 0 && q.tasks[n-1].isActive() {
		return q.tasks[n-1]
	}
	return nil
}

// addTask makes a task the newest one of its queue, and forgets the oldest if there are too many.
func (m *Machine) addTask(q *queue, t *task) {
	t.number = 1
	if n := len(q.tasks); n > 0 {
		t.number = q.tasks[n-1].number + 1
	}
	q.tasks = append(q.tasks, t)
	if len(q.tasks) > maxTasks {
		m.store.Delete(taskKey(m.key[:0], q.id, q.tasks[0].number))
		q.tasks = slices.Clone(q.tasks[1:])
	}
	m.busy = append(m.busy, q)
	m.saveTask(q, t)
}

func (m *Machine) saveTask(q *queue, t *task) {
	m.value = t.append(m.value[:0])
	m.store.Set(taskKey(m.key[:0], q.id, t.number), m.value)
}

// endTask makes a task one that is over.
func (m *Machine) endTask(q *queue, t *task, s taskStatus) {
	t.status = s
	m.idle(q)
}

// idle says that a queue has no active task any more.
func (m *Machine) idle(q *queue) {
	m.busy = slices.DeleteFunc(m.busy, func(other *queue) bool { return other == q })
}

// removeTasks forgets the tasks of a queue that is deleted.
func (m *Machine) removeTasks(q *queue) {
	for _, t := range q.tasks {
		m.store.Delete(taskKey(m.key[:0], q.id, t.number))
	}
	m.idle(q)
}

// NextUrgent is the earliest time at which a move task goes on: unlike other things that happen by time, it cannot wait
// until somebody looks.
func (m *Machine) NextUrgent() (wire.Time, bool) {
	at := never
	for _, q := range m.busy {
		if t := q.activeTask(); t != nil {
			at = min(at, t.due())
		}
	}
	return at, at != never
}
