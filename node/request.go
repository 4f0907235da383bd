package node

import (
	"time"

	"sqsd/node/queue"
	"sqsd/wire"
)

// stage is where a request is on its way.
type stage uint8

const (
	// stageParked: waiting for a leader.
	stageParked stage = iota
	// stageForwarded: at another replica, which leads.
	stageForwarded
	// stageWaiting: to be proposed.
	stageWaiting
	// stageProposed: in the log, undecided.
	stageProposed
	// stageReading: waiting for a read confirmation.
	stageReading
	// stagePolling: a receive in its queue's line.
	stagePolling
	// stageAsking: waiting for answers of other groups.
	stageAsking
	// stageDone: answered.
	stageDone
)

// request is a call on its way through this replica: a client's call at the replica that it was submitted to (call is
// set), a call that another replica forwarded (from is set), or a command of the replica's own (neither is).
type request struct {
	req  wire.Request
	raw  []byte // req, encoded
	call *Call

	from     NodeID // and at the leader: who forwarded it,
	fromBoot uint64 // in which life,
	fromID   uint64 // under which id

	stage   stage
	gone    bool          // the client has gone: nobody may be given what it asked for
	arrived time.Duration // at the first replica, on this replica's monotonic clock

	// At the replica that the call was submitted to.
	deadline   time.Duration // for its answer; once it is abandoned, for a late one from where it was forwarded to
	grace      time.Duration // while it is forwarded to a leader of the past: for that one's answer
	prev, next *request      // in the list of calls
	sentID     uint64        // id under which it was forwarded
	sentTo     NodeID        // the leader then
	sentTerm   uint64        // its term
	part       bool          // another group's question: answered from this group alone
	asked      []uint64      // questions to other groups

	// At the leader.
	size      int    // of the command, in bytes
	pollOrder uint64 // rank among the polls, by arrival at the leader; 0 before that
	pollEnd   time.Duration
	pollIndex int       // in the heap of poll ends; -1 if not there
	line      queue.ID  // of the queue
	claim     int       // messages that the proposed receive may take
	limit     int32     // that the client asked for
	asOf      wire.Time // what is due until then must have happened before it is read
	empty     bool      // at emptyAt there was nothing to receive
	emptyAt   Position
}

// callState is what the replica keeps of a call.
type callState struct{ request request }

// calls of clients are kept in a list in order of arrival, which deadlines are checked on.
type callTable struct {
	head   request // of a ring
	parked []*request
}

func (t *callTable) init() {
	t.head.prev, t.head.next = &t.head, &t.head
}

func (t *callTable) add(q *request) {
	q.prev, q.next = t.head.prev, &t.head
	q.prev.next, q.next.prev = q, q
}

func (t *callTable) remove(q *request) {
	if q.next != nil {
		q.prev.next, q.next.prev = q.next, q.prev
		q.prev, q.next = nil, nil
	}
}

// each calls f for every call in order of arrival. f may remove the call it is given.
func (t *callTable) each(f func(*request)) {
	for q := t.head.next; q != &t.head; {
		next := q.next
		f(q)
		q = next
	}
}

// start takes a call in.
func (r *Replica) start(c *Call) {
	q := &c.request
	q.req, q.call, q.pollIndex = c.Request, c, -1
	q.arrived = r.elapsed()
	q.deadline = q.arrived + r.cfg.CallTimeout + longestWait(c.Request)
	r.calls.add(q)
	q.raw = queue.AppendCommand(nil, q.req)
	switch {
	case r.isRemoved() && !r.lead.ready:
		r.finish(q, unavailable("this node was removed from the cluster"))
	case !q.part && gathered(q.req):
		r.gather(q)
	case !q.part && needsOthers(q.req):
		r.precheck(q)
	default:
		r.route(q)
	}
}

// longestWait is how long a receive may wait at most; a queue's own wait time, unknown here, counts as the maximum.
func longestWait(req wire.Request) time.Duration {
	if r, ok := req.(*wire.ReceiveMessageRequest); ok {
		return time.Duration(r.WaitTimeSeconds.Or(wire.MaxWaitTimeSeconds)) * time.Second
	}
	return 0
}

// route takes a request to the leader, or parks it while there is none.
func (r *Replica) route(q *request) {
	switch {
	case r.lead.ready:
		r.serve(q)
	case r.lead.leader != 0 && r.lead.leader != r.cfg.Node && q.call != nil:
		r.forward(q)
	default:
		q.stage = stageParked
		r.calls.parked = append(r.calls.parked, q)
	}
}

// retryParked routes parked requests again, after a change of leader and at every tick.
func (r *Replica) retryParked() {
	parked := r.calls.parked
	r.calls.parked = nil
	for _, q := range parked {
		switch {
		case q.stage != stageParked:
		case q.gone, q.call == nil && !r.lead.leading:
			r.reject(q)
		default:
			r.route(q)
		}
	}
}

