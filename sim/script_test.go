package sim

import (
	"path/filepath"
	"reflect"
	"testing"
)

// replayed are the seeds of each profile that are recorded and run again from their text.
var replayed = map[Profile]uint64{Lite: 30, Default: 20, Moves: 10, Deep: 3}

func TestARunFromItsScriptIsTheSameRun(t *testing.T) {
	for profile, seeds := range replayed {
		for seed := range seeds {
			recorded := Run(NewPlan(seed, profile), Options{})
			text := recorded.Plan.Text("")
			plan, err := ParsePlan(text)
			if err != nil {
				t.Errorf("seed %d %s: %v", seed, profile, err)
				continue
			}
			again := Run(plan, Options{})
			if again.Hash != recorded.Hash {
				t.Errorf("seed %d %s: trace %016x, from its script %016x", seed, profile, recorded.Hash, again.Hash)
			}
			if !reflect.DeepEqual(again.Violation, recorded.Violation) {
				t.Errorf("seed %d %s: %v, from its script %v", seed, profile, recorded.Violation, again.Violation)
			}
			if got := again.Plan.Text(""); got != text {
				t.Errorf("seed %d %s: the script of a run from a script is another one", seed, profile)
			}
		}
	}
}

// Each plan in testdata/fixed broke a promise once; its comment says which situation it makes.
func TestWhatWasFixedStaysFixed(t *testing.T) {
	files, err := filepath.Glob("testdata/fixed/*.plan")
	if err != nil || len(files) == 0 {
		t.Fatalf("no plans: %v", err)
	}
	for _, file := range files {
		plan, err := ParsePlan(readGolden(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if report := Run(plan, Options{}); report.Violation != nil {
			t.Errorf("%s: %v", file, report.Violation)
		}
	}
}
