package explain

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sqsd/model"
	"sqsd/sim"
	"sqsd/wire"
)

// recorded is a run that passes, as it was recorded.
func recorded(t *testing.T) (*sim.Report, *Recording) {
	t.Helper()
	for seed := range uint64(50) {
		recording := &Recording{}
		var options sim.Options
		recording.Watch(&options)
		report := sim.Run(sim.NewPlan(seed, sim.Lite), options)
		if report.Violation != nil {
			t.Fatalf("the run of seed %d fails by itself: %v", seed, report.Violation)
		}
		if slices.ContainsFunc(report.History.Operations, deletes) {
			return report, recording
		}
	}
	t.Fatal("no run deletes a message that was sent with a known answer")
	return nil, nil
}

// deletes says that an operation is a delete in the log.
func deletes(o model.Operation) bool {
	_, ok := o.Request.(*wire.DeleteMessageRequest)
	return ok && o.At != nil && o.Err == nil
}

// refuseDelete turns the answer to a delete into a refusal, and lets the checkers find it.
func refuseDelete(t *testing.T, report *sim.Report) *model.Operation {
	t.Helper()
	h := &report.History
	for i := range h.Commits {
		c := &h.Commits[i]
		j := slices.IndexFunc(h.Operations, func(o model.Operation) bool { return o.At != nil && *o.At == c.At })
		if _, ok := c.Request.(*wire.DeleteMessageRequest); !ok || c.Err != nil || j < 0 {
			continue
		}
		refusal := &wire.Error{Code: wire.InvalidParameterValue}
		c.Response, c.Err = nil, refusal
		h.Operations[j].Response, h.Operations[j].Err = nil, refusal
		found := model.Check(h).Violations
		report.Violation, report.Also = found[0], found[1:]
		return &h.Operations[j]
	}
	t.Fatal("the run deletes nothing")
	return nil
}

func TestThePageOfAMessageTellsItsLife(t *testing.T) {
	report, recording := recorded(t)
	o := refuseDelete(t, report)
	page, err := New(report, recording)
	if err != nil {
		t.Fatal(err)
	}
	v := report.Violation
	if v.Message == "" {
		t.Fatalf("the violation names no message: %v", v)
	}
	caller := fmt.Sprintf("lient %d", o.Client)
	for _, part := range []string{short(v.Message), v.Queue, caller, "InvalidParameterValue", "success"} {
		if !strings.Contains(page.Sentence, part) {
			t.Errorf("the sentence does not say %q: %s", part, page.Sentence)
		}
	}
	var broken []Row
	for _, row := range page.Life.Rows {
		if row.Broken {
			broken = append(broken, row)
		}
	}
	if len(broken) != 1 || !strings.Contains(broken[0].What, "deletes it by the handle of delivery") {
		t.Errorf("the life has the broken rows %+v, want the delete", broken)
	}
	if first := page.Life.Rows[0].What; !strings.HasPrefix(first, "sends it") {
		t.Errorf("the life begins with %q, want the send", first)
	}
	lanes := lanesOf(page)
	for _, want := range []string{"message " + short(v.Message), "n1", "n2", "n3", fmt.Sprintf("client %d", o.Client)} {
		if !slices.Contains(lanes, want) {
			t.Errorf("the time line has the lanes %v, want %s", lanes, want)
		}
	}
	if b := page.Timeline.Broken; b < page.Timeline.From || b > page.Timeline.To {
		t.Errorf("it broke at %v s, outside of what is shown first: %v to %v s", b, page.Timeline.From, page.Timeline.To)
	}
	if !slices.ContainsFunc(page.Trace, func(l TraceLine) bool { return l.Subject }) {
		t.Error("no line of the trace is marked as one about the message")
	}
	if page.Porcupine == "" {
		t.Error("porcupine's page is missing")
	}
	if scripts := render(t, page).all("script"); len(scripts) != 2 {
		t.Errorf("the page has %d scripts, want 2", len(scripts))
	}
}

func TestThePageOfACounterTellsWhatChangedIt(t *testing.T) {
	report, recording := recorded(t)
	damageRead(t, report)
	page, err := New(report, recording)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.Sentence, `is "4711"`) {
		t.Errorf("the sentence does not say what was answered: %s", page.Sentence)
	}
	states := map[string]bool{}
	for _, row := range page.Life.Rows {
		states[row.State] = true
	}
	if len(states) < 2 {
		t.Errorf("the steps show the counters %v, want them to change", states)
	}
}

// damageRead makes a counter wrong in the last answer to a read of attributes of a queue that saw messages.
func damageRead(t *testing.T, report *sim.Report) {
	t.Helper()
	h := &report.History
	for i := len(h.Operations) - 1; i >= 0; i-- {
		o := &h.Operations[i]
		r, ok := o.Response.(*wire.GetQueueAttributesResponse)
		if !ok || o.At == nil || !o.At.Read {
			continue
		}
		o.Response = &wire.GetQueueAttributesResponse{Attributes: r.Attributes.With(wire.AttrMessages, "4711")}
		report.Violation = model.Check(h).Violations[0]
		return
	}
	t.Fatal("the run has no read of attributes")
}

func TestThePageOfAStoppedRunHasNoLife(t *testing.T) {
	report, recording := recorded(t)
	report.Violation = &model.Violation{Promise: model.NothingSilent, Text: "panic: out of luck\ngoroutine 1 [running]:"}
	last := recording.Events[len(recording.Events)-1]
	recording.Events = append(recording.Events, sim.Event{
		At: last.At, Kind: sim.EventViolation, Text: report.Violation.Error(),
	})
	page, err := New(report, recording)
	if err != nil {
		t.Fatal(err)
	}
	if page.Sentence != "Panic: out of luck." || page.Details != "goroutine 1 [running]:" {
		t.Errorf("the page says %q and %q", page.Sentence, page.Details)
	}
	if len(page.Life.Rows) > 0 || len(page.Trace) == 0 || !slices.Contains(lanesOf(page), "n1") {
		t.Error("want no life, the end of the trace and the nodes")
	}
	render(t, page)
}

func lanesOf(p *Page) (labels []string) {
	for _, lane := range p.Timeline.Lanes {
		labels = append(labels, lane.Label)
	}
	return labels
}

func TestPlainTextsHaveTimesOfTheRunAndShortNames(t *testing.T) {
	const handle = "AQAAAAAAAAADBrt7I-jNmRwAAAAAAAAAxP__________VgMhdLow0tdPYhsU"
	w := words{deliveries: map[string]delivery{handle: {2, "client 1"}}}
	for _, tc := range []struct{ exact, plain string }{
		{"held until 9602000000 ns", "held until 9.602 s"},
		{"nothing from 13698000000 to 14704000000 ns", "nothing from 13.698 s to 14.704 s"},
		{"delivered at 1767225603602 (group 0, index 198.1)", "delivered at 3.602 s"},
		{"sent 181a4f61-9f3b-4260-a6e4-26f94660dd5a", "sent 181a4f61"},
		{"deletes by " + handle, "deletes by ‹handle of delivery 2›"},
		{"answered AWS.SimpleQueueService.NonExistentQueue", "answered NonExistentQueue"},
	} {
		if got := w.plain(tc.exact); got != tc.plain {
			t.Errorf("%q becomes %q, want %q", tc.exact, got, tc.plain)
		}
	}
}
