package model

import (
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"

	"sqsd/wire"
)

// messageState is one message in porcupine's eyes: unsent, then visible or held, then gone. No instant is known, so it
// keeps bounds: nothing linearized so far took effect before lo, and a receipt made now ends its hold at lo plus the
// timeout at the earliest.
type messageState struct {
	sent bool
	// deleted says that the last handle that clients know of was used to delete. That had no effect if somebody whose
	// answer is unknown had received the message in between.
	deleted bool
	gone    bool   // purged, or its queue was deleted
	queue   bool   // gone with its queue: handles are invalid
	handle  string // of the last receipt
	count   int    // of receipts
	lo      int64
	until   int64 // the least time at which the message may be received
}

// messageInput is one operation on a message.
type messageInput struct {
	kind         inputKind
	call, finish int64 // the operation's interval
	handle       string
	count        int   // of a receipt; 0 if it was not asked for
	timeout      int64 // or delay: the least it may be, in ns
	result       outcome
	code         string
	// unseen says that another receipt may have been made before, by a receive of unknown outcome or in another queue.
	unseen bool
	again  bool // of a receipt: another receive had the same answer
	// mayExpire says that the message may have passed its retention.
	mayExpire bool
	// mayMove says that the message may have left its queue. Then a delete may have had no effect, and the message may have
	// come back.
	mayMove bool
	// mayReturn says that it may have left and come back, on a circle of redrive policies.
	mayReturn bool
	tolerance int64
}

type inputKind int

const (
	inSend inputKind = iota
	inReceive
	inDelete
	inChange
	inPurge
	inRemove
)

// messageModel is the automaton. Its steps are deterministic, apart from deletes: see messageState.deleted.
var messageModel = porcupine.Model{
	Init: func() any { return messageState{} },
	Step: func(state, input, _ any) (bool, any) {
		s := state.(messageState)
		in := input.(messageInput)
		s.lo = max(s.lo, in.call)
		ok := s.step(&in)
		return ok, s
	},
	Hash:              func(state any) uint64 { s := state.(messageState); return s.hash() },
	DescribeOperation: func(input, _ any) string { in := input.(messageInput); return in.String() },
	DescribeState:     func(state any) string { s := state.(messageState); return s.String() },
}

func (s *messageState) step(in *messageInput) bool {
	switch in.kind {
	case inSend:
		legal := !s.sent
		s.sent, s.until = true, s.lo+in.timeout
		return legal
	case inReceive:
		return s.receive(in)
	case inDelete:
		return s.delete(in)
	case inChange:
		return s.change(in)
	}
	s.gone = s.gone || s.sent
	s.queue = s.queue || s.sent && in.kind == inRemove
	return true
}

func (s *messageState) receive(in *messageInput) bool {
	if in.again && in.handle == s.handle { // a repeated receive, or the first one if that was the other
		s.until = s.lo + in.timeout
		return s.sent && !s.gone && !s.deleted
	}
	fresh := s.count + 1
	missed := in.count > fresh || in.count == 0 && in.unseen // there were receipts that nobody saw
	if in.mayReturn {                                        // it may have been in another queue then
		s.gone, s.queue = false, false
	}
	legal := s.sent && !s.gone && s.until <= in.finish+in.tolerance
	legal = legal && (!s.deleted || missed || in.mayMove) && (in.count == 0 || in.count == fresh || in.count > fresh && in.unseen)
	s.deleted, s.handle, s.count, s.until = false, in.handle, max(fresh, in.count), s.lo+in.timeout
	return legal
}

func (s *messageState) delete(in *messageInput) bool {
	current := in.handle == s.handle
	switch in.result {
	case refused:
		return s.queue || in.mayReturn || in.code != wire.ReceiptHandleIsInvalid.Query()
	case took:
		if s.queue {
			return false
		}
	}
	s.deleted = s.deleted || current && s.sent && !s.gone
	return true
}

