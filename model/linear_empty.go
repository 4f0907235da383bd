package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

// shown is a period in which a message was certainly visible: from an instant at which it had become so until the first
// call that may have taken it away.
type shown struct {
	from, until int64
	message     *sighting
	next        *receipt // the receipt that ended it, if that is what did
}

// checkEmpty checks that no receive is answered with nothing while a message is certainly there, and that long polls
// are answered soon after a message has certainly come. Where faults disturb the servers a long poll may end empty at
// any time. At the limit of messages in flight it is not decidable from outside, and neither is it where a receive may
// have moved as many messages to the dead-letter queue as it may.
func checkEmpty(s *survey) (vs []*Violation) {
	for _, q := range s.queues {
		if most := s.h.Config.MaxInFlight; most > 0 && len(q.received) >= most {
			continue
		}
		all := slices.Clone(s.shown[q.name])
		slices.SortStableFunc(all, func(a, b *shown) int { return cmp.Compare(a.from, b.from) })
		longest := longestPrefixes(all)
		moves := s.possibleMoves(q.name)
		for _, o := range q.empties {
			if v := s.shortPoll(q, o); v != nil {
				vs = append(vs, v)
			}
			if moves.between(s.lookedAt(q, o), o.Return) >= maxMoves {
				continue // they may have ended the receive
			}
			if v := s.falselyEmpty(q, o, all, longest); v != nil {
				vs = append(vs, v)
			}
		}
		for _, p := range all {
			if v := s.late(q, p); v != nil {
				vs = append(vs, v)
			}
		}
	}
	return vs
}

// longestPrefixes says for every place which of the periods up to there ends last.
func longestPrefixes(all []*shown) []int {
	longest := make([]int, len(all))
	for i := range all {
		longest[i] = i
		if i > 0 && all[longest[i-1]].until >= all[i].until {
			longest[i] = longest[i-1]
		}
	}
	return longest
}

// shortPoll judges a long poll that was answered with nothing: it must have waited as long as it may, as far as the servers'
// clocks go right.
func (s *survey) shortPoll(q *queueSurvey, o *Operation) *Violation {
	wait := int64(o.Request.(*wire.ReceiveMessageRequest).WaitTimeSeconds.Or(0)) * second
	if s.h.Promptness == 0 || s.disturbedFrom(o, o.Call) || o.Return-o.Call >= wait-wait/50 {
		return nil
	}
	return violated(Prompt, q.name, "", "nothing was received from %d to %d ns, but the call may wait %d ns",
		o.Call, o.Return, wait).by(o.ID)
}

// lookedAt is since when a receive that was answered with nothing must not have missed a message: a long poll may have begun
// long before.
func (s *survey) lookedAt(q *queueSurvey, o *Operation) int64 {
	if s.h.Promptness > 0 && q.mayWait(o.Request.(*wire.ReceiveMessageRequest)) {
		return max(o.Call, o.Return-s.h.Promptness)
	}
	return o.Call
}

func (s *survey) falselyEmpty(q *queueSurvey, o *Operation, all []*shown, longest []int) *Violation {
	since := s.lookedAt(q, o)
	if q.mayWait(o.Request.(*wire.ReceiveMessageRequest)) && s.disturbedFrom(o, since) {
		return nil
	}
	n, _ := slices.BinarySearchFunc(all, since+1, func(p *shown, at int64) int { return cmp.Compare(p.from, at) })
	if n == 0 || all[longest[n-1]].until <= o.Return {
		return nil
	}
	p := all[longest[n-1]]
	return violated(Prompt, q.name, p.message.id,
		"nothing was received from %d to %d ns, but this message is visible since %d ns "+
			"and nobody took it before %d ns", o.Call, o.Return, p.from, p.until).by(p.message.send.ID, o.ID)
}

