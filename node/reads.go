package node

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/raft/v3"

	"sqsd/wire"
)

// readTable holds reads until a majority has confirmed that this replica still leads (ReadIndex). All reads that wait
// share one confirmation; those that come while one is under way share the next.
type readTable struct {
	waiting []*request
	asked   []*request // under confirmation
	context []byte     // of the confirmation under way; nil if none
	index   uint64     // from which on the asked reads may run; 0 while unconfirmed
	count   uint64     // of confirmations, which makes contexts unique
	// timed are reads of what depends on time that wait for a tick.
	timed []*request
}

// takeAll empties the table.
func (t *readTable) takeAll() []*request {
	all := append(append(t.asked, t.waiting...), t.timed...)
	*t = readTable{count: t.count}
	return all
}

// read puts a read in line.
func (r *Replica) read(q *request) {
	q.stage = stageReading
	r.reads.waiting = append(r.reads.waiting, q)
}

// askReads starts a confirmation and says whether it did.
func (r *Replica) askReads() bool {
	t := &r.reads
	if len(t.waiting) == 0 || t.context != nil || !r.lead.ready {
		return false
	}
	t.count++
	t.context = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, r.boot), t.count)
	t.asked, t.waiting, t.index = t.waiting, nil, 0
	r.raft.ReadIndex(t.context)
	return true
}

// askAgain starts the confirmation under way anew, after a change of the members: raft waits for those that there were, which
// for the last voter is for ever.
func (t *readTable) askAgain() {
	t.waiting = append(t.asked, t.waiting...)
	t.asked, t.context = nil, nil
}

// readConfirmed notes that the asked reads may run once the state holds the given entry.
func (r *Replica) readConfirmed(s raft.ReadState) {
	if t := &r.reads; t.context != nil && bytes.Equal(s.RequestCtx, t.context) {
		t.index = s.Index
		r.runReads()
	}
}

// runReads runs the confirmed reads if the state has come far enough.
func (r *Replica) runReads() {
	t := &r.reads
	if t.context == nil || t.index == 0 || r.applied.index < t.index {
		return
	}
	asked := t.asked
	t.asked, t.context = nil, nil
	for _, q := range asked {
		r.runRead(q)
	}
}

// runRead answers a read from the state as it is, which is known to be current. What depends on time is read after a
// tick has made everything happen that is due.
func (r *Replica) runRead(q *request) {
	due, any := r.machine.NextDue()
	switch {
	case q.gone:
		r.reject(q)
	case q.isReceive():
		r.foundNothing(q)
	case readsTime(q.req) && any && due <= r.now():
		q.asOf = r.now()
		r.reads.timed = append(r.reads.timed, q)
		r.tick()
	default:
		r.answerRead(q)
	}
}

// readsTime says whether what a request reads depends on time.
func readsTime(req wire.Request) bool {
	switch req.(type) {
	case *wire.GetQueueAttributesRequest, *wire.ListMessageMoveTasksRequest:
		return true
	}
	return false
}

func (r *Replica) answerRead(q *request) {
	res := r.machine.Read(q.req)
	if !r.sound() {
		return
	}
	r.finish(q, Result{Response: res.Response, Err: res.Err, At: r.here()})
}

// runTimed answers the reads that waited for a tick which has now been applied. A tick that was proposed before a read came
// is too early for it.
func (r *Replica) runTimed() {
	timed := r.reads.timed
	r.reads.timed = nil
	for _, q := range timed {
		switch {
		case q.gone:
			r.reject(q)
		case r.machine.Now() < q.asOf:
			r.reads.timed = append(r.reads.timed, q)
			r.tick()
		default:
			r.answerRead(q)
		}
	}
}