func (s *messageState) change(in *messageInput) bool {
	current := in.handle == s.handle
	if in.result == refused {
		invalid := in.code == wire.ReceiptHandleIsInvalid.Query()
		return !invalid || !current || in.unseen || in.mayExpire || in.mayMove || s.deleted || s.gone
	}
	effective := current && s.sent && !s.gone && !s.deleted
	if effective {
		s.until = s.lo + in.timeout
	}
	return effective || in.result == open
}

func (s *messageState) hash() uint64 {
	return newHash().flag(s.sent).flag(s.deleted).flag(s.gone).flag(s.queue).text(s.handle).number(int64(s.count)).
		number(s.lo).number(s.until).sum()
}

// String is the operation for the page.
func (in *messageInput) String() string {
	results := map[outcome]string{took: "ok", refused: in.code, open: "unknown"}
	switch in.kind {
	case inSend:
		return fmt.Sprintf("send, delay %s: %s", seconds(in.timeout), results[in.result])
	case inReceive:
		return fmt.Sprintf("receive %d by %s for %s", in.count, shortHandle(in.handle), seconds(in.timeout))
	case inDelete:
		return fmt.Sprintf("delete %s: %s", shortHandle(in.handle), results[in.result])
	case inChange:
		return fmt.Sprintf("change %s to %s: %s", shortHandle(in.handle), seconds(in.timeout), results[in.result])
	case inPurge:
		return "purge: " + results[in.result]
	}
	return "delete queue: " + results[in.result]
}

// String is the state for the page.
func (s *messageState) String() string {
	switch {
	case !s.sent:
		return "not sent"
	case s.queue:
		return "gone with its queue"
	case s.gone:
		return "purged"
	case s.deleted:
		return fmt.Sprintf("deleted after receipt %d", s.count)
	case s.count == 0:
		return "visible from " + seconds(s.until)
	}
	return fmt.Sprintf("receipt %d by %s, held until %s", s.count, shortHandle(s.handle), seconds(s.until))
}

func seconds(ns int64) string { return fmt.Sprintf("%.3f s", float64(ns)/1e9) }

// messagePartitions makes a partition of every message that somebody received.
func messagePartitions(s *survey) (all []*Partition) {
	for _, m := range s.messages {
		if m.send == nil || len(m.receipts) == 0 {
			continue
		}
		p := &Partition{Queue: m.queue, Message: m.id, model: messageModel}
		q, returns := s.byQueue[m.queue], s.mayReturn(m)
		add := func(o *Operation, in messageInput) {
			in.call, in.finish, in.tolerance = o.Call, o.end(), s.h.Tolerance
			in.mayReturn = returns
			in.unseen = m.home != nil || returns || q.unseenBefore(in.finish) > 0 // counts go on from queue to queue
			in.mayMove = in.finish >= s.movableFrom(m)
			in.mayExpire = in.finish >= m.send.Call+q.retention.least-s.h.Tolerance
			p.add(o, in)
		}
		sent := messageInput{kind: inSend, result: m.send.outcome()}
		if m.home == nil && m.past == nil {
			sent.timeout = q.delayOf(m.out).least
		}
		add(m.send, sent)
		for _, r := range m.receipts {
			receipt := messageInput{kind: inReceive, handle: r.message.ReceiptHandle, count: r.count, timeout: r.least}
			receipt.again = slices.ContainsFunc(r.uses, func(u *use) bool { return u.again })
			add(r.op, receipt)
			for _, u := range r.uses {
				switch {
				case u.again && u.result == took:
					receipt.timeout = u.timeout
					add(u.op, receipt)
				case u.code != wire.QueueDoesNotExist.Query():
					add(u.op, u.input())
				}
			}
		}
		for _, b := range q.barriers {
			if b.end() >= m.send.Call {
				add(b, barrierInput(b))
			}
		}
		all = append(all, p)
	}
	return all
}

func (u *use) input() messageInput {
	in := messageInput{kind: inChange, handle: u.handle, timeout: u.timeout, result: u.result, code: u.code}
	if u.deleting {
		in.kind = inDelete
	}
	return in
}

func barrierInput(o *Operation) messageInput {
	in := messageInput{kind: inPurge, result: o.outcome()}
	if _, removal := o.Request.(*wire.DeleteQueueRequest); removal {
		in.kind = inRemove
	}
	return in
}
