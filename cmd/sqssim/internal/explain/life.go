package explain

import (
	"fmt"
	"slices"
	"strings"
)

// Of a long life so many steps stand before the one that broke, and so many behind it.
const (
	stepsOfMessage = 40
	stepsOfQueue   = 14
	stepsAfter     = 6
)

// life is the table of the story.
func (f *failure) life() Life {
	l := Life{Title: f.subject()}
	first, last, end := f.window()
	l.Omitted = first
	for i := first; i < end; i++ {
		l.Rows = append(l.Rows, f.row(i))
	}
	if f.broken < 0 && len(l.Rows) > 0 {
		l.Rows = slices.Insert(l.Rows, max(0, last-first+1), f.seen())
	}
	switch {
	case len(f.steps) == 0:
		l.Note = "The violation names no queue, so there is no story to tell."
	case f.violation.Message == "":
		l.Note = "Every call and command that concerns the queue, with what the specification then counts in it: messages " +
			"visible / in flight / delayed."
	default:
		l.Note = "Every call and command that concerns the message, with what the specification then holds of it."
	}
	return l
}

// seen is the row for a violation that no step shows.
func (f *failure) seen() Row {
	text, _, _ := strings.Cut(f.violation.Text, "\n")
	return Row{
		Time: since(f.brokenAt), Who: "simulator", What: "sees the promise broken", Broken: true, Expected: f.words.plain(text),
	}
}

// lastStep is the step that broke the promise or, if none did, the last one before it was seen to be broken; -1 if there
// is none.
func (f *failure) lastStep() int {
	last := f.broken
	for i := 0; f.broken < 0 && i < len(f.steps) && f.steps[i].at <= f.brokenAt; i++ {
		last = i
	}
	return last
}

// window is the range of steps in the table, and the last one in it before the promise was broken.
func (f *failure) window() (first, last, end int) {
	last = f.lastStep()
	before := stepsOfMessage
	if f.violation.Message == "" {
		before = stepsOfQueue
	}
	return max(0, last-before), last, min(len(f.steps), last+1+stepsAfter)
}

// subject names what the page is about.
func (f *failure) subject() string {
	v := f.violation
	switch {
	case v.Message != "":
		return fmt.Sprintf("message %s of queue %s", short(v.Message), f.home)
	case v.Queue != "":
		return "queue " + v.Queue
	}
	return "the cluster"
}

func (f *failure) row(i int) Row {
	s := &f.steps[i]
	r := Row{ID: i + 1, Time: since(s.at), Who: f.who(s), Full: s.Asked}
	if s.Answered != "" {
		r.Full += " → " + s.Answered
	}
	if o := s.operation; o != nil {
		if c := f.index.calls[o.ID]; c.node > 0 {
			r.Who += fmt.Sprintf(" via n%d", c.node)
		}
		r.Evidence = f.isEvidence(o) || f.attribute != "" && strings.Contains(s.Asked, " "+f.attribute+"=")
		r.Full = fmt.Sprintf("operation %d, called at %s: ", o.ID, since(timeOf(o.Call))) + r.Full
	}
	r.What, r.Answer = f.what(s), f.answered(s)
	r.State = f.state(s.After)
	if s.commit != nil {
		r.Place = fmt.Sprintf("%d/%d.%d", s.commit.At.Group, s.commit.At.Index, s.commit.At.Sub)
	} else if s.operation.At != nil {
		r.Place = fmt.Sprintf("%d/%d read", s.operation.At.Group, s.operation.At.Index)
	}
	switch {
	case s.Broken != nil && i != f.broken:
		r.Expected = "The specification finds this wrong, which is not what the page is about: " + f.words.plain(s.Broken.Text)
	case s.Broken != nil:
		r.Broken = true
		r.Expected = "The specification: " + f.words.plain(s.Broken.Text)
		r.State = "was: " + f.state(s.Before)
	case i == f.broken:
		r.Broken = true
		text, _, _ := strings.Cut(f.violation.Text, "\n")
		r.Expected = "What was seen: " + f.words.plain(text)
	}
	return r
}
