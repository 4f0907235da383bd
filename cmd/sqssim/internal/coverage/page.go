package coverage

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Lines of the page between which the rest is written by the program.
const (
	beginFigures   = "<!-- figures -->"   // statements by package
	beginGuards    = "<!-- guards -->"    // statements that deal with errors, by file
	beginFunctions = "<!-- functions -->" // other statements, by function
	endPart        = "<!-- end -->"
)

// noReason is the head of the list of functions that the page gives no reason for.
const noReason = "## Without a reason"

// entry is the line of a file in a list of functions, named one of its functions.
var (
	entry = regexp.MustCompile("^- `([^`]+)`: (.*)$")
	named = regexp.MustCompile("`([^`]+)`")
)

// Findings are what a page was brought up to date with.
type Findings struct {
	Total Share
	// Unexplained are the functions with statements that are not reached and for which the page has no reason.
	Unexplained []string
}

// unreached counts statements by file and, in it, by function.
type unreached map[string]map[string]int

func (u unreached) add(file, function string, statements int) {
	if u[file] == nil {
		u[file] = map[string]int{}
	}
	u[file][function] += statements
}

// Update puts the figures of a profile into a page. A function stays under the reason that it stands under; one that is
// reached now is left out, and one that is new comes under noReason at the end. root is the directory of the module.
func Update(page, root string, blocks []Block) (string, *Findings, error) {
	found := &Findings{}
	packages := map[string]*Share{}
	guarded, others := unreached{}, unreached{}
	src := &source{root: root, files: map[string][]Function{}}
	for i := range blocks {
		b := &blocks[i]
		found.Total.add(b)
		dir := path.Dir(b.File)
		if packages[dir] == nil {
			packages[dir] = &Share{}
		}
		packages[dir].add(b)
		if b.reached || b.Statements == 0 {
			continue
		}
		f, guard, err := src.find(b)
		if err != nil {
			return "", nil, err
		}
		if guard {
			guarded.add(b.File, f, b.Statements)
		} else {
			others.add(b.File, f, b.Statements)
		}
	}
	page, _, _ = strings.Cut(page, "\n"+noReason)
	out := rewrite(page, func(kind string, old []string) []string {
		switch kind {
		case beginFigures:
			return figures(packages, found.Total)
		case beginGuards:
			return byFile(guarded)
		default:
			return list(others.takeNamed(old))
		}
	})
	if rest := list(others); len(rest) > 0 {
		out += "\n" + noReason + "\n\n" + beginFunctions + "\n" + strings.Join(rest, "\n") + "\n" + endPart + "\n"
		found.Unexplained = rest
	}
	return out, found, nil
}

// find is the function of a block, and whether the block deals with an error.
func (s *source) find(b *Block) (function string, guard bool, err error) {
	all, err := s.functions(b.File)
	if err != nil {
		return "", false, err
	}
	for _, f := range all {
		if holds(f.from, f.end, b) {
			return f.Name, f.deals(b), nil
		}
	}
	return "", false, fmt.Errorf("%s:%d is in no function: is the profile that of this source?", b.File, b.Line)
}

func (f *Function) deals(b *Block) bool {
	for _, g := range f.guards {
		if holds(g.from, g.end, b) {
			return true
		}
	}
	return false
}

// rewrite replaces the lines of every part of a page.
func rewrite(page string, part func(kind string, old []string) []string) string {
	var out, old []string
	kind := ""
	for line := range strings.SplitSeq(strings.TrimRight(page, "\n"), "\n") {
		switch {
		case kind != "" && line == endPart:
			out = append(append(out, part(kind, old)...), line)
			kind, old = "", nil
		case kind != "":
			old = append(old, line)
		default:
			out = append(out, line)
			if line == beginFigures || line == beginGuards || line == beginFunctions {
				kind = line
			}
		}
	}
	return strings.Join(out, "\n") + "\n"
}

// takeNamed takes out the functions that some lines name.
func (u unreached) takeNamed(lines []string) unreached {
	taken := unreached{}
	for _, line := range lines {
		file, functions := parseEntry(line)
		for _, f := range functions {
			if n := u[file][f]; n > 0 {
				taken.add(file, f, n)
				delete(u[file], f)
			}
		}
	}
	return taken
}

func parseEntry(line string) (file string, functions []string) {
	m := entry.FindStringSubmatch(line)
	if m == nil {
		return "", nil
	}
	for _, name := range named.FindAllStringSubmatch(m[2], -1) {
		functions = append(functions, name[1])
	}
	return m[1], functions
}

// list has a line for each file with its functions.
func list(u unreached) (lines []string) {
	for file, functions := range u { // order: sorted below
		var names []string
		for f, n := range functions { // order: sorted below
			names = append(names, fmt.Sprintf("`%s` %d", f, n))
		}
		slices.Sort(names)
		if len(names) > 0 {
			lines = append(lines, fmt.Sprintf("- `%s`: %s", file, strings.Join(names, ", ")))
		}
	}
	slices.Sort(lines)
	return lines
}

// byFile is one line with the number of statements in each file.
func byFile(u unreached) []string {
	total := 0
	var files []string
	for file, functions := range u { // order: sorted below
		n := 0
		for _, statements := range functions { // order: a sum
			n += statements
		}
		total += n
		files = append(files, fmt.Sprintf("`%s` %d", file, n))
	}
	slices.Sort(files)
	return []string{fmt.Sprintf("%d statements: %s.", total, strings.Join(files, ", "))}
}

func figures(packages map[string]*Share, total Share) []string {
	var rows []string
	for dir, s := range packages { // order: sorted below
		rows = append(rows, row("`"+dir+"`", *s))
	}
	slices.Sort(rows)
	head := []string{"| package | statements | reached | |", "|---|---:|---:|---:|"}
	return append(append(head, rows...), row("all", total))
}

func row(name string, s Share) string {
	return fmt.Sprintf("| %s | %d | %d | %.1f %% |", name, s.Statements, s.Reached, s.Percent())
}

// Check says what a page names that the source does not have, and whether it leaves out reasons. root is the directory of
// the module.
func Check(page, root string) (faults []string) {
	src := &source{root: root, files: map[string][]Function{}}
	rewrite(page, func(kind string, lines []string) []string {
		for _, line := range lines {
			file, functions := parseEntry(line)
			if kind != beginFunctions {
				continue
			}
			all, problem := src.functions(file)
			if problem != nil {
				faults = append(faults, fmt.Sprintf("%q: %v", line, problem))
			}
			for _, name := range functions {
				if problem == nil && !slices.ContainsFunc(all, func(f Function) bool { return f.Name == name }) {
					faults = append(faults, fmt.Sprintf("%s has no function %s", file, name))
				}
			}
		}
		return lines
	})
	if strings.Contains(page, noReason) {
		faults = append(faults, "some functions are listed without a reason")
	}
	return faults
}
