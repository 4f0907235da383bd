package model

import (
	"bytes"
	"strings"
	"testing"

	"sqsd/wire"
)

func TestSearchOfQueueNames(t *testing.T) {
	shown := func(timeout string) step {
		return attributes("q").result(&wire.GetQueueAttributesResponse{Attributes: pairs("VisibilityTimeout", timeout)})
	}
	nothing := list(wire.ListQueuesRequest{}, "")
	listed := list(wire.ListQueuesRequest{}, "", "q")
	url := getURL("q").result(&wire.GetQueueURLResponse{QueueURL: "q"})
	for _, tc := range []struct {
		name    string
		verdict Verdict
		calls   []seen
	}{
		{"two creates with different attributes succeed", Illegal, []seen{c(0, 2, created("q", "VisibilityTimeout", "6")),
			c(1, 3, created("q", "VisibilityTimeout", "5"))}},
		{"an acknowledged change is lost", Illegal, []seen{c(0, 1, created("q")), c(2, 3, set("q", "VisibilityTimeout",
			"5").ok()), c(4, 5, shown("30"))}},
		{"one of two concurrent changes is lost", Illegal, []seen{c(0, 1, created("q")), c(2, 3, set("q",
			"VisibilityTimeout", "5").ok()),
			c(2, 3, set("q", "DelaySeconds", "7").ok()), c(4, 5, attributes("q").result(&wire.GetQueueAttributesResponse{
				Attributes: pairs("VisibilityTimeout", "30", "DelaySeconds", "7")}))}},
		{"a read goes back", Illegal, []seen{c(0, 1, created("q")), c(2, 9, set("q", "VisibilityTimeout", "5").ok()),
			c(3, 4, shown("5")),
			c(5, 6, shown("30"))}},
		{"a deleted queue is found", Illegal, []seen{c(0, 1, created("q")), c(2, 3, remove("q").ok()), c(4, 5, url)}},
		{"a queue is not found", Illegal, []seen{c(0, 1, created("q")), c(4, 5, getURL("q").refused(wire.QueueDoesNotExist))}},
		{"a send does not find the queue", Illegal, []seen{c(0, 1, created("q")), c(4, 5, send("q", "a").refused(wire.QueueDoesNotExist))}},
		{"a queue is not listed", Illegal, []seen{c(0, 1, created("q")), c(4, 5, nothing)}},
		{"a deleted queue is listed", Illegal, []seen{c(0, 1, created("q")), c(2, 3, remove("q").ok()), c(4, 5, listed)}},
		{"deleted twice", Illegal, []seen{c(0, 1, created("q")), c(2, 3, remove("q").ok()), c(2, 3, remove("q").ok())}},
		{"created again too soon", Illegal, []seen{c(0, 1, created("q")), c(2, 3, remove("q").ok()), c(4, 5, created("q"))}},
		{"refused for too long", Illegal, []seen{c(0, 1, created("q")), c(2, 3, remove("q").ok()),
			c(64, 65, create("q").refused(wire.QueueDeletedRecently))}},
		{"refused, but never deleted", Illegal, []seen{c(0, 1, create("q").refused(wire.QueueDeletedRecently)),
			c(2, 3, created("q"))}},

		{"a tag is lost", Illegal, []seen{c(0, 1, created("q")), c(2, 3, tagged("a", "1").ok()), c(4, 5, tags())}},
		{"one of two concurrent tags is lost", Illegal, []seen{c(0, 1, created("q")), c(2, 3, tagged("a", "1").ok()),
			c(2, 3, tagged("b", "2").ok()), c(4, 5, tags("b", "2"))}},
		{"two permissions get one label", Illegal, []seen{c(0, 1, created("q")), c(2, 3, grant("x").ok()), c(2, 3, grant("x").ok())}},
		{"a permission that was taken back is shown", Illegal, []seen{c(0, 1, created("q")), c(2, 3, grant("x").ok()),
			c(4, 5, ungrant("x").ok()), c(6, 7, attributes("q").result(&wire.GetQueueAttributesResponse{
				Attributes: pairs("Policy", policyOf("x"))}))}},
		{"tags and permissions come and go", Legal, []seen{c(0, 1, created("q")), c(2, 3, tagged("a", "1").ok()),
			lost(3.5, tagged("b", "2")), c(4, 5, tags("a", "1")), c(6, 7, tags("a", "1", "b", "2")), c(8, 9, grant("x").ok()),
			c(10, 11, grant("x").refused(wire.InvalidParameterValue)), c(12, 13, attributes("q").result(
				&wire.GetQueueAttributesResponse{Attributes: pairs("Policy", policyOf("x"))})),
			c(14, 15, ungrant("x").ok()), c(16, 17, ungrant("x").refused(wire.InvalidParameterValue))}},
		{"concurrent calls in any order", Legal, []seen{c(0, 9, created("q")), c(1, 2, nothing), c(3, 4, listed),
			c(5, 8, set("q", "VisibilityTimeout", "5").ok()), c(5.5, 6, shown("30")), c(6.5, 7, shown("5"))}},
		{"an unknown create that happened", Legal, []seen{lost(0, create("q")), c(1, 2, nothing), c(3, 4, listed)}},
		{"an unknown create that did not happen", Legal, []seen{lost(0, create("q")), c(1, 2, nothing), c(3, 4, created("q",
			"VisibilityTimeout", "5"))}},
		{"an unknown delete that happened late", Legal, []seen{c(0, 1, created("q")), lost(2, remove("q")), c(3, 4, url),
			c(5, 6, getURL("q").refused(wire.QueueDoesNotExist)), c(7, 8, create("q").refused(wire.QueueDeletedRecently)),
			c(99, 100, created("q"))}},
		{"an unknown change that was overtaken", Legal, []seen{c(0, 1, created("q")), lost(2, set("q", "VisibilityTimeout", "5")),
			c(3, 4, shown("5")), c(5, 6, set("q", "VisibilityTimeout", "9").ok()), c(7, 8, shown("9"))}},
		{"free again when the window ends", Legal, []seen{c(0, 1, created("q")), c(2, 3, remove("q").ok()),
			c(61.9, 62.95, create("q").refused(wire.QueueDeletedRecently)), c(63, 63.1, created("q"))}},
		{"a listing of another prefix says nothing", Legal, []seen{c(0, 1, created("q")),
			c(2, 3, list(wire.ListQueuesRequest{QueueNamePrefix: "p"}, ""))}},
		{"a page before the name says nothing", Legal, []seen{c(0, 1, created("q")),
			c(2, 3, list(wire.ListQueuesRequest{MaxResults: wire.Int(1)}, "a", "a"))}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := past{calls: tc.calls}
			for _, part := range Search(p.history(), DefaultSteps()) {
				if part.Queue == "q" && part.Message == "" && part.Verdict != tc.verdict {
					t.Errorf("the search says %s, want %s", part.Verdict, tc.verdict)
				}
			}
		})
	}
}

