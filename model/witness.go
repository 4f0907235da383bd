package model

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"sqsd/wire"
)

// Replay holds a history against the log: it runs every group's commits through a [Spec], evaluates reads at their
// place between them, and compares each operation with the commit that it claims. A history that passes is linearizable
// with the log as its order, because
//
//   - every commit and every read has the answer that the specification gives at that place;
//   - every completed operation that was recorded is one commit or one read, and no two are the same;
//   - commits that changed something and are no completed operation are operations of unknown outcome, one each;
//   - operations that followed each other in real time have their places in the same order.
//
// Where messages move between groups, the log of one is replayed no further than what the others were seen to do.
//
// It takes O(n log n) time. Replaying a group ends with its first violation, but for requests that only look.
func Replay(h *History) []*Violation { return replay(h, match(h), nil) }

// replay tells what happens to a teller, if there is one.
func replay(h *History, m *matching, tell *teller) []*Violation {
	vs := m.violations
	vs = append(vs, realTimeOrder(h.Operations)...)
	specs := newGroups(h.Config)
	var all []*groupReplay
	for _, group := range m.groups {
		all = append(all, &groupReplay{h: h, m: m, tell: tell, spec: specs.Spec(group.id), groupLog: *group, last: -1})
	}
	for goesOn := true; goesOn; {
		goesOn = false
		for _, r := range all {
			goesOn = r.run() || goesOn
		}
	}
	for _, r := range all {
		for _, v := range []*Violation{r.misread, r.violation} {
			if v != nil {
				vs = append(vs, v)
			}
		}
	}
	if len(vs) > 0 {
		return vs
	}
	for _, r := range all {
		if v := r.unfinished(); v != nil {
			vs = append(vs, v)
		}
	}
	return vs
}

// Judge says what an answer breaks that a replica gave to a command in the place of the one that the log has. It is nil if
// the specification finds nothing wrong with the answer, or if the log before it is wrong already.
func Judge(h *History, other *Commit) *Violation {
	i := slices.IndexFunc(h.Commits, func(c Commit) bool {
		return c.At.Group == other.At.Group && comparePlaces(&c.At, &other.At) == 0
	})
	alone := History{Config: h.Config, Commits: slices.Clone(h.Commits[:i])}
	for _, next := range []*Commit{nil, other} {
		if next != nil {
			alone.Commits = append(alone.Commits, *next)
		}
		m := &matching{}
		m.gather(&alone)
		if vs := replay(&alone, m, nil); len(vs) > 0 {
			if next == nil {
				return nil
			}
			return vs[0]
		}
	}
	return nil
}

// groupLog is what took place in one group.
type groupLog struct {
	id      uint32
	commits []int // places in History.Commits, in log order
	reads   []int // places in History.Operations, in log order
}

// groupReplay goes through the log of one group, as far as it can without the other groups.
type groupReplay struct {
	groupLog  // what is left of it
	h         *History
	m         *matching
	tell      *teller // nil if nobody listens
	spec      *Spec
	last      int        // place in History.Commits of the last command that the teller heard of
	misread   *Violation // the first wrong answer of what changes nothing: the specification goes on
	violation *Violation
}

// run goes on until a command needs what another group has not come to yet. It says whether it took a step.
func (r *groupReplay) run() (moved bool) {
	for ; r.violation == nil && len(r.commits) > 0; moved = true {
		i := r.commits[0]
		c := &r.h.Commits[i]
		if len(r.reads) > 0 && r.h.Operations[r.reads[0]].At.Index < c.At.Index {
			r.read()
			continue
		}
		if !r.spec.isReady(c.Request) {
			return moved
		}
		r.commits = r.commits[1:]
		owner, owned := r.m.owner[i]
		if !owned {
			owner = -1
		}
		if v := r.tell.around(r, i, owner, func() *Violation { return r.spec.commit(c) }); v != nil {
			v.Text += fmt.Sprintf(" (group %d, index %d.%d)", r.id, c.At.Index, c.At.Sub)
			if owned {
				v.by(r.h.Operations[owner].ID)
			}
			r.violation = v
		}
	}
	for ; r.violation == nil && len(r.reads) > 0; moved = true {
		r.read()
	}
	return moved
}

func (r *groupReplay) read() {
	read := r.reads[0]
	r.reads = r.reads[1:]
	o := &r.h.Operations[read]
	v := r.tell.around(r, -1, read, func() *Violation {
		return cmp.Or(r.spec.read(o, len(r.m.groups)), r.spec.overdue(o, r.h.timeOfCall(o)))
	})
	if looks(o.Request) {
		r.misread = cmp.Or(r.misread, v)
	} else {
		r.violation = v
	}
}

