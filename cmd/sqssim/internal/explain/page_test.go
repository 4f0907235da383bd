package explain

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// attack is what a message body may hold, to end an element or a string early.
const attack = `</script></pre><script>alert("1")</script>'"<b>&amp;`

// samplePage is a small page with the attack wherever text of a run may stand.
func samplePage() *Page {
	return &Page{
		Title: "G2 broken " + attack, Promise: "G2", PromiseName: "one holder", Statement: "A promise. " + attack,
		Sentence: "Message m1 was given away. " + attack, Details: attack, Also: []string{attack},
		Facts: []Fact{{"When", attack}}, Commands: []string{"go run ./cmd/sqssim replay --seed 7"},
		Life: Life{Title: "message m1", Note: attack, Omitted: 3, Rows: []Row{
			{ID: 1, Time: "1.000 s", Who: attack, What: attack, Answer: attack, State: attack, Place: "0/1.0", Full: attack},
			{ID: 2, Time: "2.000 s", Who: "client 1", What: "receives it", Broken: true, Expected: attack},
		}},
		Background: []Happening{{"1.500 s", "n1", attack}},
		Timeline: Timeline{End: 3, From: 1, To: 2.5, Life: [2]float64{1, 2}, Broken: 2, Lanes: []Lane{
			{Label: "n1", Kind: "node", Rows: []Band{{Bars: []Bar{{From: 0, To: 3, Class: "up", Label: attack, Title: attack}}}}},
			{Label: "client 1", Kind: "client", Rows: []Band{{
				Bars:  []Bar{{From: 1, To: 2, Class: "receive", Label: "receive", Title: attack, Row: 2}},
				Marks: []Mark{{At: 2, Class: "broken", Label: attack, Title: attack}},
			}}},
		}},
		Porcupine: "<html><body><script>inner(\"page\")</script></body></html>", PorcupineNote: attack, Plan: attack,
		Trace: []TraceLine{{Text: attack, Subject: true}, {Text: attack, Gap: true}},
	}
}

// parsed is a page as a browser reads it.
type parsed struct{ root *html.Node }

func render(t *testing.T, p *Page) parsed {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return parsed{root}
}

// all are the elements of a tag.
func (p parsed) all(tag string) (list []*html.Node) {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			list = append(list, n)
		}
	}
	return list
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestTextOfARunNeverBecomesMarkup(t *testing.T) {
	page := render(t, samplePage())
	if scripts := page.all("script"); len(scripts) != 2 {
		t.Errorf("the page has %d scripts, want its data and its own", len(scripts))
	}
	if bold := page.all("b"); len(bold) != 2 { // the promise, and the line of the trace that names the message
		t.Errorf("the page has %d bold elements, want 2", len(bold))
	}
	if got, want := strings.Count(text(page.root), attack), 17; got != want {
		t.Errorf("the page shows the text %d times, want %d", got, want)
	}
}

func TestThePageHoldsItsTimeLineAsData(t *testing.T) {
	sample := samplePage()
	var got Timeline
	if err := json.Unmarshal([]byte(text(render(t, sample).all("script")[0])), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, sample.Timeline) {
		t.Errorf("the page holds %+v, want %+v", got, sample.Timeline)
	}
}

func TestThePageHoldsPorcupinesPage(t *testing.T) {
	sample := samplePage()
	frames := render(t, sample).all("iframe")
	if len(frames) != 1 || attribute(frames[0], "srcdoc") != sample.Porcupine {
		t.Errorf("got %d frames, want one with porcupine's page", len(frames))
	}
	sample.Porcupine = ""
	if frames := render(t, sample).all("iframe"); len(frames) != 0 {
		t.Error("there is a frame without a page in it")
	}
}

func TestThePageNeedsNothingElse(t *testing.T) {
	page := render(t, samplePage())
	for _, tag := range []string{"link", "img", "object", "embed"} {
		if len(page.all(tag)) > 0 {
			t.Errorf("the page has a %s", tag)
		}
	}
	for _, script := range page.all("script") {
		if attribute(script, "src") != "" {
			t.Error("the page loads a script")
		}
	}
	if css := text(page.all("style")[0]); strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the page's style loads something")
	}
}
