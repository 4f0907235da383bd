package queue

import (
	"fmt"
	"math/rand/v2"

	"github.com/tidwall/btree"

	"sqsd/wire"
)

// Config is what a machine is told besides its entries. It must be the same on all replicas, apart from Mark.
type Config struct {
	// Account and Region appear in queue ARNs.
	Account, Region string
	// Group is the number of the machine's group, and GroupOf is that of the group that a queue name belongs to; it must
	// be the same function for ever. If it is nil all names belong to this group.
	Group   uint32
	GroupOf func(queueName string) uint32
	// Mark is told when a rare situation was reached, by one of the names in Marks. It may be nil.
	Mark func(name string)
}

// Machine holds the queues of one raft group.
//
// The log is applied in rounds: for each entry Begin and then Apply for each of its commands, and after some entries
// Flush. The store's batch may be committed after Flush only. Reads ([Machine.Read] and the smaller ones) may come at
// any time between commands.
type Machine struct {
	store  Store
	config Config
	err    error
	random *rand.ChaCha8

	groupRecord
	queues map[ID]*queue
	names  btree.Map[string, *queue]
	timers heap[*queue] // by when something happens in them next
	graves []grave      // in the order of the deletions
	buried map[string]grave

	post    post
	inboxes []inbox  // by group
	busy    []*queue // that have an active move task

	unsaved bool     // the group record
	dirty   []*queue // whose counts are not saved
	changed []ID     // since the last call of Changed
	ahead   ahead

	taken      []*delivery // scratch, like those below
	key, value []byte
}

// Open loads what the store holds of the group's queues: everything but their backlogs.
func Open(store Store, config Config) (*Machine, error) {
	m := &Machine{
		store:  store,
		config: config,
		random: rand.NewChaCha8([32]byte{}),
		queues: map[ID]*queue{},
		buried: map[string]grave{},
		timers: heap[*queue]{less: dueBefore, slot: timerSlot},
	}
	m.groupRecord = groupRecord{limits: DefaultLimits(), nextID: 1}
	m.load()
	return m, m.err
}

// Begin starts a log entry: time goes on to the entry's, with everything that is due until then, and the generator
// starts from the entry's seed.
func (m *Machine) Begin(s Stamp) {
	if m.err != nil {
		return
	}
	m.random.Seed(s.Seed)
	m.unsaved = true
	m.limit(s.Limits)
	m.advance(s.Time)
}

// limit puts an entry's limits into force.
func (m *Machine) limit(l Limits) {
	if l == m.limits {
		return
	}
	m.limits = l
	m.names.Scan(func(_ string, q *queue) bool {
		m.notice(q)
		return true
	})
}

// Apply carries out one command of the entry. If want is false nobody waits for the answer here: the state changes
// exactly the same, but the result may be incomplete, and no bodies are read for it.
func (m *Machine) Apply(cmd wire.Request, want bool) Result {
	if m.err != nil {
		return broken()
	}
	result := m.apply(cmd, want)
	if m.err != nil {
		return broken()
	}
	return result
}

func (m *Machine) apply(cmd wire.Request, want bool) Result {
	name, missing := "", wire.NoSuchQueue()
	switch c := cmd.(type) {
	case *TickCommand:
		return done()
	case *wire.ListDeadLetterSourceQueuesRequest:
		return m.Read(c)
	case *AcceptCommand:
		return m.accept(c)
	case *SettleCommand:
		return m.settle(c)
	case *wire.CreateQueueRequest:
		return m.createQueue(c)
	case *ReleaseCommand:
		name = c.QueueName
	case wire.QueueRequest:
		name = c.Ref().Name
	default:
		if name, _ = taskSource(cmd); name == "" {
			return m.Read(cmd)
		}
		missing = noTaskSource()
	}
	q, ok := m.names.Get(name)
	if !ok {
		return refused(missing)
	}
	result, ok := m.change(q, cmd, want)
	if !ok {
		return m.Read(cmd)
	}
	m.touch(q)
	return result
}

// change carries out a command that changes a queue; ok is false if it is not one.
func (m *Machine) change(q *queue, cmd wire.Request, want bool) (result Result, ok bool) {
	switch c := cmd.(type) {
	case *wire.SendMessageRequest:
		return m.sendMessage(q, c, want), true
	case *wire.SendMessageBatchRequest:
		return m.sendMessageBatch(q, c, want), true
	case *wire.ReceiveMessageRequest:
		return m.receiveMessage(q, c, want), true
	case *wire.DeleteMessageRequest:
		return m.deleteMessage(q, c), true
	case *wire.DeleteMessageBatchRequest:
		return m.deleteMessageBatch(q, c), true
	case *wire.ChangeMessageVisibilityRequest:
		return m.changeVisibility(q, c), true
	case *wire.ChangeMessageVisibilityBatchRequest:
		return m.changeVisibilityBatch(q, c), true
	case *ReleaseCommand:
		return m.release(q, c), true
	case *wire.PurgeQueueRequest:
		return m.purgeQueue(q), true
	case *wire.SetQueueAttributesRequest:
		return m.setQueueAttributes(q, c), true
	case *wire.DeleteQueueRequest:
		return m.deleteQueue(q), true
	case *wire.TagQueueRequest:
		return m.tagQueue(q, c), true
	case *wire.UntagQueueRequest:
		return m.untagQueue(q, c), true
	case *wire.AddPermissionRequest:
		return m.addPermission(q, c), true
	case *wire.RemovePermissionRequest:
		return m.removePermission(q, c), true
	case *wire.StartMessageMoveTaskRequest:
		return m.startMoveTask(q, c), true
	case *wire.CancelMessageMoveTaskRequest:
		return m.cancelMoveTask(q, c), true
	}
	return Result{}, false
}

// Flush ends a round: what the round's entries changed in counters and time goes into the store's batch.
func (m *Machine) Flush() {
	if m.err != nil {
		return
	}
	for i, q := range m.dirty {
		if !q.deleted {
			m.saveCounts(q)
		}
		q.dirty = false
		m.dirty[i] = nil
	}
	m.dirty = m.dirty[:0]
	if m.post.posted {
		m.value = m.post.append(m.value[:0])
		m.store.Set(postKey, m.value)
		m.post.posted = false
	}
	if m.unsaved {
		m.value = m.groupRecord.append(m.value[:0])
		m.store.Set(groupKey, m.value)
		m.unsaved = false
	}
}

// Err is the first error of the store or broken invariant. After it the machine does nothing more, and what it did in
// the round must not be committed.
func (m *Machine) Err() error { return m.err }

// Now is the replicated time.
func (m *Machine) Now() wire.Time { return m.now }

// check keeps an error of the store.
func (m *Machine) check(err error) {
	if err != nil && m.err == nil {
		m.err = fmt.Errorf("queue machine: %w", err)
	}
}

// breach stops the machine because an invariant does not hold.
func (m *Machine) breach(format string, args ...any) {
	m.check(fmt.Errorf("broken invariant: "+format, args...))
}

func done() Result                   { return Result{Response: wire.Empty{}} }
func refused(err *wire.Error) Result { return Result{Err: err} }

// broken is the answer of a machine that has stopped.
func broken() Result {
	return refused(wire.Errorf(wire.InternalFailure, "The queue has stopped because of an internal error."))
}
