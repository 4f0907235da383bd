package compatibility

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// evidence is the tests that ran and passed, in the order in which they ended, by package.
type evidence map[string][]string

// collect runs the tests of the named functions in the packages that have them.
func collect(t *testing.T, packages, functions []string) evidence {
	t.Helper()
	args := []string{"test", "-json", "-vet=off", "-run", "^(" + strings.Join(functions, "|") + ")$"}
	for _, p := range packages {
		dependOn(t, p)
		args = append(args, "./"+p)
	}
	command := exec.Command("go", args...)
	command.Dir = root
	command.Stderr = os.Stderr
	out, err := command.Output()
	found := evidence{}
	said := map[string]*strings.Builder{} // by test
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var event struct{ Action, Package, Test, Output string }
		if err := d.Decode(&event); err != nil {
			t.Fatal(err)
		}
		p := strings.TrimPrefix(event.Package, "sqsd/")
		id := p + " " + event.Test
		if said[id] == nil {
			said[id] = new(strings.Builder)
		}
		said[id].WriteString(event.Output)
		switch {
		case event.Action == "fail":
			t.Errorf("%s failed: %s", id, said[id])
		case event.Action == "pass" && event.Test != "":
			found[p] = append(found[p], event.Test)
		}
	}
	if err != nil {
		t.Fatalf("go test: %v", err)
	}
	return found
}

// dependOn looks at the files that a package's tests are made of. Otherwise go test would not know that the answer of this
// test, if it has kept one, depends on them.
func dependOn(t *testing.T, path string) {
	t.Helper()
	for _, pattern := range []string{"*.go", "testdata/script/*"} {
		files, err := filepath.Glob(filepath.Join(root, path, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if _, err := os.Stat(f); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// ref names a test: the package, a space, and the test or the beginning of the names of several, up to a slash.
type ref string

func (r ref) split() (path, name string) {
	path, name, _ = strings.Cut(string(r), " ")
	return path, name
}

// function is the test function that the ref is a test of.
func (r ref) function() string {
	_, name := r.split()
	function, _, _ := strings.Cut(name, "/")
	return function
}

// String is the ref as the document shows it.
func (r ref) String() string {
	path, name := r.split()
	return path + " `" + name + "`"
}

// has says whether a test, or tests whose names begin so, ran and passed.
func (e evidence) has(r ref) bool {
	path, name := r.split()
	return slices.ContainsFunc(e[path], func(passed string) bool {
		return passed == name || strings.HasPrefix(passed, name+"/")
	})
}

// need reports refs that no test answers to. A script must say in a comment that it is about the row.
func (e evidence) need(t *testing.T, row string, refs ...ref) {
	t.Helper()
	if len(refs) == 0 {
		t.Errorf("%s: no test", row)
	}
	for _, r := range refs {
		if !e.has(r) {
			t.Errorf("%s: there is no test %s that passes", row, r)
		}
		if path, name := r.split(); r.function() == "TestScripts" {
			script := filepath.Join(root, path, "testdata/script", strings.TrimPrefix(name, "TestScripts/")+".txt")
			if about := regexp.MustCompile(`\b` + regexp.QuoteMeta(row) + `\b`); !about.MatchString(comments(t, script)) {
				t.Errorf("no comment of %s says that it is about %q", r, row)
			}
		}
	}
}

// comments are those of a script, each in one line.
func comments(t *testing.T, script string) string {
	t.Helper()
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if comment, found := strings.CutPrefix(line, "# "); found {
			b.WriteString(strings.TrimSuffix(comment, "\n") + " ")
		} else {
			b.WriteString("\n")
		}
	}
	return b.String()
}
