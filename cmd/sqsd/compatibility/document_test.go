package compatibility

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"
)

var rewrite = flag.Bool("rewrite", false, "write docs/compatibility.md anew")

const document = root + "/docs/compatibility.md"

func TestTheDocumentIsUpToDate(t *testing.T) {
	refs := allRefs()
	var packages, functions []string
	for _, r := range refs {
		path, _ := r.split()
		packages, functions = append(packages, path), append(functions, r.function())
	}
	found := collect(t, unique(packages), unique(functions))
	errors, quotas, choices := errorRows(t, found), quotaRows(t, found), choiceRows(t, found)
	actions := actionRows(t, found)
	if t.Failed() {
		return
	}
	t.Logf("%d actions, %d errors, %d quotas, %d choices", len(actions), len(errors), len(quotas), len(choices))
	want := fill(t, map[string][]string{"Actions": actions, "Errors": errors, "Quotas": quotas, "Choices": choices})
	if *rewrite {
		if err := os.WriteFile(document, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/compatibility.md is stale; go test ./cmd/sqsd/compatibility -rewrite writes it")
	}
}

// allRefs are all tests that the document may name.
func allRefs() (all []ref) {
	all = append(all, errorTests...)
	all = append(all, unsentTests...)
	for _, q := range quotas {
		all = append(all, q.tests...)
	}
	for _, c := range choices {
		all = append(all, c.tests...)
	}
	return all
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// fill puts the tables into the text around them.
func fill(t *testing.T, tables map[string][]string) []byte {
	t.Helper()
	text, err := template.ParseFiles("testdata/compatibility.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := text.Option("missingkey=error").Execute(&b, tables); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tableRow is a line of a table. An empty cell is an error.
func tableRow(t *testing.T, cells ...string) string {
	t.Helper()
	for i, c := range cells {
		if strings.TrimSpace(c) == "" {
			t.Errorf("cell %d of %q is empty", i+1, cells)
		}
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

func listed(refs []ref) string {
	var texts []string
	for _, r := range refs {
		texts = append(texts, r.String())
	}
	return strings.Join(texts, ", ")
}
