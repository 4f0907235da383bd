package mutants

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestEveryMutantAppliesToTheCodeAsItIs(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		t.Run(m.Name, func(t *testing.T) {
			changed, err := m.Apply(func(file string) (string, error) {
				text, err := os.ReadFile(filepath.Join("..", "..", file))
				return string(text), err
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(changed) == 0 || m.Description == "" {
				t.Errorf("mutant changes %d files and says %q", len(changed), m.Description)
			}
		})
	}
}

const sample = `class 7
Something is
wrong.
=== a.go
<<<<
	old line
====
	new line
>>>>
<<<<
second
====
>>>>
`

func TestOrderAndNames(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range all {
		number, _, _ := strings.Cut(m.Name, "-")
		if n, _ := strconv.Atoi(m.Class); m.Numbered() != (n > 0) || m.Numbered() && number != fmt.Sprintf("%02d", n) {
			t.Errorf("mutant %s is of class %s", m.Name, m.Class)
		}
		if i > 0 && all[i-1].rank() > m.rank() {
			t.Errorf("%s of class %s stands before %s of class %s", all[i-1].Name, all[i-1].Class, m.Name, m.Class)
		}
	}
}

func TestApply(t *testing.T) {
	m, err := Parse("sample", sample)
	if err != nil {
		t.Fatal(err)
	}
	if m.Class != "7" || m.Profile != "" || m.Description != "Something is wrong." || len(m.Edits) != 2 {
		t.Fatalf("parsed %+v", m)
	}
	if m, err := Parse("sample", strings.Replace(sample, "\n", "\nprofile moves\n", 1)); err != nil || m.Profile != "moves" ||
		m.Description != "Something is wrong." {
		t.Fatalf("parsed %+v, %v", m, err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"once each", "x\n\told line\nsecond\ny", "x\n\tnew line\n\ny"},
		{"old text missing", "x\nsecond\ny", ""},
		{"old text twice", "\told line\n\told line\nsecond", ""},
	} {
		changed, err := m.Apply(func(string) (string, error) { return c.text, nil })
		switch {
		case c.want == "" && err == nil:
			t.Errorf("%s: applied, want an error", c.name)
		case c.want != "" && (err != nil || changed["a.go"] != c.want):
			t.Errorf("%s: got %q, %v", c.name, changed["a.go"], err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no class":   strings.Replace(sample, "class 7", "seven", 1),
		"two areas":  strings.Replace(sample, "class 7", "class log, clock", 1),
		"no file":    "class 7\nSomething is wrong.\n",
		"no edit":    "class 7\nSomething is wrong.\n=== a.go\n",
		"no end":     strings.ReplaceAll(sample, ">>>>", ""),
		"no divider": strings.ReplaceAll(sample, "====\n", ""),
	} {
		if _, err := Parse(name, text); err == nil {
			t.Errorf("%s: parsed, want an error", name)
		}
	}
}
