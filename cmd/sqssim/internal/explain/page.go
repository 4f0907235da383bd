// Package explain draws the page that shows why a run failed: one HTML file that needs nothing else.
//
// [New] makes a [Page] of a report and of what was recorded while the run happened; [Page.Write] renders it. Nothing here
// reads or writes files. All times on a page are seconds since the start of the run.
package explain

import (
	_ "embed"
	"html"
	"html/template"
	"io"
)

// Page is everything that stands on a page.
type Page struct {
	Title string
	// Promise is the broken promise, its number, name and statement.
	Promise, PromiseName, Statement string
	// Sentence says what happened; Details, if any, is a longer text such as a stack.
	Sentence, Details string
	// Also are other promises that were found broken.
	Also []string
	// Facts are where, when and who.
	Facts []Fact
	// Commands replay the run.
	Commands []string
	// Life is the story of the message or queue.
	Life Life
	// Background are faults and changes of leaders before it broke.
	Background []Happening
	Timeline   Timeline
	// Porcupine is porcupine's whole page of the offending part of the history, and PorcupineNote says what it shows.
	Porcupine     string
	PorcupineNote string
	// Plan is the text of the (shrunk) plan, empty if there is none.
	Plan string
	// Trace is the text of what happened around the violation.
	Trace []TraceLine
}

// Fact is a line of the head.
type Fact struct{ Name, Text string }

// Life is the table of what happened to a message or a queue.
type Life struct {
	Title string
	// Note explains the table, Omitted counts the steps that were left out before the first row.
	Note    string
	Omitted int
	Rows    []Row
}

// Row is a step of a life.
type Row struct {
	ID               int // of bars on the time line that are the same step
	Time, Who, What  string
	Answer, State    string
	Place            string // in the log
	Full             string // request and answer in full
	Broken, Evidence bool
	Expected         string // what the specification says where it broke
}

// Happening is a fault or a change of leader.
type Happening struct{ Time, Who, What string }

// TraceLine is a line of the trace.
type TraceLine struct {
	Text string
	// Subject says that the line names the message, Gap that lines were left out before it.
	Subject, Gap bool
}

// Timeline is what the script of the page draws. Times are in seconds.
type Timeline struct {
	End    float64    `json:"end"`    // of the run
	From   float64    `json:"from"`   // of what is shown first
	To     float64    `json:"to"`     //
	Life   [2]float64 `json:"life"`   // from the first to the last step of the life
	Broken float64    `json:"broken"` // when it broke
	Phases []Bar      `json:"phases"`
	Lanes  []Lane     `json:"lanes"`
}

// Lane is a row of the time line.
type Lane struct {
	Label string `json:"label"`
	Note  string `json:"note"` // smaller, below the label
	Kind  string `json:"kind"` // message, network, node or client
	Rows  []Band `json:"rows"`
}

// Band is a row in a lane.
type Band struct {
	Bars  []Bar  `json:"bars"`
	Marks []Mark `json:"marks"`
}

// Bar is something that lasts.
type Bar struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Class string  `json:"class"`
	Label string  `json:"label"`
	Title string  `json:"title"`
	Row   int     `json:"row"` // ID of a row of the life, 0 if it is none
}

// Mark is something that happens at an instant.
type Mark struct {
	At    float64 `json:"at"`
	Class string  `json:"class"`
	Label string  `json:"label"`
	Title string  `json:"title"`
}

//go:embed page.html
var pageText string

//go:embed page.css
var style string

//go:embed timeline.js
var script string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Write renders the page.
func (p *Page) Write(w io.Writer) error {
	return pageTemplate.Execute(w, struct {
		*Page
		Style  template.CSS
		Script template.JS
		Inner  template.HTMLAttr // the template's own escaping would take a page's tags out of an attribute
	}{p, template.CSS(style), template.JS(script), template.HTMLAttr(`srcdoc="` + html.EscapeString(p.Porcupine) + `"`)})
}
