package lint

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// simulated are the directories that the simulator runs, and exempt those in them that it does not.
var (
	simulated = []string{"model", "sim", "node"}
	exempt    = []string{"node/disk/pebbledisk", "node/disk/disktest"}
)

// forbiddenImports are packages without a place in deterministic code.
var forbiddenImports = []string{"os", "os/exec", "os/signal", "net", "net/http", "sync", "sync/atomic", "hash/maphash",
	"math/rand", "log", "log/slog", "testing"}

// seededReader is the one file that may touch crypto/rand: it puts a seeded reader in its place.
const seededReader = "sim/seed.go"

// clocks are the functions of package time that read or wait for the wall clock.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// seeded are the functions of math/rand/v2 that do not draw from the global source.
var seeded = []string{"New", "NewPCG", "NewChaCha8", "NewZipf"}

func TestSimulatedCodeIsDeterministic(t *testing.T) {
	all := list(t, "-export", "-deps", "./model/...", "./sim/...", "./node/...")
	checked := 0
	for _, p := range all { // order: only the order of messages
		if !p.own() || !p.inside(simulated...) || p.inside(exempt...) || len(p.GoFiles) == 0 {
			continue
		}
		checked++
		s := load(t, p, all)
		for _, finding := range s.nondeterminism() {
			t.Error(finding)
		}
	}
	if checked < 5 {
		t.Errorf("only %d packages were found to check", checked)
	}
}

// nondeterminism lists what could make two runs of a seed differ.
func (s *source) nondeterminism() []string {
	var findings []string
	report := func(pos token.Pos, what string) { findings = append(findings, s.at(pos)+": "+what) }
	for _, file := range s.files {
		name := s.fset.Position(file.Pos()).Filename
		excused := s.excused(file)
		for _, i := range file.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			if slices.Contains(forbiddenImports, path) || path == "crypto/rand" && !strings.HasSuffix(filepath.ToSlash(name), seededReader) {
				report(i.Pos(), "import of "+path)
			}
		}
		sorted := map[ast.Expr]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				report(n.Pos(), "goroutine")
			case *ast.SelectStmt, *ast.ChanType, *ast.SendStmt:
				report(n.Pos(), "channel")
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					report(n.Pos(), "channel")
				}
			case *ast.RangeStmt:
				if _, ok := s.info.Types[n.X].Type.Underlying().(*types.Map); ok && !excused[s.fset.Position(n.Pos()).Line] {
					report(n.Pos(), "range over a map without a comment // order: reason")
				}
			case *ast.CallExpr:
				for _, arg := range n.Args {
					sorted[arg] = strings.HasPrefix(s.called(n), "slices.Sorted")
				}
				called := s.called(n)
				unordered := called == "maps.Keys" || called == "maps.Values" || called == "maps.All"
				if unordered && !sorted[n] && !excused[s.fset.Position(n.Pos()).Line] {
					report(n.Pos(), called+" is neither sorted at once nor excused by a comment // order: reason")
				}
			case *ast.SelectorExpr:
				if what := s.forbiddenUse(n); what != "" {
					report(n.Pos(), what)
				}
			}
			return true
		})
	}
	return findings
}

// excused are the lines with a comment that says why the order of a map does not show.
func (s *source) excused(file *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if reason, ok := strings.CutPrefix(c.Text, "// order:"); ok && strings.TrimSpace(reason) != "" {
				lines[s.fset.Position(c.Pos()).Line] = true
			}
		}
	}
	return lines
}

// called is the package function that is called, such as "maps.Keys", or empty.
func (s *source) called(call *ast.CallExpr) string {
	if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
		if pkg := s.packageOf(selector); pkg != "" {
			return pkg + "." + selector.Sel.Name
		}
	}
	return ""
}

// packageOf is the path of the package that a selector selects from, or empty.
func (s *source) packageOf(selector *ast.SelectorExpr) string {
	if id, ok := selector.X.(*ast.Ident); ok {
		if name, ok := s.info.Uses[id].(*types.PkgName); ok {
			return name.Imported().Path()
		}
	}
	return ""
}

func (s *source) forbiddenUse(selector *ast.SelectorExpr) string {
	name := selector.Sel.Name
	switch s.packageOf(selector) {
	case "time":
		if slices.Contains(clocks, name) {
			return "time." + name
		}
	case "math/rand/v2":
		if _, function := s.info.Uses[selector.Sel].(*types.Func); function && !slices.Contains(seeded, name) {
			return "global randomness: rand." + name
		}
	}
	return ""
}
