package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"sqsd/model"
	"sqsd/sim"
)

// failure is a failed run as the page sees it.
type failure struct {
	report    *sim.Report
	violation *model.Violation
	history   *model.History
	events    []sim.Event
	index     *index
	words     words
	steps     []step // the story of the message or queue, in order of time
	attribute string // that is wrong, empty if none is
	home      string // the queue that the message was sent to, or the queue that the page is about
	broken    int    // place in steps of what broke the promise; -1 if it is none of them
	brokenAt  time.Duration
	group     int           // that the queue lives in; -1 if it is not known
	byID      map[int]int   // places in the history's operations, by ID
	drainers  map[int]bool  // clients that only drain queues at the end
	end       time.Duration // of the run
	clients   []int         // those that take part, the most important first
}

// New makes the page of a failed run. It must have a violation.
func New(report *sim.Report, recording *Recording) (*Page, error) {
	f := newFailure(report, recording.Events)
	page := &Page{
		Title: fmt.Sprintf("%s broken, seed %d", f.violation.Promise, report.Plan.Seed), Promise: string(f.violation.Promise),
		PromiseName: f.violation.Promise.Name(), Statement: f.violation.Promise.Statement(),
		Facts: f.facts(), Life: f.life(), Background: f.background(), Timeline: f.timeline(),
		Trace: f.excerpt(recording.Trace.Bytes()),
	}
	page.Sentence, page.Details = f.sentence()
	for _, v := range report.Also {
		page.Also = append(page.Also, clip(f.words.plain(v.Error()), 300))
	}
	err := f.addPorcupine(page)
	return page, err
}

func newFailure(report *sim.Report, events []sim.Event) *failure {
	f := &failure{
		report: report, violation: named(report.Violation), history: &report.History, events: events,
		index: newIndex(events), broken: -1, group: -1, byID: map[int]int{}, drainers: map[int]bool{}, end: report.Virtual,
	}
	f.words = words{deliveries: map[string]delivery{}}
	first := map[int]time.Duration{} // call of each client
	for i := range f.history.Operations {
		o := &f.history.Operations[i]
		f.byID[o.ID] = i
		if _, seen := first[o.Client]; !seen {
			first[o.Client] = time.Duration(o.Call)
			f.drainers[o.Client] = f.index.phase(first[o.Client]) == "drain"
		}
	}
	f.findGroup()
	f.tell()
	f.numberDeliveries()
	f.findBroken()
	f.findClients()
	return f
}

// The texts of violations that are seen while a run happens name what they are about.
var (
	groupIn     = regexp.MustCompile(`\bgroup (\d+)\b`)
	entryIn     = regexp.MustCompile(`\bindex (\d+) of group (\d+)\b`)
	operationIn = regexp.MustCompile(`^operation (\d+)\b`)
)

// findGroup finds the group that the violation is about.
func (f *failure) findGroup() {
	if f.violation.Queue != "" && f.history.Config.GroupOf != nil {
		f.group = int(f.history.Config.GroupOf(f.violation.Queue))
		return
	}
	if parts := groupIn.FindStringSubmatch(f.violation.Text); parts != nil {
		f.group, _ = strconv.Atoi(parts[1])
	}
	for _, e := range f.events {
		if e.Kind == sim.EventFail {
			f.group = int(e.Group)
		}
	}
}

// named is a violation with the operation that its text is about.
func named(v *model.Violation) *model.Violation {
	parts := operationIn.FindStringSubmatch(v.Text)
	if parts == nil || len(v.Operations) > 0 {
		return v
	}
	id, err := strconv.Atoi(parts[1])
	if err != nil {
		return v
	}
	whole := *v
	whole.Operations = []int{id}
	return &whole
}

