package explain

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"sqsd/model"
	"sqsd/sim"
	"sqsd/wire"
)

// facts are where, when and by whom it was broken.
func (f *failure) facts() []Fact {
	phase := cmp.Or(f.index.phase(f.brokenAt), "start")
	facts := []Fact{{"When", fmt.Sprintf("%s, in phase %s of the run", since(f.brokenAt), phase)}}
	if where := f.where(); where != "" {
		facts = append(facts, Fact{"Where", where})
	}
	for _, id := range f.violation.Operations {
		if o := f.operation(id); o != nil && len(facts) < 7 {
			facts = append(facts, Fact{"Shown by", f.describe(o)})
		}
	}
	how := "the checks of what clients saw, when the run had ended"
	_, running := f.seenRunning()
	switch {
	case f.broken >= 0 && f.steps[f.broken].Broken != nil:
		how = "the replay of the log against the specification, when the run had ended"
	case running:
		how = "the simulator, while it ran"
	case len(f.report.Offending) > 0 && f.porcupineFound():
		how = "porcupine, which found no order of the operations that explains the answers"
	}
	return append(facts, Fact{"Found by", how}, Fact{"Run", f.report.Plan.String()})
}

// porcupineFound says that the violation is porcupine's, which names all operations of its partition.
func (f *failure) porcupineFound() bool {
	return strings.HasPrefix(f.violation.Text, "no order of its ")
}

// where is the place in the log and the leader then.
func (f *failure) where() string {
	var parts []string
	if f.violation.Queue != "" && f.group >= 0 {
		parts = append(parts, fmt.Sprintf("queue %s, group %d", f.violation.Queue, f.group))
	} else if f.group >= 0 {
		parts = append(parts, fmt.Sprintf("group %d", f.group))
	}
	if f.broken >= 0 && f.steps[f.broken].Broken != nil {
		s := &f.steps[f.broken]
		if s.commit != nil {
			parts = append(parts, fmt.Sprintf("command %d.%d of its log", s.commit.At.Index, s.commit.At.Sub))
		} else {
			parts = append(parts, fmt.Sprintf("a read after entry %d of its log", s.operation.At.Index))
		}
	}
	if leader := f.leader(f.brokenAt); leader != "" && f.group >= 0 {
		parts = append(parts, leader)
	}
	return strings.Join(parts, ", ")
}

// leader says who led the group at a time. Of several nodes that believed to lead, it names all.
func (f *failure) leader(at time.Duration) string {
	var leading []sim.Event
	drop := func(n sim.Event) {
		for i := range leading {
			if leading[i].Node == n.Node {
				leading = append(leading[:i:i], leading[i+1:]...)
				return
			}
		}
	}
	for _, e := range f.events {
		if e.At > at {
			break
		}
		switch {
		case e.Kind == sim.EventCrash, e.Kind == sim.EventFollows && int(e.Group) == f.group:
			drop(e)
		case e.Kind == sim.EventLeads && int(e.Group) == f.group:
			leading = append(leading, e)
		}
	}
	if len(leading) == 0 {
		return "no leader at that time"
	}
	var all []string
	for _, e := range leading {
		all = append(all, fmt.Sprintf("n%d leads in term %d since %s", e.Node, e.Number, since(e.At)))
	}
	return strings.Join(all, ", ")
}

// describe is an operation in one line.
func (f *failure) describe(o *model.Operation) string {
	text := fmt.Sprintf("%s, %s (operation %d", f.client(o.Client), o.Request.Action(), o.ID)
	if c := f.index.calls[o.ID]; c.node > 0 {
		text += fmt.Sprintf(" via n%d", c.node)
	}
	text += "): called at " + since(timeOf(o.Call))
	switch {
	case o.Unknown:
		return text + ", no answer"
	case o.Err != nil:
		return text + ", answered " + codeOf(o.Err) + " at " + since(timeOf(o.Return))
	}
	if r, ok := o.Response.(*wire.ReceiveMessageResponse); ok {
		return fmt.Sprintf("%s, answered at %s, messages: %d", text, since(timeOf(o.Return)), len(r.Messages))
	}
	return text + ", answered ok at " + since(timeOf(o.Return))
}
