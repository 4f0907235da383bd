package sim

import (
	"slices"
	"testing"
	"time"

	"sqsd/wire"
)

// judgedBy is an Attempt for failures that are told by a function.
func judgedBy(t *testing.T, fails func(p Plan) (Plan, bool)) Attempt {
	return func(candidates int, candidate func(i int) Plan) (int, Failing) {
		for i := range candidates {
			text := new(candidate(i)).Text("")
			p, err := ParsePlan(text)
			if err != nil {
				t.Fatalf("a candidate is refused: %v\n%s", err, text)
			}
			if p, ok := fails(p); ok {
				return i, Failing{Plan: p}
			}
		}
		return -1, Failing{}
	}
}

// hasCrashAfterDelete is a failure that needs a receive, a delete of its message, and a crash behind that.
func hasCrashAfterDelete(p Plan) (Plan, bool) {
	for _, s := range p.Script.Steps {
		d, ok := s.Request.(*wire.DeleteMessageRequest)
		if !ok {
			continue
		}
		_, received := isReference(d.ReceiptHandle)
		crash := func(e FaultEvent) bool { return e.Kind == faultCrash && e.At > s.At && e.At < s.At+5*time.Second }
		if received && slices.ContainsFunc(p.Script.Faults, crash) {
			return p, true
		}
	}
	return p, false
}

func TestShrinkingKeepsOnlyWhatTheFailureNeeds(t *testing.T) {
	shrunk := 0
	for seed := range uint64(60) {
		plan := Run(NewPlan(seed, Lite), Options{}).Plan
		if _, fails := hasCrashAfterDelete(plan); !fails {
			continue
		}
		shrunk++
		attempt := judgedBy(t, hasCrashAfterDelete)
		small := Shrink(Failing{Plan: plan}, attempt)
		if steps, faults := small.Size(); steps != 2 || faults != 1 {
			t.Errorf("seed %d: %d steps and %d faults are left:\n%s", seed, steps, faults, small.Script.text())
		}
		again := Shrink(Failing{Plan: plan}, attempt)
		if small.Text("") != again.Text("") {
			t.Errorf("seed %d: shrunk to\n%s\nand to\n%s", seed, small.Script.text(), again.Script.text())
		}
	}
	if shrunk < 2 {
		t.Errorf("only %d seeds fail", shrunk)
	}
}

func TestShrinkingEveryKindOfPlanGivesPlans(t *testing.T) {
	for _, profile := range []Profile{Default, Moves} {
		for seed := range uint64(4) {
			plan := Run(NewPlan(seed, profile), Options{}).Plan
			left := 150 // candidates that are looked at, of which every third fails
			Shrink(Failing{Plan: plan}, judgedBy(t, func(p Plan) (Plan, bool) {
				left--
				return p, left > 0 && left%3 == 0
			}))
		}
	}
}

func TestAShrunkPlanReachesTheSameOnItsOwn(t *testing.T) {
	const mark = "long poll: given messages"
	reaches := func(p Plan) (Plan, bool) {
		report := Run(p, Options{})
		return report.Plan, report.Marks[mark] > 0
	}
	plan, ok := reaches(NewPlan(4, Lite))
	if !ok {
		t.Fatalf("the seed does not reach %q", mark)
	}
	small := Shrink(Failing{Plan: plan}, judgedBy(t, reaches))
	// To make a queue, send a message, and poll for it.
	if steps, faults := small.Size(); steps != 3 || faults != 0 {
		t.Errorf("%d steps and %d faults are left:\n%s", steps, faults, small.Script.text())
	}
	if _, ok := reaches(small); !ok {
		t.Error("the shrunk plan does not reach what it should")
	}
}
