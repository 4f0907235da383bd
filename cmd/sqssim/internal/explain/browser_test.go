//go:build browser

package explain

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestABrowserDrawsThePage opens the page of a failed run in Chromium and looks at what its script has drawn.
func TestABrowserDrawsThePage(t *testing.T) {
	report, recording := recorded(t)
	refuseDelete(t, report)
	page, err := New(report, recording)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "page.html")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	browser := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
		"--disable-background-networking", "--disable-component-update", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=3000", "--window-size=1400,1000", "--dump-dom", "file://"+path)
	dom, err := browser.Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	root, err := html.Parse(strings.NewReader(string(dom)))
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	bars := 0
	for _, e := range (parsed{root}).all("text") {
		drawn[text(e)] = true
	}
	for _, e := range (parsed{root}).all("rect") {
		if strings.HasPrefix(attribute(e, "class"), "bar ") {
			bars++
		}
	}
	for _, label := range lanesOf(page) {
		if !drawn[label] {
			t.Errorf("the lane %q is not drawn", label)
		}
	}
	if bars < len(page.Timeline.Lanes) {
		t.Errorf("%d bars are drawn, want at least one for each of %d lanes", bars, len(page.Timeline.Lanes))
	}
}
