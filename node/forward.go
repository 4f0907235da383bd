package node

import (
	"time"

	"sqsd/node/queue"
)

// relay keeps the calls that this replica forwarded to the leader, and at the leader the calls seen from others.
type relay struct {
	id    uint64              // of the last call forwarded
	sent  map[uint64]*request // by that id
	order []uint64            // ids of sent in rising order, some of them gone from it

	// sessions are the calls seen in the replica's last leadership, which was of a term. They make sure that a frame that
	// the network repeats is executed once, and that a call is not given back that another copy of the frame has brought.
	sessions map[session]*seenCalls
	term     uint64
	heard    map[NodeID]time.Duration // when a node last sent a frame
}

// session is one life of another replica.
type session struct {
	node NodeID
	boot uint64
}

type seenCalls struct {
	low   uint64 // the sender waits for no id below
	calls map[uint64]*request
}

func (h *relay) init() {
	h.sent = map[uint64]*request{}
	h.heard = map[NodeID]time.Duration{}
	h.sessions = map[session]*seenCalls{}
}

// forget lets go of abandoned calls whose late answer is not waited for any more. Should a copy of one be on its way, the leader
// takes it for seen.
func (h *relay) forget(now time.Duration) {
	for len(h.order) > 0 {
		q, ok := h.sent[h.order[0]]
		if ok && !(q.gone && q.deadline <= now) {
			return
		}
		delete(h.sent, h.order[0])
		h.order = h.order[1:]
	}
}

// forward sends a call to the leader.
func (r *Replica) forward(q *request) {
	h := &r.relay
	h.id++
	q.stage, q.grace, q.sentID, q.sentTo, q.sentTerm = stageForwarded, 0, h.id, r.lead.leader, r.lead.term
	h.sent[h.id] = q
	h.order = append(h.order, h.id)
	h.forget(r.elapsed())
	r.send(r.lead.leader, forwardFrame{
		term: r.lead.term, boot: r.boot, id: h.id, low: h.order[0],
		age: uint64((r.elapsed() - q.arrived) / time.Millisecond), raw: q.raw,
	}.encode())
}

// hurryForwarded is called after a change of leader. Calls that the old leader may or may not have executed get a last
// moment for its answer; reads go to the new one.
func (r *Replica) hurryForwarded(before uint64) {
	if len(r.relay.sent) == 0 || before == r.lead.term {
		return
	}
	grace := r.elapsed() + r.electionTimeout()/2
	r.calls.each(func(q *request) {
		switch {
		case q.stage != stageForwarded || q.sentTerm == r.lead.term:
		case isRead(q.req):
			delete(r.relay.sent, q.sentID)
			q.stage = stageParked
			r.calls.parked = append(r.calls.parked, q)
		default:
			q.grace = grace
		}
	})
}

// receiveForward takes a call that another replica forwarded to this one as leader of a term.
func (r *Replica) receiveForward(from NodeID, f forwardFrame) error {
	req, err := queue.DecodeCommand(f.raw)
	if err != nil {
		return err
	}
	q := &request{
		req: req, raw: f.raw, from: from, fromBoot: f.boot, fromID: f.id, pollIndex: -1,
		arrived: r.elapsed() - time.Duration(f.age)*time.Millisecond,
	}
	if f.term != r.relay.term {
		// What this node has seen in that leadership is forgotten, so that nobody can say what became of the call.
		r.env.Host.Mark("forwarded in a leadership that is forgotten")
		return nil
	}
	if r.seen(from, f, q) {
		r.env.Host.Mark("forwarded call repeated by the network")
		return nil
	}
	if !r.lead.leading {
		r.env.Host.Mark("forwarded to a node that does not lead")
		r.reject(q)
		return nil
	}
	r.route(q)
	return nil
}

// seen remembers a forwarded call and says whether it was seen before.
func (r *Replica) seen(from NodeID, f forwardFrame, q *request) bool {
	key := session{from, f.boot}
	s := r.relay.sessions[key]
	if s == nil {
		s = &seenCalls{calls: map[uint64]*request{}}
		r.relay.sessions[key] = s
	}
	if _, ok := s.calls[f.id]; ok || f.id < s.low {
		return true
	}
	s.calls[f.id] = q
	if f.low > s.low+256 {
		for id := range s.calls { // order: the entries below low go, in whatever order
			if id < f.low {
				delete(s.calls, id)
			}
		}
		s.low = f.low
	}
	return false
}

// receiveReply takes the leader's answer to a forwarded call.
func (r *Replica) receiveReply(f replyFrame) {
	q := r.relay.sent[f.id]
	if q == nil || f.boot != r.boot {
		return
	}
	delete(r.relay.sent, f.id)
	r.finish(q, f.result)
}

// receiveReject takes back a call that the node it was forwarded to will not execute.
func (r *Replica) receiveReject(f rejectFrame) {
	q := r.relay.sent[f.id]
	if q == nil || f.boot != r.boot {
		return
	}
	delete(r.relay.sent, f.id)
	if f.empty {
		q.empty, q.emptyAt = true, f.at
	}
	r.reject(q)
}

// receiveCancel ends the wait of a forwarded call whose client has gone.
func (r *Replica) receiveCancel(from NodeID, f cancelFrame) {
	s := r.relay.sessions[session{from, f.boot}]
	if s == nil || s.calls[f.id] == nil {
		return
	}
	switch q := s.calls[f.id]; q.stage {
	case stagePolling:
		r.leaveLine(q)
		r.reject(q)
	case stageDone:
		// The answer is on its way; who forwarded the call releases what came too late.
	default:
		q.gone = true // it is given back when what was done for it has been undone
	}
}

// heardLately says whether a node has sent something within two election timeouts. The replica's own node has.
func (h *relay) heardLately(r *Replica, node NodeID) bool {
	at, heard := h.heard[node]
	return node == 0 || node == r.cfg.Node || heard && r.elapsed()-at < 2*r.electionTimeout()
}
