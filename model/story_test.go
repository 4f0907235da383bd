package model

import (
	"fmt"
	"slices"
	"testing"

	"sqsd/wire"
)

// telling is a story with a line for each step: what was asked, and what the specification then holds.
func telling(steps []Step) (lines []string) {
	for _, s := range steps {
		line := s.Asked + ": "
		switch {
		case s.Broken != nil:
			line += "broken, was " + s.Before.Fate
		case !s.After.Known:
			line += "not known"
		case s.After.Fate == "":
			line += fmt.Sprintf("%+v", s.After.Counts)
		default:
			line += fmt.Sprintf("%s, delivery %d", s.After.Fate, s.After.Delivery)
		}
		lines = append(lines, line)
	}
	return lines
}

// received is the handle that operation i got, with the first message.
func received(h *History, i int) (message, handle string) {
	m := h.Operations[i].Response.(*wire.ReceiveMessageResponse).Messages[0]
	return m.MessageID, m.ReceiptHandle
}

func TestAStoryTellsWhatBecameOfAMessage(t *testing.T) {
	first := sequence(create("q").req, send("q", "a").req, send("q", "b").req, receiveFor("q", 30).req)
	message, handle := received(first, 3)
	h := sequence(create("q").req, send("q", "a").req, send("q", "b").req, receiveFor("q", 30).req,
		change("q", handle, 0).req, del("q", handle).req, attributes("q").req)
	want := []string{
		`SendMessage(q, "a"): visible, delivery 0`,
		"ReceiveMessage(q max 10 timeout 30): held, delivery 1",
		"ChangeMessageVisibility(q, " + handle + " to 0): visible, delivery 1",
		"DeleteMessage(q, " + handle + "): deleted, delivery 1",
	}
	if got := telling(Tell(h, "q", message)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAStoryTellsWhatIsInAQueue(t *testing.T) {
	h := sequence(create("q").req, create("other").req, send("q", "a").req, send("other", "b").req, receiveFor("q", 30).req)
	want := []string{
		"CreateQueue(q): {Visible:0 InFlight:0 Delayed:0}",
		`SendMessage(q, "a"): {Visible:1 InFlight:0 Delayed:0}`,
		"ReceiveMessage(q max 10 timeout 30): {Visible:0 InFlight:1 Delayed:0}",
	}
	if got := telling(Tell(h, "q", "")); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAStoryEndsForTheSpecificationWhereItIsBroken(t *testing.T) {
	reqs := []wire.Request{create("q").req, send("q", "a").req, receiveFor("q", 30).req}
	message, handle := received(sequence(reqs...), 2)
	h := sequence(append(reqs, del("q", handle).req, receive("q").req)...)
	refusal := &wire.Error{Code: wire.InvalidParameterValue}
	deletion := slices.IndexFunc(h.Commits, func(c Commit) bool { return c.Request.Action() == "DeleteMessage" })
	h.Operations[3].Response, h.Operations[3].Err = nil, refusal
	h.Commits[deletion].Response, h.Commits[deletion].Err = nil, refusal
	steps := Tell(h, "q", message)
	want := []string{
		`SendMessage(q, "a"): visible, delivery 0`,
		"ReceiveMessage(q max 10 timeout 30): held, delivery 1",
		"DeleteMessage(q, " + handle + "): broken, was held",
	}
	if got := telling(steps); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if last := steps[2]; last.Commit != deletion || last.Operation != 3 || last.Answered != refusal.Error() {
		t.Errorf("the broken step is %+v, want commit %d, operation 3 and its refusal", last, deletion)
	}
}

func TestAStoryHasCallsWithoutAPlace(t *testing.T) {
	reqs := []wire.Request{create("q").req, send("q", "a").req, receiveFor("q", 30).req}
	message, handle := received(sequence(reqs...), 2)
	h := sequence(reqs...)
	h.Operations = append(h.Operations, Operation{
		ID: 99, Call: 1, Return: Never, Unknown: true, Request: del("q", handle).req,
	})
	steps := Tell(h, "q", message)
	if last := steps[len(steps)-1]; last.Commit != -1 || last.Operation != 3 || last.After.Known {
		t.Errorf("the story ends with %+v, want the delete that nobody answered", last)
	}
}
