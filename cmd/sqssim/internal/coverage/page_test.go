package coverage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = "../../../.."

// TestThePageNamesFunctionsThatExist keeps docs/simulation-coverage.md true to the source.
func TestThePageNamesFunctionsThatExist(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(module, "docs/simulation-coverage.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range Check(string(page), module) {
		t.Error(fault)
	}
	if n := strings.Count(string(page), beginFunctions); n == 0 {
		t.Error("the page lists nothing: are its marks still right?")
	}
}

const sampleSource = `package x

func (m *Machine) both(a int) error {
	if err := m.read(); err != nil {
		return err
	}
	if a > 1 {
		return m.other()
	}
	return nil
}

func never() {
	println()
}
`

const sampleProfile = `mode: set
sqsd/x/x.go:4.33,6.3 1 0
sqsd/x/x.go:7.11,9.3 1 0
sqsd/x/x.go:10.2,10.12 1 1
sqsd/x/x.go:13.14,15.2 1 0
sqsd/x/x.go:13.14,15.2 1 0
`

const samplePage = `# Title

<!-- figures -->
<!-- end -->

Errors.

<!-- guards -->
<!-- end -->

Others.

<!-- functions -->
- ` + "`x/x.go`: `Machine.both` 7, `Machine.reached` 1" + `
<!-- end -->
`

func writeSample(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "x/x.go"), []byte(sampleSource), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestUpdate(t *testing.T) {
	root := writeSample(t)
	blocks, err := ReadProfile(strings.NewReader(sampleProfile), "sqsd")
	if err != nil {
		t.Fatal(err)
	}
	page, found, err := Update(samplePage, root, blocks)
	if err != nil {
		t.Fatal(err)
	}
	if found.Total != (Share{Reached: 1, Statements: 4}) || len(found.Unexplained) != 1 {
		t.Errorf("found %+v", found)
	}
	for _, want := range []string{
		"| `x` | 4 | 1 | 25.0 % |\n", "1 statements: `x/x.go` 1.\n", "- `x/x.go`: `Machine.both` 1\n", noReason, "- `x/x.go`: `never` 1\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	again, _, err := Update(page, root, blocks)
	if err != nil || again != page {
		t.Errorf("a second update changes the page (%v):\n%s", err, again)
	}
	if faults := Check(page, root); len(faults) != 1 {
		t.Errorf("the page without a reason has faults %q", faults)
	}
	if faults := Check(samplePage, root); len(faults) != 1 || !strings.Contains(faults[0], "Machine.reached") {
		t.Errorf("the page with a name that is gone has faults %q", faults)
	}
}

func TestReadProfileRefusesOtherText(t *testing.T) {
	for _, text := range []string{"x", "a.go:1.2,3 1 0", "a.go:1.2,3.4 1"} {
		if _, err := ReadProfile(strings.NewReader(text), "sqsd"); err == nil {
			t.Errorf("%q is read as a profile", text)
		}
	}
}
