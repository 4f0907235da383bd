package sim

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var markCall = regexp.MustCompile(`\.Mark\("([^"]*)"\)`)

func TestTheListOfMarksIsThatOfNode(t *testing.T) {
	var reported []string
	err := filepath.WalkDir("../node", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range markCall.FindAllStringSubmatch(string(text), -1) {
			reported = append(reported, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(reported) == 0 {
		t.Fatal("node reports no marks: is the pattern still right?")
	}
	for _, name := range reported {
		if !slices.Contains(Marks, name) {
			t.Errorf("node reports %q, which is not listed", name)
		}
	}
	for _, name := range Marks {
		if !strings.Contains(name, ": ") && !slices.Contains(reported, name) {
			t.Errorf("%q is listed, but node does not report it", name)
		}
	}
}

func TestRareMarksAreMarks(t *testing.T) {
	for name, runs := range rareMarks { // order: only that of messages
		if !slices.Contains(Marks, name) {
			t.Errorf("%q is declared to be rare, but is not listed", name)
		}
		if len(runs) == 0 {
			t.Errorf("%q is reached by no profile: why is it listed?", name)
		}
		for profile, within := range runs {
			if within <= usual && profile == Default {
				t.Errorf("%q is reached by one of %d default runs: that is not rare", name, within)
			}
		}
	}
}
