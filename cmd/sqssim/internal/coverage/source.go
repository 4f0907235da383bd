package coverage

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// Function is a function or method of a file.
type Function struct {
	// Name has the type in front of a method's: Machine.settle.
	Name      string
	from, end token.Position
	guards    []guard
}

// guard is the body of an if statement that deals with an error.
type guard struct{ from, end token.Position }

// source is files of the module that were looked into.
type source struct {
	root  string
	files map[string][]Function
}

// functions lists the functions of a file.
func (s *source) functions(file string) ([]Function, error) {
	if known, ok := s.files[file]; ok {
		return known, nil
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, filepath.Join(s.root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []Function
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			all = append(all, Function{nameOf(f), set.Position(f.Pos()), set.Position(f.End()), guards(set, f)})
		}
	}
	s.files[file] = all
	return all, nil
}

func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	if name, ok := t.(*ast.Ident); ok {
		return name.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// guards finds what deals with errors: bodies of if statements whose condition asks for one, or that report one.
func guards(set *token.FileSet, f *ast.FuncDecl) (all []guard) {
	ast.Inspect(f, func(n ast.Node) bool {
		if i, ok := n.(*ast.IfStmt); ok && (asksForError(i.Cond) || reportsBreach(i.Body)) {
			all = append(all, guard{set.Position(i.Body.Pos()), set.Position(i.Body.End())})
		}
		if c, ok := n.(*ast.CaseClause); ok && reportsBreach(&ast.BlockStmt{List: c.Body}) {
			all = append(all, guard{set.Position(c.Pos()), set.Position(c.End())})
		}
		return true
	})
	return all
}

// errorNames are what variables and fields with an error are called.
var errorNames = map[string]bool{"err": true, "bad": true}

// asksForError says whether a condition is true of an error: x != nil.
func asksForError(condition ast.Expr) (found bool) {
	ast.Inspect(condition, func(n ast.Node) bool {
		b, ok := n.(*ast.BinaryExpr)
		if !ok || b.Op != token.NEQ {
			return true
		}
		if y, ok := b.Y.(*ast.Ident); !ok || y.Name != "nil" {
			return true
		}
		switch x := b.X.(type) {
		case *ast.Ident:
			found = found || errorNames[x.Name]
		case *ast.SelectorExpr:
			found = found || errorNames[x.Sel.Name]
		}
		return true
	})
	return found
}

// refusals are what refuses a record or a command that no node writes, or stops the node: functions that are called for
// it. Errors that are variables begin with err.
var refusals = map[string]bool{"breach": true, "fail": true, "broken": true, "unsupported": true, "Errorf": true}

// reportsBreach says whether statements refuse what cannot be, or return an error.
func reportsBreach(body *ast.BlockStmt) (found bool) {
	for _, statement := range body.List {
		switch statement.(type) {
		case *ast.ExprStmt, *ast.ReturnStmt:
		default:
			continue
		}
		ast.Inspect(statement, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && !isPackage(s.X, "wire") {
					found = found || refusals[s.Sel.Name]
				}
				if f, ok := n.Fun.(*ast.Ident); ok {
					found = found || refusals[f.Name]
				}
			case *ast.Ident:
				rest, ok := strings.CutPrefix(n.Name, "err")
				found = found || ok && rest != "" && rest[0] < 'a'
			}
			return true
		})
	}
	return found
}

// isPackage says whether an expression is the name of a package. Errors of package wire are answers, which runs must reach.
func isPackage(x ast.Expr, name string) bool {
	i, ok := x.(*ast.Ident)
	return ok && i.Name == name
}

// holds says whether a block begins in a span of the source.
func holds(from, end token.Position, b *Block) bool {
	after := b.Line > from.Line || b.Line == from.Line && b.Col >= from.Column
	before := b.Line < end.Line || b.Line == end.Line && b.Col < end.Column
	return after && before
}
