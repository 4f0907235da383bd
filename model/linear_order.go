package model

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"

	"sqsd/wire"
)

// checkOrder checks that no message of a standard queue is received while one of the same tenant that was sent before it
// is certainly visible and passed over. Messages of different tenants are received in any order (fair queues). The tenant
// is what the message group id says; all messages without one are of the same.
func checkOrder(s *survey) (vs []*Violation) {
	for _, q := range s.queues {
		if wire.IsFIFO(q.name) {
			continue // see checkGroups
		}
		periods := map[string][]*shown{}
		for _, p := range s.shown[q.name] {
			if p.message.out != nil {
				periods[p.message.group()] = append(periods[p.message.group()], p)
			}
		}
		receipts := s.ownReceipts(q.name)
		for _, tenant := range slices.Sorted(maps.Keys(receipts)) {
			vs = append(vs, checkTenant(periods[tenant], receipts[tenant])...)
		}
	}
	return vs
}

// checkTenant checks the order in which messages of one tenant were received.
func checkTenant(periods []*shown, receipts []*receipt) (vs []*Violation) {
	slices.SortStableFunc(periods, func(a, b *shown) int { return cmp.Compare(a.from, b.from) })
	slices.SortStableFunc(receipts, func(a, b *receipt) int { return cmp.Compare(a.op.Call, b.op.Call) })
	var waiting oldestFirst
	for _, r := range receipts {
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
			vs = append(vs, violated(Linearizable, m.queue, m.id, "passed over: visible since %d ns, but message %s, sent after it, "+
				"was received by a call at %d ns", waiting[0].from, r.of.id, r.op.Call).by(m.send.ID, r.of.send.ID, r.op.ID))
		}
	}
	return vs
}

// ownReceipts are the receipts of the messages that are known to have come to a queue, by tenant.
func (s *survey) ownReceipts(queue string) map[string][]*receipt {
	all := map[string][]*receipt{}
	for _, m := range s.messages {
		if m.queue == queue && m.send != nil && m.out != nil {
			all[m.group()] = append(all[m.group()], m.receipts...)
		}
	}
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
