package explain

import (
	"fmt"
	"time"

	"sqsd/model"
	"sqsd/sim"
)

// timeline draws the whole run and picks what is shown first: the last steps before it broke, and a little behind.
func (f *failure) timeline() Timeline {
	t := Timeline{Broken: seconds(f.brokenAt), Phases: f.phases()}
	first, last := f.brokenAt, f.brokenAt
	if len(f.steps) > 0 {
		first, last = min(first, f.steps[0].at), max(last, f.steps[len(f.steps)-1].at)
	}
	t.Life = [2]float64{seconds(first), seconds(last)}
	span := f.focus()
	t.From = max(0, t.Broken-span)
	t.To = t.Broken + span/3
	t.End = max(seconds(f.end), t.Broken+span/20)
	t.To = min(t.End, t.To)
	if lane, ok := f.subjectLane(); ok {
		t.Lanes = append(t.Lanes, lane)
	}
	if lane, ok := f.networkLane(); ok {
		t.Lanes = append(t.Lanes, lane)
	}
	t.Lanes = append(t.Lanes, f.nodeLanes()...)
	t.Lanes = append(t.Lanes, f.clientLanes()...)
	return t
}

func seconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e6 }

// focus is how many seconds before it broke are shown first: enough for the last steps of the life.
func (f *failure) focus() float64 {
	const steps, least, most = 6, 0.12, 12.0
	from := f.brokenAt - 3*time.Second
	if last := f.lastStep(); last >= 0 {
		from = f.steps[max(0, last-steps)].at
	}
	for _, id := range f.violation.Operations {
		if o := f.operation(id); o != nil && actionClass(o.Request.Action()) != "receive" { // a poll may be called long before
			from = min(from, timeOf(o.Call))
		}
		if o := f.operation(id); o != nil && o.Unknown && f.violation.Promise == model.Live {
			return 1.1 * seconds(f.brokenAt-timeOf(o.Call)) // all the time that it waited
		}
	}
	return min(most, max(least, 1.15*seconds(f.brokenAt-from)))
}

func (f *failure) phases() []Bar {
	var all []Bar
	for i, p := range f.index.phases {
		end := f.end
		if i+1 < len(f.index.phases) {
			end = f.index.phases[i+1].At
		}
		all = append(all, Bar{From: seconds(p.At), To: seconds(end), Class: "phase", Label: p.Text, Title: "phase " + p.Text})
	}
	return all
}

// subjectLane is what the specification holds of the message or queue over time.
func (f *failure) subjectLane() (Lane, bool) {
	lane := Lane{Label: f.subject(), Note: "visible / in flight / delayed", Kind: "message", Rows: make([]Band, 1)}
	if f.violation.Message != "" {
		lane.Label, lane.Note = "message "+short(f.violation.Message), "by the specification"
	}
	band := &lane.Rows[0]
	for i := range f.steps {
		s := &f.steps[i]
		if i == f.broken {
			band.Marks = append(band.Marks, Mark{At: seconds(f.brokenAt), Class: "broken", Label: f.violation.Promise.Name(),
				Title: f.words.plain(f.violation.Text)})
		}
		if !s.After.Known {
			continue
		}
		end := f.end
		if i+1 < len(f.steps) {
			end = f.steps[i+1].at
		}
		if i+1 == f.broken && s.After.Fate == model.Held {
			end = max(end, replicated(s.After.Until)) // what should have been
		}
		band.Bars = append(band.Bars, f.stateBars(s, i+1, end)...)
	}
	return lane, len(band.Bars) > 0
}

// stateBars are the states of the subject from a step to the next one: what is held becomes visible in between.
func (f *failure) stateBars(s *step, row int, end time.Duration) []Bar {
	label := f.state(s.After)
	class := "counts"
	switch s.After.Fate {
	case model.Held, model.Delayed, model.Visible:
		class = s.After.Fate
	case "": // a queue
	default:
		class = "gone"
	}
	bar := Bar{From: seconds(s.at), To: seconds(end), Class: class, Label: label, Title: label, Row: row}
	until := replicated(s.After.Until)
	if class != model.Held && class != model.Delayed || until >= end {
		return []Bar{bar}
	}
	bar.To = seconds(until)
	again := "visible"
	if class == model.Held {
		again = "visible again"
	}
	return []Bar{bar, {From: bar.To, To: seconds(end), Class: model.Visible, Label: again, Title: again}}
}

// networkLane is when links were cut.
func (f *failure) networkLane() (Lane, bool) {
	lane := Lane{Label: "network", Kind: "network", Rows: make([]Band, 1)}
	band, open := &lane.Rows[0], -1
	for i := range f.events {
		e := &f.events[i]
		if e.Kind != sim.EventLinks {
			continue
		}
		if open >= 0 {
			band.Bars[open].To, open = seconds(e.At), -1
		}
		if e.Text != "" {
			open = len(band.Bars)
			band.Bars = append(band.Bars, Bar{From: seconds(e.At), To: seconds(f.end), Class: "cut", Label: "cut: " + e.Text,
				Title: "links cut: " + e.Text})
		}
	}
	return lane, len(band.Bars) > 0
}

// clientLanes are the operations of the clients that take part.
func (f *failure) clientLanes() []Lane {
	rows := map[int]int{} // ID of the row of the life, by place of the operation
	for i := range f.steps {
		if f.steps[i].Operation >= 0 {
			rows[f.steps[i].Operation] = i + 1
		}
	}
	lanes := make([]Lane, len(f.clients))
	for i, id := range f.clients {
		lanes[i] = Lane{Label: f.client(id), Kind: "client", Rows: make([]Band, 1)}
		band := &lanes[i].Rows[0]
		for j := range f.history.Operations {
			o := &f.history.Operations[j]
			if o.Client == id {
				band.Bars = append(band.Bars, f.operationBar(o, rows[j]))
			}
		}
	}
	return lanes
}

// operationBar is an operation from its call to the answer, or to where the client gave up.
func (f *failure) operationBar(o *model.Operation, row int) Bar {
	bar := Bar{From: seconds(timeOf(o.Call)), Class: actionClass(o.Request.Action()), Label: o.Request.Action(), Row: row}
	end := f.end
	c := f.index.calls[o.ID]
	switch {
	case !o.Unknown:
		end = timeOf(o.Return)
	case c.ended > 0:
		end = c.ended
	}
	bar.To = seconds(end)
	bar.Title = f.describe(o)
	if row > 0 {
		s := &f.steps[row-1]
		bar.Label = shortAction(o.Request.Action())
		bar.Title += "\n" + f.what(s)
		bar.Class += " story"
	} else if f.violation.Queue != "" {
		bar.Class += " faint"
	}
	if o.Unknown {
		bar.Class += " unknown"
	}
	if o.Err != nil {
		bar.Class += " refused"
	}
	if f.isEvidence(o) {
		bar.Class += " evidence"
	}
	return bar
}

// actionClass groups actions by colour.
func actionClass(action string) string {
	switch action {
	case "SendMessage", "SendMessageBatch":
		return "send"
	case "ReceiveMessage":
		return "receive"
	case "DeleteMessage", "DeleteMessageBatch":
		return "delete"
	case "ChangeMessageVisibility", "ChangeMessageVisibilityBatch":
		return "change"
	}
	return "other"
}

func shortAction(action string) string {
	switch actionClass(action) {
	case "other":
		return action
	case "change":
		return "change visibility"
	}
	return actionClass(action)
}

// nodeName is a node on the page.
func nodeName(id int) string { return fmt.Sprintf("n%d", id) }
