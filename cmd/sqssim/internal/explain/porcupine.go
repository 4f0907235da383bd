package explain

import (
	"bytes"
	"fmt"

	"sqsd/model"
	"sqsd/sim"
)

// addPorcupine draws the offending part of the history, or if porcupine found none, that of the message or queue.
func (f *failure) addPorcupine(page *Page) error {
	p := f.partition()
	if p == nil {
		return nil
	}
	var b bytes.Buffer
	p.Annotate(f.notes(p))
	if err := p.WriteHTML(&b); err != nil {
		return err
	}
	page.Porcupine = b.String()
	what := "queue name " + p.Queue
	if p.Message != "" {
		what = fmt.Sprintf("message %s of queue %s", short(p.Message), p.Queue)
	}
	page.PorcupineNote = fmt.Sprintf("Porcupine judges every message and queue name by itself, from what clients saw "+
		"alone. Of %s it says: %s.", what, p.Verdict)
	if p.Verdict == model.Legal {
		page.PorcupineNote += " Clients alone could not tell: the log shows what they did not see."
	}
	return nil
}

// partition is the one to draw; nil if there is none.
func (f *failure) partition() *model.Partition {
	for _, p := range f.report.Offending {
		if p.Queue == f.violation.Queue && p.Message == f.violation.Message {
			return p
		}
	}
	for _, p := range model.Search(f.history, model.DefaultSteps()) {
		if p.Queue == f.violation.Queue && p.Message == f.violation.Message {
			return p
		}
	}
	if len(f.report.Offending) > 0 {
		return f.report.Offending[0]
	}
	return nil
}

// notes are faults and changes of leaders for porcupine's page.
func (f *failure) notes(p *model.Partition) []model.Note {
	from, to := p.Span()
	var notes []model.Note
	add := func(tag string, e *sim.Event, end int64, text string) {
		if at := int64(e.At); at >= from && at <= to {
			notes = append(notes, model.Note{Tag: tag, From: at, To: min(to, max(at, end)), Text: text})
		}
	}
	for i := range f.events {
		e := &f.events[i]
		switch e.Kind {
		case sim.EventLeads, sim.EventFollows:
			if text := f.happening(e); text != "" {
				add("leaders", e, 0, nodeName(int(e.Node))+" "+text)
			}
		case sim.EventStart, sim.EventCrash, sim.EventPause, sim.EventFail, sim.EventRestore:
			add("nodes", e, int64(e.Until), nodeName(int(e.Node))+" "+f.happening(e))
		case sim.EventLinks:
			add("network", e, 0, f.happening(e))
		}
	}
	return notes
}