func TestASearchWithoutStepsIsUnknown(t *testing.T) {
	p := past{calls: held()}
	parts := Search(p.history(), Steps{Partition: 1, Total: 9})
	if len(parts) != 2 || parts[0].Verdict != Legal || parts[1].Verdict != Unknown {
		t.Errorf("got %+v, want the queue legal after one step and the message unknown", parts)
	}
}

func TestCheckReportsWhatItFound(t *testing.T) {
	p := past{calls: held(c(3, 3.1, del("q", "m1#1").ok()), c(40, 40.1, receive("q").got("m1#2")))}
	r := Check(p.history())
	if r.Partitions != 2 || r.Unknown != 0 || len(r.Offending) != 1 {
		t.Fatalf("got %+v, want two partitions, one of them offending", r)
	}
	for _, v := range r.Violations {
		if v.Promise != FinalDelete || v.Queue != "q" || v.Message != "m1" {
			t.Errorf("got %v, want the final delete of m1 in q", v)
		}
	}
	var page bytes.Buffer
	r.Offending[0].Annotate([]Note{{Tag: "nodes", From: 5 * second, To: 6 * second, Text: "n1 is down"}})
	if err := r.Offending[0].WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"delete m1#1: ok", "receive 2 by m1#2", "deleted after receipt 1", "n1 is down"} {
		if !strings.Contains(page.String(), text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}

func TestSearchAcceptsCorrectHistories(t *testing.T) {
	for _, k := range kinds {
		for seed := range uint64(60) {
			h := newDamagedWorld(seed, 300, seed%2 == 0, k, nil).generate()
			for _, p := range Search(h, DefaultSteps()) {
				if p.Verdict != Legal {
					t.Errorf("%+v, seed %d: %s: %v", k, seed, p.Verdict, p.violation())
				}
			}
		}
	}
}
