package explain

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"sqsd/model"
	"sqsd/sim"
	"sqsd/wire"
)

// sentence says what happened in one sentence. Details are what does not fit into one, such as a stack.
func (f *failure) sentence() (sentence, details string) {
	first, details, _ := strings.Cut(f.violation.Text, "\n")
	if told := cmp.Or(f.givenAway(), f.answeredWrongly(first)); told != "" {
		return told, details
	}
	details = f.words.plain(details)
	text := strings.TrimRight(f.words.plain(first), ".:")
	if f.violation.Queue == "" {
		return upper(text) + ".", details
	}
	text = fmt.Sprintf("%s: %s", upper(f.subject()), text)
	if f.broken < 0 || f.steps[f.broken].Broken == nil {
		return text + ".", details
	}
	s := &f.steps[f.broken]
	return fmt.Sprintf("%s. It shows in the answer to the %s that %s called at %s.", text, s.request().Action(), f.who(s),
		since(f.called(s))), details
}

// givenAway is the sentence for a message that was handed out when it must not be; empty if that is not what happened.
func (f *failure) givenAway() string {
	if f.broken < 0 || f.violation.Message == "" {
		return ""
	}
	s := &f.steps[f.broken]
	given := false
	for _, m := range s.received() {
		given = given || m.MessageID == f.violation.Message
	}
	if !given || !s.Before.Known || s.Broken == nil {
		return ""
	}
	text := fmt.Sprintf("%s was given to %s at %s", upper(f.subject()), f.who(s), since(s.at))
	since := since(replicated(s.Before.Since))
	switch s.Before.Fate {
	case model.Held:
		return text + " while it was " + f.state(s.Before) + "."
	case model.Delayed:
		return text + " although it was " + f.state(s.Before) + "."
	case "deleted":
		return fmt.Sprintf("%s although %s had deleted it at %s.", text, f.deleter(), since)
	case "purged":
		return text + " although it had been purged at " + since + "."
	case "expired":
		return text + " although its retention had ended at " + since + "."
	case "in a deleted queue":
		return text + " although its queue had been deleted at " + since + "."
	case "in another queue":
		return text + " although it had moved to another queue at " + since + "."
	}
	return ""
}

// answersWant is the text of a violation that compares an answer with the right one.
var answersWant = regexp.MustCompile(`^\w+ answered ([\w.]+)(?:: .*)?, want ([^:]+)(?:: (.*))?$`)

// answeredWrongly is the sentence for an answer that is not the one that the specification wants; empty if that is not
// what happened.
func (f *failure) answeredWrongly(text string) string {
	parts := answersWant.FindStringSubmatch(f.words.plain(text))
	if parts == nil || f.broken < 0 || f.steps[f.broken].Broken == nil {
		return ""
	}
	s := &f.steps[f.broken]
	sentence := fmt.Sprintf("%s was answered %s when it called %s at %s, but the specification wants %s", upper(f.who(s)), parts[1],
		s.request().Action(), since(f.called(s)), parts[2])
	switch before := f.state(s.Before); {
	case parts[3] != "":
		sentence += ": " + parts[3]
	case f.violation.Message != "" && before != "":
		sentence += fmt.Sprintf(": %s was then %s", f.subject(), before)
	default:
		sentence += " for " + f.subject()
	}
	return sentence + "."
}

// deleter is who deleted the message before it broke.
func (f *failure) deleter() string {
	for i := f.broken - 1; i >= 0; i-- {
		if s := &f.steps[i]; s.After.Fate == "deleted" && s.Before.Fate != "deleted" {
			return f.who(s)
		}
	}
	return "somebody"
}

func (f *failure) called(s *step) time.Duration {
	if s.operation != nil {
		return timeOf(s.operation.Call)
	}
	return s.at
}

// timeOf is a time of the history.
func timeOf(ns int64) time.Duration { return time.Duration(ns) }

func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// facts are where, when and by whom it was broken.
func (f *failure) facts() []Fact {
	facts := []Fact{{"When", fmt.Sprintf("%s, in phase %s of the run", since(f.brokenAt), cmp.Or(f.index.phase(f.brokenAt), "start"))}}
	if where := f.where(); where != "" {
		facts = append(facts, Fact{"Where", where})
	}
	for _, id := range f.violation.Operations {
		if o := f.operation(id); o != nil && len(facts) < 7 {
			facts = append(facts, Fact{"Shown by", f.describe(o)})
		}
	}
	how := "the checks of what clients saw, when the run had ended"
	switch {
	case f.broken >= 0 && f.steps[f.broken].Broken != nil:
		how = "the replay of the log against the specification, when the run had ended"
	case f.index.violation != nil:
		how = "the simulator, while it ran; the run stops there"
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

// before is how far back the background goes, and happenings the most that it lists.
const before, happenings = 5 * time.Second, 14

// background lists faults and changes of leaders before it broke.
func (f *failure) background() []Happening {
	var all []Happening
	for i := range f.events {
		e := &f.events[i]
		if e.At < f.brokenAt-before || e.At > f.brokenAt || e.Kind == sim.EventViolation {
			continue
		}
		what := f.happening(e)
		if what == "" {
			continue
		}
		who := "network"
		if e.Node > 0 {
			who = fmt.Sprintf("n%d", e.Node)
		} else if e.Kind == sim.EventPhase {
			who = "run"
		}
		all = append(all, Happening{since(e.At), who, what})
	}
	return all[max(0, len(all)-happenings):]
}

// happening says what an event of the background is, or nothing if it does not belong there.
func (f *failure) happening(e *sim.Event) string {
	switch e.Kind {
	case sim.EventPhase:
		if e.At > 0 {
			return "phase " + e.Text
		}
	case sim.EventStart:
		if e.Number == 1 {
			return ""
		}
		return fmt.Sprintf("starts, boot %d", e.Number)
	case sim.EventCrash:
		return "crashes: " + e.Text
	case sim.EventPause:
		return "pauses until " + since(e.Until)
	case sim.EventResume:
		return "goes on"
	case sim.EventFault:
		return faultText(e.Text)
	case sim.EventLinks:
		return cmp.Or(prefixed("cut: ", e.Text), "whole again")
	case sim.EventRestore:
		return fmt.Sprintf("group %d: takes a snapshot at entry %d", e.Group, e.Number)
	case sim.EventFail:
		return fmt.Sprintf("group %d stops for good: %s", e.Group, e.Text)
	}
	if f.group >= 0 && int(e.Group) != f.group {
		return ""
	}
	switch e.Kind {
	case sim.EventLeads:
		return fmt.Sprintf("leads group %d in term %d", e.Group, e.Number)
	case sim.EventFollows:
		return fmt.Sprintf("leads group %d no longer", e.Group)
	}
	return ""
}

// faultTexts say more than the names of faults.
var faultTexts = map[string]string{
	"crash": "it crashes", "power loss": "all nodes crash", "flicker": "it crashes, and again while it recovers", "pause": "it pauses",
	"split": "two sides do not hear each other", "isolate": "it hears nobody and is not heard", "deaf": "it hears nobody",
	"mute": "nobody hears it", "bridge": "two sides share this node alone", "clog": "a link holds frames back",
	"stall": "its device is slow", "device": "its device fails", "jump": "its wall clock jumps", "drift": "its clock changes its speed",
	"stranger": "it gets a frame of an unknown version", "astray": "its wall clock leaves the bound within which a node may lead",
}

func faultText(name string) string {
	if text, known := faultTexts[name]; known {
		return "fault " + name + ": " + text
	}
	return "fault: " + name
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