// findBroken finds the step that broke the promise, and when it did.
func (f *failure) findBroken() {
	for i := range f.steps {
		s := &f.steps[i]
		if s.Broken != nil && s.Broken.Text == f.violation.Text {
			f.broken, f.brokenAt = i, s.at
			f.group = f.groupOf(s)
			return
		}
	}
	if at, running := f.seenRunning(); running {
		f.brokenAt = at
		f.blame()
		return
	}
	// The check of what clients saw names operations: the last one that had an answer showed it.
	for _, id := range f.violation.Operations {
		o := f.operation(id)
		if o == nil {
			continue
		}
		at := time.Duration(o.Call)
		if !o.Unknown {
			at = time.Duration(o.Return)
		}
		f.brokenAt = max(f.brokenAt, at)
	}
	f.blame()
}

// seenRunning says when the simulator saw the violation, if that was while the run happened.
func (f *failure) seenRunning() (at time.Duration, running bool) {
	at, running = f.index.violations[f.report.Violation.Error()]
	return at, running
}

// blame takes the step that the violation names, of several the one that was answered last, for the one that broke the
// promise.
func (f *failure) blame() {
	index, group := 0, 0
	for _, parts := range entryIn.FindAllStringSubmatch(f.violation.Text, -1) {
		index, _ = strconv.Atoi(parts[1])
		group, _ = strconv.Atoi(parts[2])
	}
	last := int64(-1)
	for i := range f.steps {
		s := &f.steps[i]
		if s.commit != nil && index > 0 && int(s.commit.At.Index) == index && int(s.commit.At.Group) == group {
			f.broken = i
			break
		}
		if o := s.operation; o != nil && f.isEvidence(o) && o.Return > last {
			f.broken, last = i, o.Return
		}
	}
	if f.broken >= 0 {
		f.brokenAt = max(f.brokenAt, f.steps[f.broken].at)
	}
}

func (f *failure) groupOf(s *step) int {
	switch {
	case s.commit != nil:
		return int(s.commit.At.Group)
	case s.operation.At != nil:
		return int(s.operation.At.Group)
	}
	return f.group
}

// operation finds an operation by its ID; nil if there is none.
func (f *failure) operation(id int) *model.Operation {
	if i, ok := f.byID[id]; ok {
		return &f.history.Operations[i]
	}
	return nil
}

// isEvidence says that the violation names an operation.
func (f *failure) isEvidence(o *model.Operation) bool {
	return slices.Contains(f.violation.Operations, o.ID)
}

// client is a client by name.
func (f *failure) client(id int) string {
	if f.drainers[id] {
		return fmt.Sprintf("drainer %d", id)
	}
	return fmt.Sprintf("client %d", id)
}

// who did a step.
func (f *failure) who(s *step) string {
	switch s.request().(type) {
	case *model.Tick, *model.Release, *model.Accept, *model.Settle:
		return "cluster"
	}
	if s.operation == nil {
		return "unknown caller"
	}
	return f.client(s.operation.Client)
}

// most is how many clients are drawn.
const most = 6

// findClients finds the clients whose operations show what happened: those that the violation names, then those that
// took part in the last steps before it broke.
func (f *failure) findClients() {
	add := func(client int) {
		if len(f.clients) < most && !slices.Contains(f.clients, client) {
			f.clients = append(f.clients, client)
		}
	}
	for _, id := range f.violation.Operations {
		if o := f.operation(id); o != nil {
			add(o.Client)
		}
	}
	if f.violation.Promise == model.Live && len(f.clients) > 0 {
		return // the others were answered
	}
	last, first := f.lastStep(), 0
	if f.violation.Message == "" {
		first = max(0, last-stepsOfQueue/2)
	}
	for i := last; i >= first; i-- {
		if f.steps[i].operation != nil {
			add(f.steps[i].operation.Client)
		}
	}
	if f.violation.Queue == "" { // nothing to go by but what was under way
		for i := len(f.history.Operations) - 1; i >= 0; i-- {
			if o := &f.history.Operations[i]; o.Call <= int64(f.brokenAt) {
				add(o.Client)
			}
		}
	}
	slices.Sort(f.clients)
}
