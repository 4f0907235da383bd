package jepsen

import (
	"strings"
	"testing"
	"time"

	"sqsd/model"
)

// sentAt is a successful send to a queue that was answered at that time.
func sentAt(queue string, at time.Duration) *Attempt {
	return &Attempt{Outcome: Succeeded, Operation: model.Operation{Return: int64(at), Request: send(queue, "")}}
}

func TestWorstOutage(t *testing.T) {
	const s = time.Second
	attempts := []*Attempt{
		sentAt("a", 1*s), sentAt("b", 1*s), sentAt("a", 2*s), sentAt("b", 4*s), sentAt("a", 9*s), sentAt("b", 9*s), sentAt("b", 20*s),
		{Outcome: Unavailable, Operation: model.Operation{Return: int64(5 * s), Request: send("a", "")}},
	}
	for _, test := range []struct {
		name     string
		queues   []string
		from, to time.Duration
		want     Outage
	}{
		{"of one queue", []string{"a"}, 1 * s, 8 * s, Outage{"a", 7 * s}},
		{"of the worse queue", []string{"a", "b"}, 1 * s, 8 * s, Outage{"a", 7 * s}},
		{"begun before the fault", []string{"b"}, 3 * s, 3500 * time.Millisecond, Outage{"b", 3 * s}},
		{"ended before the fault", []string{"b"}, 10 * s, 12 * s, Outage{"b", 11 * s}},
		{"begun after the recovery", []string{"b"}, 0, 5 * s, Outage{"b", 5 * s}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := WorstOutage(attempts, test.queues, int64(test.from), int64(test.to)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestCensusCountsByActionAndOutcome(t *testing.T) {
	got := Census([]*Attempt{sentAt("a", 1), sentAt("a", 2), {Outcome: Broken, Operation: model.Operation{Request: send("a", "")}}})
	if !strings.Contains(got, "2 SendMessage succeeded") || !strings.Contains(got, "1 SendMessage connection") {
		t.Errorf("got\n%s", got)
	}
}
