package node

import (
	"container/heap"
	"slices"
	"time"

	"sqsd/node/queue"
	"sqsd/wire"
)

// pollTable holds the receives that wait for messages, at the leader.
type pollTable struct {
	lines map[queue.ID]*line
	ends  pollHeap
	order uint64 // rank of the last arrival
	count int    // of waiting receives
	// claims counts what all lines together have claimed.
	claims int
	// stale are lines to look at again, because a receive took less than it had claimed or goes on waiting.
	stale []queue.ID
}

// line is the receives of one queue, first come first served.
type line struct {
	waiters []*request // by pollOrder
	// claimed counts the messages that proposed receives may take; they are not offered to others meanwhile.
	claimed int
}

func (t *pollTable) init() { t.lines = map[queue.ID]*line{} }

// takeAll empties the table, in order of arrival.
func (t *pollTable) takeAll() []*request {
	all := append([]*request(nil), t.ends...)
	slices.SortFunc(all, func(a, b *request) int { return int(int64(a.pollOrder) - int64(b.pollOrder)) })
	for _, q := range all {
		q.pollIndex = -1
	}
	*t = pollTable{lines: map[queue.ID]*line{}, order: t.order}
	return all
}

func (t *pollTable) line(id queue.ID) *line {
	l := t.lines[id]
	if l == nil {
		l = &line{}
		t.lines[id] = l
	}
	return l
}

// claimed is how many messages of a queue are promised to receives in the log.
func (t *pollTable) claimed(id queue.ID) int {
	if l := t.lines[id]; l != nil {
		return l.claimed
	}
	return 0
}

// drop forgets a line that nobody needs.
func (t *pollTable) drop(id queue.ID) {
	if l := t.lines[id]; l != nil && len(l.waiters) == 0 && l.claimed == 0 {
		delete(t.lines, id)
	}
}

func (q *request) isReceive() bool {
	_, ok := q.req.(*wire.ReceiveMessageRequest)
	return ok
}

// serveReceive proposes a receive if it would find something. One that would not is not worth a log entry; that it finds
// nothing must be confirmed.
func (r *Replica) serveReceive(q *request) {
	if q.pollOrder == 0 {
		r.polls.order++
		q.pollOrder = r.polls.order
		q.limit = q.req.(*wire.ReceiveMessageRequest).MaxNumberOfMessages.Or(1)
	}
	if !r.tryTake(q) {
		r.read(q)
	}
}

// tryTake proposes a receive, or puts it in line behind proposed ones, if there is something to receive.
func (r *Replica) tryTake(q *request) bool {
	req := q.req.(*wire.ReceiveMessageRequest)
	id, ok := r.machine.Lookup(req.Name)
	if !ok {
		return false
	}
	q.line = id
	q.pollEnd = q.arrived + time.Duration(req.WaitTimeSeconds.Or(r.machine.WaitSeconds(id)))*time.Second
	visible := r.machine.Visible(id)
	switch {
	case r.machine.Repeats(req):
		r.take(q, int(q.limit))
	case visible == 0 && !r.visibleByNow(id):
		return false
	case visible > 0 && visible <= r.polls.claimed(id) && r.elapsed() < q.pollEnd:
		q.empty = false
		r.joinLine(q)
	default:
		r.take(q, int(q.limit))
	}
	return true
}

// visibleByNow says whether a message of the queue becomes visible once the replicated time is moved to now.
func (r *Replica) visibleByNow(id queue.ID) bool {
	due, ok := r.machine.NextVisible(id)
	return ok && due <= r.now()
}

// foundNothing continues with a receive whose leader is confirmed. It waits if its client wants that.
func (r *Replica) foundNothing(q *request) {
	if r.tryTake(q) {
		return
	}
	_, ok := r.machine.Lookup(q.req.(*wire.ReceiveMessageRequest).Name)
	if !ok || r.elapsed() >= q.pollEnd {
		r.answerRead(q)
		return
	}
	q.empty, q.emptyAt = true, r.here()
	r.joinLine(q)
}

// joinLine puts a receive in its queue's line, by its rank.
func (r *Replica) joinLine(q *request) {
	q.stage = stagePolling
	l := r.polls.line(q.line)
	at, _ := slices.BinarySearchFunc(l.waiters, q.pollOrder, func(w *request, order uint64) int {
		return int(int64(w.pollOrder) - int64(order))
	})
	l.waiters = slices.Insert(l.waiters, at, q)
	heap.Push(&r.polls.ends, q)
	r.polls.count++
}

// leaveLine takes a receive out of its line.
func (r *Replica) leaveLine(q *request) {
	l := r.polls.line(q.line)
	if at := slices.Index(l.waiters, q); at >= 0 {
		l.waiters = slices.Delete(l.waiters, at, at+1)
	}
	if q.pollIndex >= 0 {
		heap.Remove(&r.polls.ends, q.pollIndex)
	}
	r.polls.count--
	r.polls.drop(q.line)
}

