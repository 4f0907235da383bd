// Package mutants holds planted bugs: realistic mistakes in node that the simulator must catch. They test the
// simulator; nothing of them is ever part of a shipped program. "sqssim mutants" builds each with go build -overlay
// and sweeps seeds until one fails.
//
// A mutant is a file name.mutant:
//
//	class 2
//	One or more lines that say what is wrong.
//	=== node/queue/delete.go
//	<<<<
//	text that stands in the file exactly once
//	====
//	text that replaces it
//	>>>>
//
// with as many replacements and files as needed. A mutant whose old text is not found exactly once is an error: the
// code has moved on and the mutant must follow it.
//
// A class is a number for a kind of bug that systems like this one really had (the file's name starts with it), or the
// area of the code in which a reviewer might miss the mistake: log, snapshot, clock and so on. A second line may name the
// profile of the runs that are to catch it: "profile moves".
package mutants

import (
	"cmp"
	"embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed *.mutant
var files embed.FS

// Mutant is one planted bug.
type Mutant struct {
	// Name is the file's name without its ending.
	Name string
	// Class is the number of a kind of bug, or the area of the code that the bug is in.
	Class string
	// Profile is the profile of the runs that are to catch it; empty for the default one.
	Profile string
	// Description says what is wrong, in one line.
	Description string
	// Edits are the replacements, in order.
	Edits []Edit
}

// Edit replaces a text that stands exactly once in a file.
type Edit struct{ File, Old, New string }

// All returns every mutant: the numbered classes in order, then the areas, each in order of name.
func All() ([]Mutant, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var all []Mutant
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		m, err := Parse(strings.TrimSuffix(e.Name(), ".mutant"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b Mutant) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), strings.Compare(a.Class, b.Class))
	})
	return all, nil
}

// Numbered says whether the class is a number.
func (m *Mutant) Numbered() bool { return m.rank() < math.MaxInt }

// rank is the number of the class; areas come behind all numbers.
func (m *Mutant) rank() int {
	if n, err := strconv.Atoi(m.Class); err == nil {
		return n
	}
	return math.MaxInt
}

// Parse reads a mutant.
func Parse(name, text string) (Mutant, error) {
	m := Mutant{Name: name}
	head, rest, ok := strings.Cut(text, "\n=== ")
	if !ok {
		return m, fmt.Errorf("no file is named")
	}
	class, description, _ := strings.Cut(head, "\n")
	class, ok = strings.CutPrefix(class, "class ")
	if !ok || class == "" || strings.ContainsAny(class, " ,") {
		return m, fmt.Errorf("the first line is %q, want class and a number or an area", class)
	}
	if line, rest, _ := strings.Cut(description, "\n"); strings.HasPrefix(line, "profile ") {
		m.Profile, description = strings.TrimPrefix(line, "profile "), rest
	}
	m.Class, m.Description = class, strings.Join(strings.Fields(description), " ")
	for part := range strings.SplitSeq(rest, "\n=== ") {
		file, edits, _ := strings.Cut(part, "\n")
		list, err := parseEdits(strings.TrimSpace(file), edits)
		if err != nil {
			return m, fmt.Errorf("%s: %w", file, err)
		}
		m.Edits = append(m.Edits, list...)
	}
	return m, nil
}

func parseEdits(file, text string) ([]Edit, error) {
	var edits []Edit
	for strings.TrimSpace(text) != "" {
		body, ok := strings.CutPrefix(strings.TrimLeft(text, "\n"), "<<<<\n")
		if !ok {
			return nil, fmt.Errorf("an edit does not begin with <<<<")
		}
		old, after, ok := strings.Cut(body, "====\n")
		if !ok {
			return nil, fmt.Errorf("an edit has no ====")
		}
		replacement, rest, ok := strings.Cut(after, ">>>>")
		if !ok {
			return nil, fmt.Errorf("an edit does not end with >>>>")
		}
		edits = append(edits, Edit{File: file, Old: strings.TrimSuffix(old, "\n"), New: strings.TrimSuffix(replacement, "\n")})
		text = rest
	}
	if len(edits) == 0 {
		return nil, fmt.Errorf("no edit")
	}
	return edits, nil
}

// Apply returns the mutated text of every file that m changes. read returns a file as it is.
func (m *Mutant) Apply(read func(file string) (string, error)) (map[string]string, error) {
	changed := map[string]string{}
	for _, e := range m.Edits {
		text, ok := changed[e.File]
		if !ok {
			var err error
			if text, err = read(e.File); err != nil {
				return nil, err
			}
		}
		if n := strings.Count(text, e.Old); n != 1 {
			return nil, fmt.Errorf("%s: the text to replace stands %d times in %s, want once:\n%s", m.Name, n, e.File, e.Old)
		}
		changed[e.File] = strings.Replace(text, e.Old, e.New, 1)
	}
	return changed, nil
}
