package lint

import (
	"strings"
	"testing"
)

// mayImport says which directories of the repository a package may import, by the longest prefix of its own.
var mayImport = map[string][]string{
	"wire":                 {},
	"model":                {"wire"},
	"node":                 {"wire", "node"},
	"node/disk":            {},
	"node/disk/disktest":   {"node/disk"},
	"node/disk/pebbledisk": {"node/disk"},
	"sim":                  {"wire", "model", "node", "sim"},
	"jepsen":               {"wire", "model", "node", "jepsen"},
	"cmd/sqsd":             {"wire", "node", "cmd/sqsd"},
	"cmd/sqssim":           {"wire", "model", "node", "sim", "cmd/sqssim"},
	"cmd/sqsbench":         {"wire", "cmd/sqsbench"},
}

func TestArrowsGoUpOnly(t *testing.T) {
	all := list(t, "./...")
	checked := 0
	for _, p := range all { // order: only the order of messages
		if !p.own() {
			continue
		}
		checked++
		allowed, known := rule(p)
		if !known {
			t.Errorf("%s has no place in the house: add it to the list of arrows", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			if i := all[path]; i != nil && i.own() && !i.inside(allowed...) {
				t.Errorf("%s imports %s, but may only import %v", p.ImportPath, path, allowed)
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d packages were found to check", checked)
	}
}

// rule is the entry of mayImport that applies to a package.
func rule(p *goPackage) (allowed []string, known bool) {
	for dir := strings.TrimPrefix(p.ImportPath, "sqsd/"); ; {
		if allowed, known = mayImport[dir]; known {
			return allowed, true
		}
		i := strings.LastIndexByte(dir, '/')
		if i < 0 {
			return nil, false
		}
		dir = dir[:i]
	}
}
