package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// The limits of style: what is longer hides more than one subject.
const (
	maxFileLines     = 500
	maxFunctionLines = 70
)

func TestFilesAndFunctionsAreShort(t *testing.T) {
	const root = "../.."
	checked := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			checked++
			checkSize(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 20 {
		t.Errorf("only %d files were found to check", checked)
	}
}

func checkSize(t *testing.T, path string) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Error(err)
		return
	}
	if lines := fset.File(file.Pos()).LineCount(); lines > maxFileLines {
		t.Errorf("%s has %d lines, at most %d are allowed", path, lines, maxFileLines)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			first, last := fset.Position(f.Pos()).Line, fset.Position(f.End()).Line
			if last-first+1 > maxFunctionLines {
				t.Errorf("%s:%d: %s has %d lines, at most %d are allowed", path, first, f.Name.Name, last-first+1, maxFunctionLines)
			}
		}
	}
}