// serve handles a request at the leader.
func (r *Replica) serve(q *request) {
	switch {
	case q.isReceive():
		r.serveReceive(q)
	case isRead(q.req):
		r.read(q)
	default:
		r.enqueue(q)
	}
}

// isRead says whether a request changes nothing.
func isRead(req wire.Request) bool {
	switch req.(type) {
	case *wire.GetQueueURLRequest, *wire.ListQueuesRequest, *wire.GetQueueAttributesRequest, *wire.ListQueueTagsRequest,
		*wire.ListDeadLetterSourceQueuesRequest, *wire.ListMessageMoveTasksRequest:
		return true
	}
	return false
}

// finish answers a request.
func (r *Replica) finish(q *request, res Result) {
	q.stage = stageDone
	switch {
	case q.gone:
		r.releaseAll(q, res)
		r.giveBack(q)
	case q.call != nil:
		r.calls.remove(q)
		q.call.Done(res)
	case q.from != 0:
		r.send(q.from, replyFrame{boot: q.fromBoot, id: q.fromID, result: res}.encode(frameReply))
	}
	q.forget()
}

// forget lets go of what was asked: a forwarded call is remembered for a while after its answer, its text need not be.
func (q *request) forget() {
	q.raw = nil
	if q.from != 0 {
		q.req = nil
	}
}

// giveBack says to who forwarded a call that it gets no other answer.
func (r *Replica) giveBack(q *request) {
	if q.from != 0 {
		r.send(q.from, rejectFrame{boot: q.fromBoot, id: q.fromID, empty: q.empty, at: q.emptyAt}.encode())
	}
}

// reject gives a request back that has had no effect and will have none here.
func (r *Replica) reject(q *request) {
	switch {
	case q.call != nil && !q.gone:
		q.stage = stageParked
		r.calls.parked = append(r.calls.parked, q)
	default:
		q.stage = stageDone
		r.giveBack(q)
		q.forget()
	}
}

// releaseAll makes messages visible again that were taken for a client that has gone. Those of a receive that can be repeated
// stay: the client may have asked for them once more under its ReceiveRequestAttemptId, and have them.
func (r *Replica) releaseAll(q *request, res Result) {
	got, ok := res.Response.(*wire.ReceiveMessageResponse)
	if !ok || len(got.Messages) == 0 {
		return
	}
	receive := q.req.(*wire.ReceiveMessageRequest)
	if wire.IsFIFO(receive.Name) && receive.ReceiveRequestAttemptID != "" {
		r.env.Host.Mark("messages of a client that has gone left for its next attempt")
		return
	}
	r.env.Host.Mark("release messages of a client that has gone")
	cmd := &queue.ReleaseCommand{QueueName: receive.Name}
	for _, m := range got.Messages {
		cmd.Handles = append(cmd.Handles, m.ReceiptHandle)
	}
	r.start(&Call{Request: cmd, Done: func(Result) {}})
}

// cancel ends a call whose client has gone.
func (r *Replica) cancel(c *Call) {
	if q := &c.request; q.call != nil && q.stage != stageDone {
		r.abandon(q, unavailable("the client has gone"))
	}
}

// abandon answers a call while its request may still be on its way.
func (r *Replica) abandon(q *request, res Result) {
	r.calls.remove(q)
	q.gone = true
	q.deadline = r.elapsed() + r.cfg.CallTimeout
	switch q.stage {
	case stageForwarded:
		r.send(q.sentTo, cancelFrame{r.boot, q.sentID}.encode())
	case stagePolling:
		r.leaveLine(q)
		q.stage = stageDone
	case stageParked:
		q.stage = stageDone
	case stageAsking:
		q.stage = stageDone
		r.asks.forget(q)
	}
	q.call.Done(res)
}

// expireCalls ends the calls whose time is up.
func (r *Replica) expireCalls() {
	now := r.elapsed()
	r.calls.each(func(q *request) {
		switch {
		case now < q.deadline && !(q.stage == stageForwarded && q.grace != 0 && q.grace <= now):
		case q.stage == stageParked && q.empty:
			// The last leader found nothing to receive, and there is no leader to ask again.
			r.abandon(q, Result{Response: &wire.ReceiveMessageResponse{}, At: q.emptyAt})
		default:
			r.abandon(q, unavailable("no answer from the group's leader in time; the request may have been executed"))
		}
	})
	r.relay.forget(now)
}

func unavailable(why string) Result {
	return Result{Err: wire.Errorf(wire.ServiceUnavailable, "The service is not available: %s.", why)}
}