// unfinished says what a group waits for in vain: a command that needs what no other group did, or, when everything was
// drained, the end of a move.
func (r *groupReplay) unfinished() *Violation {
	if len(r.commits) > 0 {
		c := &r.h.Commits[r.commits[0]]
		return violated(OnePlace, "", "", "%s at index %d.%d of group %d is about moves that no group made or answered",
			describeRequest(c.Request), c.At.Index, c.At.Sub, r.id)
	}
	if m := r.spec.unsettled(); m != nil && r.h.DrainedAt > 0 {
		return violated(Live, m.queue.name, m.id, "on its way to another group since %d, and never came to an end", m.fateAt)
	}
	return nil
}

// commit steps over one command. One that was refused as ServiceUnavailable has no effect.
func (s *Spec) commit(c *Commit) *Violation {
	if c.Err != nil && c.Err.Code == wire.ServiceUnavailable {
		return s.step(c.At.Time, &Tick{}, answer{})
	}
	return s.step(c.At.Time, c.Request, answer{response: c.Response, err: c.Err, seen: true})
}

// read evaluates an operation that is not in the log. A listing gathers from all groups, so that one group alone can
// only judge it if there is no other.
func (s *Spec) read(o *Operation, groups int) *Violation {
	switch o.Request.(type) {
	case *wire.ListQueuesRequest, *wire.ListDeadLetterSourceQueuesRequest:
		if groups > 1 {
			return nil
		}
	}
	if got, ok := o.Response.(*wire.ReceiveMessageResponse); ok && len(got.Messages) > 0 {
		return violated(OneHolder, queueOf(o.Request), got.Messages[0].MessageID, "delivered without a command in the log").by(o.ID)
	}
	moves := s.moves
	v := s.step(o.At.Time, o.Request, answer{response: o.Response, err: o.Err, seen: true})
	if v == nil && s.moves > moves {
		v = violated(Linearizable, queueOf(o.Request), "", "a message was due for the dead-letter queue, but was not moved")
	}
	if v != nil {
		v.Text += fmt.Sprintf(" (read in group %d after index %d)", o.At.Group, o.At.Index)
		v.by(o.ID)
	}
	return v
}

// realTimeOrder checks that of two operations in one group, the one that was called after the other had returned does
// not come before it in the log.
func realTimeOrder(operations []Operation) []*Violation {
	var placed []*Operation
	for i := range operations {
		if o := &operations[i]; o.At != nil && !o.Unknown {
			placed = append(placed, o)
		}
	}
	byCall := slices.Clone(placed)
	slices.SortFunc(byCall, func(a, b *Operation) int { return cmp.Or(cmp.Compare(a.Call, b.Call), a.ID-b.ID) })
	byReturn := placed
	slices.SortFunc(byReturn, func(a, b *Operation) int { return cmp.Or(cmp.Compare(a.Return, b.Return), a.ID-b.ID) })
	var vs []*Violation
	last := map[uint32]*Operation{} // by group, the furthest of those that have returned
	for _, o := range byCall {
		for len(byReturn) > 0 && byReturn[0].Return < o.Call {
			r := byReturn[0]
			if l := last[r.At.Group]; l == nil || comparePlaces(l.At, r.At) < 0 {
				last[r.At.Group] = r
			}
			byReturn = byReturn[1:]
		}
		if l := last[o.At.Group]; l != nil && comparePlaces(o.At, l.At) < 0 {
			vs = append(vs, violated(Linearizable, queueOf(o.Request), "",
				"%s was called at %d ns, after %s had returned at %d ns, but took effect before it: at index %d, not %d or later",
				o.Request.Action(), o.Call, l.Request.Action(), l.Return, o.At.Index, l.At.Index).by(l.ID, o.ID))
		}
	}
	return vs
}

// comparePlaces orders places of one group. A read comes after all commands of its entry.
func comparePlaces(a, b *Witness) int {
	switch {
	case a.Index != b.Index:
		return cmp.Compare(a.Index, b.Index)
	case a.Read && b.Read:
		return 0
	case a.Read:
		return 1
	case b.Read:
		return -1
	}
	return cmp.Compare(a.Sub, b.Sub)
}

// sameAnswer compares what a client got with what the state machine answered. Texts of errors do not matter.
func sameAnswer(o *Operation, c *Commit) bool {
	if o.Err != nil || c.Err != nil {
		return o.Err != nil && c.Err != nil && o.Err.Code == c.Err.Code
	}
	if isEmpty(o.Response) && isEmpty(c.Response) || reflect.DeepEqual(o.Response, c.Response) {
		return true
	}
	if reflect.TypeOf(o.Response) != reflect.TypeOf(c.Response) || isEmpty(o.Response) {
		return false
	}
	// Codecs do not tell empty lists from absent ones; neither does a printed value.
	return printed(o.Response) == printed(c.Response)
}

func isEmpty(resp wire.Response) bool {
	switch resp.(type) {
	case nil, wire.Empty, *wire.Empty:
		return true
	}
	return false
}

func printed(resp wire.Response) string {
	return fmt.Sprintf("%+v", reflect.Indirect(reflect.ValueOf(resp)).Interface())
}
