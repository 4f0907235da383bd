package model

import (
	"cmp"
	"slices"

	"sqsd/wire"
)

// Step is one thing that happened to a message or a queue: a command of the log, a read, or a call of which neither is
// known.
type Step struct {
	// Commit and Operation are places in the history; -1 if there is none.
	Commit, Operation int
	// Asked and Answered are request and answer in one line each. The answer is the server's, whether the client heard it
	// or not; it is empty if it is not known.
	Asked, Answered string
	// Before and After are what the specification holds of the subject when the step comes and when it has been taken.
	Before, After State
	// Broken is what the specification finds wrong with the step, perhaps with another message. It follows the group no
	// further, unless the step only looked.
	Broken *Violation

	after int // place in History.Commits of the last command up to here in its group
}

// State is what the specification holds of a message or a queue at one place in the log. Times are replicated.
type State struct {
	// Known says whether the specification has come to this place and knows the subject there.
	Known bool
	Queue string
	// Fate of a message: visible, held or delayed while it is stored, else how it ended.
	Fate string
	// Until is when a held or delayed message becomes visible.
	Until wire.Time
	// Since is when it ended.
	Since wire.Time
	// Delivery is the number of the last delivery, and Handle its receipt handle if somebody has seen it.
	Delivery int
	Handle   string
	// Counts are those of the queue.
	Counts Counts
}

// Fates of a stored message.
const (
	Visible = "visible"
	Held    = "held"
	Delayed = "delayed"
)

// Tell is the story of a message, or of a queue if the message is empty: what the log and the calls of clients say of
// it. Steps that are in the log come first, in the order of History.Commits, with the reads between them; what is not
// known to have a place in it comes behind them, in the order of calls.
func Tell(h *History, queue, message string) []Step {
	t := &teller{h: h, subject: newSubject(h, queue, message), told: map[int]bool{}}
	m := match(h)
	replay(h, m, t)
	t.tellRest(m)
	slices.SortStableFunc(t.steps, func(a, b Step) int { return cmp.Compare(a.after, b.after) })
	return t.steps
}

// Evidence is an operation as a step of no story, for those that show what is wrong without being about the subject.
func Evidence(h *History, operation int) Step {
	t := &teller{h: h}
	return t.step(-1, operation)
}

// teller collects the steps of a story while groups are replayed.
type teller struct {
	h       *History
	subject *subject
	steps   []Step
	told    map[int]bool // by place in History.Commits
}

// around takes a step of a group's specification and notes it if it concerns the subject or changes it. Either commit or
// operation may be -1.
func (t *teller) around(r *groupReplay, commit, operation int, take func() *Violation) *Violation {
	if t == nil {
		return take()
	}
	step, at := t.step(commit, operation), wire.Time(0)
	if commit >= 0 {
		r.last, at = commit, t.h.Commits[commit].At.Time
	} else {
		at = t.h.Operations[operation].At.Time
	}
	step.Before = t.subject.state(r.spec, at)
	step.Broken = take()
	if step.Broken == nil {
		step.After = t.subject.state(r.spec, at)
	}
	changed := t.subject.message != "" && step.After.Known && step.Before != step.After
	if t.concerns(&step) || changed || step.Broken != nil && step.Before.Known {
		t.note(step, r.last)
	}
	return step.Broken
}

func (t *teller) note(s Step, after int) {
	s.after = after
	t.steps = append(t.steps, s)
	if s.Commit >= 0 {
		t.told[s.Commit] = true
	}
}

// step is a step without what the specification holds of it.
func (t *teller) step(commit, operation int) Step {
	s := Step{Commit: commit, Operation: operation}
	if commit >= 0 {
		c := &t.h.Commits[commit]
		s.Asked = describeRequest(c.Request)
		if c.Response != nil || c.Err != nil {
			s.Answered = describeAnswer(answer{response: c.Response, err: c.Err})
		}
		return s
	}
	o := &t.h.Operations[operation]
	s.Asked = describeRequest(o.Request)
	if !o.Unknown {
		s.Answered = describeAnswer(answer{response: o.Response, err: o.Err})
	}
	return s
}

func (t *teller) concerns(s *Step) bool {
	if s.Commit >= 0 {
		c := &t.h.Commits[s.Commit]
		return t.subject.concerns(c.Request, c.Response)
	}
	o := &t.h.Operations[s.Operation]
	return t.subject.concerns(o.Request, o.Response)
}

// tellRest adds what the specification did not come to, and operations without a place.
func (t *teller) tellRest(m *matching) {
	placed := map[int]bool{}
	for i := range t.h.Commits {
		operation, owned := m.owner[i]
		if !owned {
			operation = -1
		} else {
			placed[operation] = true
		}
		if s := t.step(i, operation); !t.told[i] && t.concerns(&s) {
			t.note(s, i)
		}
	}
	for _, s := range t.steps {
		if s.Operation >= 0 {
			placed[s.Operation] = true
		}
	}
	for i := range t.h.Operations {
		if s := t.step(-1, i); !placed[i] && t.concerns(&s) {
			t.note(s, len(t.h.Commits))
		}
	}
}
