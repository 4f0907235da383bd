package model

import (
	"cmp"
	"container/heap"
	"slices"

	"sqsd/wire"
)

// checkOrder checks that no message is received while one that was sent before it is certainly visible and passed over.
// One with a message group id may be passed over (fair queues).
func checkOrder(s *survey) (vs []*Violation) {
	for _, q := range s.queues {
		if wire.IsFIFO(q.name) {
			continue // see checkGroups
		}
		periods := slices.DeleteFunc(slices.Clone(s.shown[q.name]), func(p *shown) bool {
			return p.message.out != nil && p.message.out.MessageGroupID != ""
		})
		slices.SortStableFunc(periods, func(a, b *shown) int { return cmp.Compare(a.from, b.from) })
		var waiting oldestFirst
		for _, r := range s.firstCalled(q.name) {
			for len(periods) > 0 && periods[0].from <= r.op.Call {
				heap.Push(&waiting, periods[0])
				periods = periods[1:]
			}
			for len(waiting) > 0 && waiting[0].until <= r.op.Call {
				heap.Pop(&waiting)
			}
			// The oldest message stands for all others. If it may have gone during the receive, nothing is said.
			if len(waiting) == 0 || waiting[0].until <= r.op.Return {
				continue
			}
			if m := waiting[0].message; m.send.Return < r.of.send.Call {
				vs = append(vs, violated(Linearizable, q.name, m.id, "passed over: visible since %d ns, but message %s, sent after it, "+
					"was received by a call at %d ns", waiting[0].from, r.of.id, r.op.Call).by(m.send.ID, r.of.send.ID, r.op.ID))
			}
		}
	}
	return vs
}

// firstCalled are the receipts of a queue's own messages by call.
func (s *survey) firstCalled(queue string) (all []*receipt) {
	for _, m := range s.messages {
		if m.queue == queue && m.send != nil {
			all = append(all, m.receipts...)
		}
	}
	slices.SortStableFunc(all, func(a, b *receipt) int { return cmp.Compare(a.op.Call, b.op.Call) })
	return all
}

// oldestFirst is a heap of periods by the end of their message's send.
type oldestFirst []*shown

func (h oldestFirst) Len() int { return len(h) }
func (h oldestFirst) Less(i, j int) bool {
	return h[i].message.send.end() < h[j].message.send.end()
}
func (h oldestFirst) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *oldestFirst) Push(x any)   { *h = append(*h, x.(*shown)) }
func (h *oldestFirst) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
