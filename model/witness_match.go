package model

import (
	"cmp"
	"maps"
	"slices"

	"sqsd/wire"
)

// matching says which operation is which commit.
type matching struct {
	groups []*groupLog
	owner  map[int]int // place in History.Commits → place in History.Operations
	// resolved are operations of unknown outcome that must be a commit, because nothing else asked for it.
	resolved   map[int]int // place in History.Operations → place in History.Commits
	violations []*Violation
}

// identity names one proposed command for ever.
type identity struct {
	group               uint32
	proposer, boot, seq uint64
}

func (w *Witness) identity() identity { return identity{w.Group, w.Proposer, w.Boot, w.Seq} }

// match finds the commit of every operation, and an operation for every commit that changed something.
func match(h *History) *matching {
	m := &matching{owner: map[int]int{}, resolved: map[int]int{}}
	m.gather(h)
	commits := m.identify(h)
	for i := range h.Operations {
		if o := &h.Operations[i]; o.At != nil && !o.Unknown && !o.At.Read {
			m.claim(h, i, commits)
		}
	}
	m.assign(h)
	return m
}

// gather sorts commits and reads by group and place.
func (m *matching) gather(h *History) {
	groups := map[uint32]*groupLog{}
	group := func(id uint32) *groupLog {
		if groups[id] == nil {
			groups[id] = &groupLog{id: id}
		}
		return groups[id]
	}
	for i := range h.Commits {
		g := group(h.Commits[i].At.Group)
		if n := len(g.commits); n > 0 && comparePlaces(&h.Commits[g.commits[n-1]].At, &h.Commits[i].At) >= 0 {
			at := h.Commits[i].At
			m.violations = append(m.violations, violated(OneEffect, queueOf(h.Commits[i].Request), "",
				"%s was applied at index %d.%d of group %d, which had been passed", h.Commits[i].Request.Action(), at.Index, at.Sub, at.Group))
			continue
		}
		g.commits = append(g.commits, i)
	}
	for i := range h.Operations {
		if o := &h.Operations[i]; o.At != nil && !o.Unknown && o.At.Read {
			g := group(o.At.Group)
			g.reads = append(g.reads, i)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(groups)) {
		g := groups[id]
		slices.SortStableFunc(g.reads, func(a, b int) int {
			return cmp.Compare(h.Operations[a].At.Index, h.Operations[b].At.Index)
		})
		m.groups = append(m.groups, g)
	}
}

// identify finds commits by what was proposed. A proposal that is in the log twice was applied twice.
func (m *matching) identify(h *History) map[identity]int {
	commits := map[identity]int{}
	for i := range h.Commits {
		c := &h.Commits[i]
		if !isClients(c.Request) {
			continue
		}
		id := c.At.identity()
		if first, twice := commits[id]; twice {
			m.violations = append(m.violations, violated(OneEffect, queueOf(c.Request), sentID(c.Response),
				"one %s was applied twice, at index %d and at index %d of group %d", c.Request.Action(),
				h.Commits[first].At.Index, c.At.Index, c.At.Group))
			continue
		}
		commits[id] = i
	}
	return commits
}

// claim finds the commit of a completed operation and compares the two.
func (m *matching) claim(h *History, operation int, commits map[identity]int) {
	o := &h.Operations[operation]
	queue := queueOf(o.Request)
	i, ok := commits[o.At.identity()]
	if !ok {
		p := Linearizable
		if o.succeeded() {
			p = Durable
		}
		m.report(violated(p, queue, sentID(o.Response),
			"%s was answered %s, but the log has no such command at index %d of group %d",
			o.Request.Action(), describeAnswer(answer{response: o.Response, err: o.Err}), o.At.Index, o.At.Group).by(o.ID))
		return
	}
	c := &h.Commits[i]
	if other, taken := m.owner[i]; taken {
		m.report(violated(Linearizable, queue, "", "two calls of %s were answered with one effect", o.Request.Action()).
			by(h.Operations[other].ID, o.ID))
		return
	}
	m.owner[i] = operation
	switch {
	case *o.At != c.At:
		m.report(violated(Linearizable, queue, "",
			"%s was said to be at %+v, the log has it at %+v", o.Request.Action(), *o.At, c.At).by(o.ID))
	case !sameRequest(o.Request, c.Request):
		m.report(violated(NothingSilent, queue, "", "asked for %s, the log has %s", describeRequest(o.Request),
			describeRequest(c.Request)).by(o.ID))
	case !sameAnswer(o, c):
		m.report(violated(Linearizable, queue, "", "%s was answered %s, the state machine had answered %s", o.Request.Action(),
			describeAnswer(answer{response: o.Response, err: o.Err}), describeAnswer(answer{response: c.Response, err: c.Err})).by(o.ID))
	}
}

func (m *matching) report(v *Violation) { m.violations = append(m.violations, v) }

// assign gives every commit that changed something and that nobody has claimed to an operation that may be it, the
// earliest call to the earliest commit. What is left over was asked for by nobody.
func (m *matching) assign(h *History) {
	byCall := make([]int, 0, len(h.Operations))
	for i := range h.Operations {
		if o := &h.Operations[i]; o.Unknown || o.At == nil && o.Err == nil {
			byCall = append(byCall, i)
		}
	}
	slices.SortStableFunc(byCall, func(a, b int) int { return cmp.Compare(h.Operations[a].Call, h.Operations[b].Call) })
	waiting := map[string][]int{} // by request, places in History.Operations, by call
	for _, i := range byCall {
		key := wish(h.Operations[i].Request)
		waiting[key] = append(waiting[key], i)
	}
	for i := range h.Commits {
		c := &h.Commits[i]
		if _, claimed := m.owner[i]; claimed || !c.changed() {
			continue
		}
		key := wish(c.Request)
		if all := waiting[key]; len(all) > 0 {
			m.owner[i], m.resolved[all[0]] = all[0], i
			waiting[key] = all[1:]
			continue
		}
		m.report(unasked(h, c, key))
	}
}

// wish is what a request asks for. A leader may propose a receive for fewer messages than its client would take, to
// serve other waiting receives too, so their number is left out.
func wish(req wire.Request) string {
	if r, ok := req.(*wire.ReceiveMessageRequest); ok {
		any := *r
		any.MaxNumberOfMessages = wire.OptInt{}
		return describeRequest(&any)
	}
	return describeRequest(req)
}

// sameRequest says that a command in the log is what a client asked for.
func sameRequest(asked, logged wire.Request) bool {
	if a, ok := asked.(*wire.ReceiveMessageRequest); ok {
		l, ok := logged.(*wire.ReceiveMessageRequest)
		if !ok || l.MaxNumberOfMessages.Or(1) > a.MaxNumberOfMessages.Or(1) {
			return false
		}
	}
	return wish(asked) == wish(logged)
}

// changed says that a command of a client may have changed the state.
func (c *Commit) changed() bool {
	if c.Err != nil || !isClients(c.Request) {
		return false
	}
	if _, ok := c.Request.(*wire.ReceiveMessageRequest); ok {
		got, ok := c.Response.(*wire.ReceiveMessageResponse)
		return !ok || len(got.Messages) > 0
	}
	return !looks(c.Request)
}

// looks says that a request never changes anything.
func looks(req wire.Request) bool {
	switch req.(type) {
	case *wire.GetQueueAttributesRequest, *wire.GetQueueURLRequest, *wire.ListQueuesRequest, *wire.ListQueueTagsRequest,
		*wire.ListDeadLetterSourceQueuesRequest, *wire.ListMessageMoveTasksRequest:
		return true
	}
	return false
}

// isClients says that a command came from a client rather than from the server itself.
func isClients(req wire.Request) bool {
	switch req.(type) {
	case *Release, *Accept, *Settle:
		return false
	}
	return req.Action() != "Tick"
}

// unasked explains a commit that changed something and belongs to no operation.
func unasked(h *History, c *Commit, key string) *Violation {
	for i := range h.Operations {
		o := &h.Operations[i]
		if wish(o.Request) != key {
			continue
		}
		if o.Err != nil {
			return violated(Linearizable, queueOf(c.Request), sentID(c.Response),
				"%s was answered %s, but took effect at index %d of group %d", key, o.Err.Code.Query(), c.At.Index, c.At.Group).by(o.ID)
		}
		return violated(OneEffect, queueOf(c.Request), sentID(c.Response),
			"%s took effect once more, at index %d of group %d", key, c.At.Index, c.At.Group).by(o.ID)
	}
	return violated(Linearizable, queueOf(c.Request), sentID(c.Response),
		"%s took effect at index %d of group %d, but nobody asked for it",
		key, c.At.Index, c.At.Group)
}

// sentID is the message that an answer speaks of, if it speaks of one.
func sentID(resp wire.Response) string {
	switch r := resp.(type) {
	case *wire.SendMessageResponse:
		return r.MessageID
	case *wire.ReceiveMessageResponse:
		if len(r.Messages) > 0 {
			return r.Messages[0].MessageID
		}
	}
	return ""
}
