package jepsen

import (
	"strings"
	"testing"

	"sqsd/model"
	"sqsd/wire"
)

func numbered(body, number string) Sent {
	return Sent{body, "id-" + body, "0000000000000000000" + number}
}

func TestFaultsOfASequence(t *testing.T) {
	a, b, c := numbered("a", "1"), numbered("b", "2"), numbered("c", "3")
	other := b
	other.MessageID = "other"
	for _, test := range []struct {
		name           string
		sent, received []Sent
		want           string
	}{
		{"none", []Sent{a, b, c}, []Sent{a, b, c}, ""},
		{"number too short", []Sent{{"a", "id", "1"}}, []Sent{{"a", "id", "1"}}, "20 digits"},
		{"number repeated", []Sent{a, numbered("b", "1")}, []Sent{a, numbered("b", "1")}, "inversion"},
		{"number goes down", []Sent{b, a}, []Sent{b, a}, "inversion"},
		{"received in another order", []Sent{a, b, c}, []Sent{a, c, b}, "b was received after c"},
		{"lost", []Sent{a, b, c}, []Sent{a, c}, "b was received 0 times"},
		{"doubled", []Sent{a, b, c}, []Sent{a, b, b, c}, "b was received 2 times"},
		{"stored twice", []Sent{a, b, c}, []Sent{a, b, other, c}, "sent as"},
		{"never sent", []Sent{a}, []Sent{a, b}, "never sent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := Sequence{group: "g", Sent: test.sent}
			faults := q.Faults(test.received)
			switch {
			case test.want == "" && len(faults) > 0:
				t.Errorf("got %v", faults)
			case test.want != "" && (len(faults) == 0 || !strings.Contains(faults[0].Error(), test.want)):
				t.Errorf("got %v, want %q in the first", faults, test.want)
			}
		})
	}
}

// A sender that hung up asks again with the same deduplication id, so that the server can tell.
func TestSequenceRepeatsAfterHangingUp(t *testing.T) {
	history := NewHistory()
	c := NewClient(1, []*Node{fake(t, 1, 200, "", `{"MessageId":"m","SequenceNumber":"1"}`)}, 0, history)
	defer c.Close()
	q := NewSequence(c, "q.fifo", "g")
	for range hangUpEvery {
		if err := q.Send(patient(t)); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, a := range history.Attempts() {
		ids = append(ids, a.Request.(*wire.SendMessageRequest).MessageDeduplicationID)
	}
	if len(q.Sent) != hangUpEvery || len(ids) != hangUpEvery+1 || ids[hangUpEvery-1] != ids[hangUpEvery] ||
		ids[0] == ids[1] {
		t.Errorf("%d messages were sent with deduplication ids %q", len(q.Sent), ids)
	}
}

func TestReceivedPicksTheGroupInOrder(t *testing.T) {
	message := func(body, group string) wire.Message {
		return wire.Message{MessageID: "id-" + body, Body: body, Attributes: wire.Pairs{
			{Name: "MessageGroupId", Value: group}, {Name: "SequenceNumber", Value: numbered("", body).Number},
		}}
	}
	got := func(client int, queue string, messages ...wire.Message) *Attempt {
		return &Attempt{Operation: model.Operation{Client: client, Request: receive(queue, 10, 1),
			Response: &wire.ReceiveMessageResponse{Messages: messages}}}
	}
	q := Sequence{queue: "q.fifo", group: "g"}
	received := q.Received([]*Attempt{
		got(1, "q.fifo", message("1", "g"), message("2", "other"), message("3", "g")),
		got(2, "q.fifo", message("4", "g")),
		got(1, "other.fifo", message("5", "g")),
		got(1, "q.fifo"),
		got(1, "q.fifo", message("6", "g")),
	}, 1)
	want := []Sent{numbered("1", "1"), numbered("3", "3"), numbered("6", "6")}
	if len(received) != 3 || received[0] != want[0] || received[1] != want[1] || received[2] != want[2] {
		t.Errorf("got %+v, want %+v", received, want)
	}
}

func TestPaceRemembersTheLongestGap(t *testing.T) {
	p := NewPace(3)
	p.last = p.last.Add(-patience)
	p.step()
	p.step()
	took, worst := p.Took()
	if p.Steps() != 2 || worst < patience || worst > 2*patience || took < 0 || p.Idle() > patience {
		t.Errorf("%d steps in %v, worst gap %v, idle for %v", p.Steps(), took, worst, p.Idle())
	}
}

func TestPaceHoldsWorkUpAtItsLimit(t *testing.T) {
	p := NewPace(2)
	done := make(chan int)
	go func() {
		for range 4 {
			p.step()
		}
		done <- p.Steps()
	}()
	if err := until(patient(t), func() bool { return p.Steps() == 2 }); err != nil {
		t.Fatal(err)
	}
	p.Allow(3)
	if err := until(patient(t), func() bool { return p.Steps() == 3 }); err != nil {
		t.Fatal(err)
	}
	select {
	case n := <-done:
		t.Errorf("%d calls were answered, want 3 and no more", n)
	default:
	}
	p.Allow(5)
	if n := <-done; n != 4 {
		t.Errorf("%d calls were answered, want 4", n)
	}
}
