package lint

import (
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath string
	Dir        string
	Export     string // file with the exported types, from the build cache
	GoFiles    []string
	Imports    []string
	Module     *struct{ Main bool }
}

// own says that the package is one of this repository.
func (p *goPackage) own() bool { return p.Module != nil && p.Module.Main }

// inside says that the package is, or is below, one of the directories of the repository.
func (p *goPackage) inside(dirs ...string) bool {
	path := strings.TrimPrefix(p.ImportPath, "sqsd/")
	for _, dir := range dirs {
		if path == dir || strings.HasPrefix(path, dir+"/") {
			return true
		}
	}
	return false
}

// list returns what go list says with the given flags and patterns.
func list(t *testing.T, args ...string) map[string]*goPackage {
	t.Helper()
	command := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Export,GoFiles,Imports,Module"}, args...)...)
	command.Dir = "../.."
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string]*goPackage{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := new(goPackage)
		if err := d.Decode(p); err == io.EOF {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// source is a package with its syntax and types.
type source struct {
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
}

// load parses and type-checks a package.
func load(t *testing.T, p *goPackage, all map[string]*goPackage) *source {
	t.Helper()
	s := &source{fset: token.NewFileSet(), info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, f)
	}
	config := types.Config{Importer: importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(all[path].Export)
	})}
	if _, err := config.Check(p.ImportPath, s.fset, s.files, s.info); err != nil {
		t.Fatal(err)
	}
	return s
}

// at is a place for a message: file and line.
func (s *source) at(pos token.Pos) string {
	p := s.fset.Position(pos)
	return filepath.Base(filepath.Dir(p.Filename)) + "/" + filepath.Base(p.Filename) + ":" + strconv.Itoa(p.Line)
}