// late judges the receipt that ended a period: a long poll must not have waited on with the message there.
func (s *survey) late(q *queueSurvey, p *shown) *Violation {
	if p.next == nil || p.next.op.unheard || s.h.Promptness == 0 {
		return nil
	}
	o := p.next.op
	if s.disturbedFrom(o, max(o.Call, p.from)) || !q.mayWait(o.Request.(*wire.ReceiveMessageRequest)) {
		return nil
	}
	if o.Return-max(o.Call, p.from) <= s.h.Promptness {
		return nil
	}
	return violated(Prompt, q.name, p.message.id,
		"received at %d ns by a call at %d ns, but visible since %d ns", o.Return, o.Call,
		p.from).by(p.message.send.ID, o.ID)
}

// disturbedFrom says that an operation began in a disturbance, or that there was one between an instant and its answer. One
// that was over before the instant is no excuse.
func (s *survey) disturbedFrom(o *Operation, since int64) bool {
	return slices.ContainsFunc(s.h.Disturbed, func(d Span) bool {
		return d.From <= o.Call && o.Call <= d.To || since <= d.To && d.From <= o.Return
	})
}

// findShown finds the periods of all messages, by queue. A message of a FIFO queue counts as visible while it is certainly
// the first one of its group.
func (s *survey) findShown() {
	s.shown = map[string][]*shown{}
	for _, m := range s.messages {
		if !wire.IsFIFO(m.queue) {
			s.shown[m.queue] = append(s.shown[m.queue], s.shownPeriods(m)...)
		}
	}
	unclear := map[groupName]bool{} // a message may stand anywhere in the group
	for _, m := range s.messages {
		if _, known := s.hasPlace(m); m.id != "" && wire.IsFIFO(m.queue) && !known {
			for _, group := range m.groups() {
				unclear[groupName{m.queue, group}] = true
			}
		}
	}
	for _, group := range s.groups() {
		if unclear[groupName{group[0].queue, group[0].group()}] {
			continue
		}
		alone := int64(0) // from then on all messages before the next one are certainly gone
		for _, m := range group {
			for _, p := range s.shownPeriods(m) {
				if p.from = max(p.from, alone); p.from < p.until || p.next != nil {
					s.shown[m.queue] = append(s.shown[m.queue], p)
				}
			}
			alone = max(alone, s.removedBy(m))
		}
	}
}

// shownPeriods are the periods after the send and after each receipt in which a message was certainly visible.
func (s *survey) shownPeriods(m *sighting) (all []*shown) {
	if m.send == nil {
		return nil
	}
	q := s.byQueue[m.queue]
	gone := s.removableFrom(m)
	if len(q.unseen) > 0 {
		gone = min(gone, q.unseen[0]) // from then on somebody may hold it without knowing
	}
	if m.acked {
		p := &shown{from: m.send.Return + q.delayOf(m.out).most + s.h.Tolerance, until: gone, message: m}
		p.endAt(m.receipts)
		all = append(all, p)
	}
	for i, r := range m.receipts {
		if i+1 < len(m.receipts) && !r.before(m.receipts[i+1]) {
			break // which one was first is not known
		}
		p := &shown{from: r.heldAtMost() + s.h.Tolerance, until: gone, message: m}
		p.endAt(m.receipts[i+1:])
		all = append(all, p)
	}
	return slices.DeleteFunc(all, func(p *shown) bool { return p.from < 0 || p.from >= p.until && p.next == nil })
}

// endAt ends a period with the first of the receipts that may have ended it. The first in order is what did end it if it
// is the first that was called.
func (p *shown) endAt(receipts []*receipt) {
	for i, r := range receipts {
		if r.op.Call < p.until {
			p.until, p.next = r.op.Call, nil
			if i == 0 {
				p.next = r
			}
		}
	}
}

// heldAtMost is a time at which a receipt has certainly stopped holding its message; negative if that is not known.
func (r *receipt) heldAtMost() int64 {
	settings := []setting{{r.op, r.most}}
	for _, u := range r.uses {
		if u.deleting || u.result == refused {
			continue
		}
		if u.op.Unknown {
			return -Never
		}
		settings = append(settings, setting{u.op, u.most})
	}
	at := int64(0)
	for _, s := range settings {
		if !s.replaced(settings, Never) {
			at = max(at, s.op.Return+s.timeout)
		}
	}
	return at
}