// take proposes a receive of at most n messages.
func (r *Replica) take(q *request, n int) {
	req := q.req.(*wire.ReceiveMessageRequest)
	if int32(n) != req.MaxNumberOfMessages.Or(1) {
		limited := *req
		limited.MaxNumberOfMessages = wire.Int(int32(n))
		q.req = &limited
		q.raw = queue.AppendCommand(nil, &limited)
	}
	q.claim = n
	r.polls.line(q.line).claimed += n
	r.polls.claims += n
	r.enqueue(q)
}

// unclaim takes back what a receive had claimed.
func (r *Replica) unclaim(q *request) {
	if q.claim == 0 {
		return
	}
	if l := r.polls.lines[q.line]; l != nil {
		l.claimed = max(0, l.claimed-q.claim)
		r.polls.claims -= q.claim
		if len(l.waiters) > 0 {
			r.polls.stale = append(r.polls.stale, q.line)
		}
		r.polls.drop(q.line)
	}
	q.claim = 0
}

// received settles a receive that was applied. One that came too late for the messages goes on waiting, in the line of the
// queue that has the name now: the one that it was proposed for may be gone.
func (r *Replica) received(q *request, res Result) {
	r.unclaim(q)
	got, ok := res.Response.(*wire.ReceiveMessageResponse)
	if !ok || len(got.Messages) > 0 || q.gone || !r.lead.leading {
		r.finish(q, res)
		return
	}
	id, ok := r.machine.Lookup(q.req.(*wire.ReceiveMessageRequest).Name)
	if !ok || r.elapsed() >= q.pollEnd {
		r.finish(q, res)
		return
	}
	r.env.Host.Mark("receive overtaken, waits on")
	q.line, q.empty, q.emptyAt = id, true, res.At
	r.joinLine(q)
	r.polls.stale = append(r.polls.stale, id) // there may be more behind what it moved to a dead-letter queue
}

// wakePolls offers messages that have become visible to the receives in line.
func (r *Replica) wakePolls() {
	r.serveStale()
	r.machine.Changed(r.serveLine)
}

func (r *Replica) serveStale() {
	stale := r.polls.stale
	r.polls.stale = nil
	for _, id := range stale {
		r.serveLine(id)
	}
}

// serveLine proposes receives for as many waiters as there are messages. If there are more messages than waiters,
// every waiter may take its share of them.
func (r *Replica) serveLine(id queue.ID) {
	l := r.polls.lines[id]
	if l == nil || len(l.waiters) == 0 {
		return
	}
	if name, _ := queueName(l.waiters[0].req); !r.sameQueue(name, id) {
		r.endLine(l)
		return
	}
	free := r.machine.Visible(id) - l.claimed
	for free > 0 && len(l.waiters) > 0 {
		q := l.waiters[0]
		n := min(int(q.limit), max(1, free/len(l.waiters)))
		r.leaveLine(q)
		if !r.relay.heardLately(r, q.from) {
			r.env.Host.Mark("poll of a silent node ended")
			r.reject(q)
			continue
		}
		r.take(q, n)
		free -= n
		l = r.polls.line(id)
	}
}

func (r *Replica) sameQueue(name string, id queue.ID) bool {
	now, ok := r.machine.Lookup(name)
	return ok && now == id
}

// endLine serves the receives of a queue that was deleted as if they came now: the name may have been created again.
func (r *Replica) endLine(l *line) {
	for len(l.waiters) > 0 {
		q := l.waiters[0]
		r.leaveLine(q)
		q.empty = false
		r.serveReceive(q)
	}
}

// expirePolls answers the receives whose wait is over.
func (r *Replica) expirePolls() {
	now := r.elapsed()
	for len(r.polls.ends) > 0 && r.polls.ends[0].pollEnd <= now {
		q := r.polls.ends[0]
		r.leaveLine(q)
		if q.empty {
			r.finish(q, Result{Response: &wire.ReceiveMessageResponse{}, At: q.emptyAt})
		} else {
			r.read(q) // it never saw its queue empty; one last look
		}
	}
}

// pollHeap orders waiting receives by the end of their wait.
type pollHeap []*request

func (h pollHeap) Len() int { return len(h) }
func (h pollHeap) Less(i, j int) bool {
	if h[i].pollEnd != h[j].pollEnd {
		return h[i].pollEnd < h[j].pollEnd
	}
	return h[i].pollOrder < h[j].pollOrder
}
func (h pollHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pollIndex, h[j].pollIndex = i, j
}
func (h *pollHeap) Push(x any) {
	q := x.(*request)
	q.pollIndex = len(*h)
	*h = append(*h, q)
}
func (h *pollHeap) Pop() any {
	old := *h
	q := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	q.pollIndex = -1
	return q
}
