package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sqsd/model"
	"sqsd/sim"
	"sqsd/wire"
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
	broken    int    // place in steps of what broke the promise; -1 if it is none of them
	brokenAt  time.Duration
	group     int            // that the queue lives in; -1 if it is not known
	byID      map[int]int    // places in the history's operations, by ID
	drainers  map[int]bool   // clients that only drain queues at the end
	end       time.Duration  // of the run
	clients   []int          // those that take part, the most important first
	owners    map[string]int // client that was given a handle of the message
}

// step is a step of the story with its time and the operation, if it has one.
type step struct {
	model.Step
	at        time.Duration
	operation *model.Operation
	commit    *model.Commit
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
		report: report, violation: report.Violation, history: &report.History, events: events, index: newIndex(events), broken: -1,
		group: -1, byID: map[int]int{}, drainers: map[int]bool{}, owners: map[string]int{}, end: report.Virtual,
	}
	f.words = words{message: f.violation.Message, deliveries: map[string]delivery{}}
	first := map[int]time.Duration{} // call of each client
	for i := range f.history.Operations {
		o := &f.history.Operations[i]
		f.byID[o.ID] = i
		if _, seen := first[o.Client]; !seen {
			first[o.Client] = time.Duration(o.Call)
			f.drainers[o.Client] = f.index.phase(first[o.Client]) == "drain"
		}
	}
	if f.violation.Queue != "" && f.history.Config.GroupOf != nil {
		f.group = int(f.history.Config.GroupOf(f.violation.Queue))
	}
	f.tell()
	f.numberDeliveries()
	f.findBroken()
	f.findClients()
	return f
}

// tell takes the story from the model and gives every step its time.
func (f *failure) tell() {
	for _, s := range model.Tell(f.history, f.violation.Queue, f.violation.Message) {
		each := step{Step: s}
		if s.Operation >= 0 {
			each.operation = &f.history.Operations[s.Operation]
		}
		switch {
		case s.Commit >= 0:
			each.commit = &f.history.Commits[s.Commit]
			at := each.commit.At
			each.at = f.index.committed[place{at.Group, at.Sub, at.Index}]
		case each.operation.Unknown:
			each.at = time.Duration(each.operation.Call)
		default:
			each.at = time.Duration(each.operation.Return)
		}
		f.steps = append(f.steps, each)
	}
	// Steps stand in the order of the log, but a client hears of a read later.
	for i := len(f.steps) - 2; i >= 0; i-- {
		if s, next := &f.steps[i], &f.steps[i+1]; s.commit == nil && s.operation.At != nil && next.placed() {
			s.at = min(s.at, next.at)
		}
	}
	f.addEvidence()
	f.keepTelling()
	slices.SortStableFunc(f.steps, func(a, b step) int { return int(a.at - b.at) })
}

// placed says that a step has a place in the log.
func (s *step) placed() bool { return s.commit != nil || s.operation.At != nil }

// addEvidence adds the operations that the violation names and that are no part of the story.
func (f *failure) addEvidence() {
	told := map[int]bool{}
	for i := range f.steps {
		told[f.steps[i].Operation] = true
	}
	if f.porcupineFound() || f.violation.Queue == "" {
		return
	}
	for _, id := range f.violation.Operations {
		if i, ok := f.byID[id]; ok && !told[i] {
			o := &f.history.Operations[i]
			at := timeOf(o.Call)
			if !o.Unknown {
				at = timeOf(o.Return)
			}
			f.steps = append(f.steps, step{Step: model.Evidence(f.history, i), at: at, operation: o})
		}
	}
}

// attributeIs finds the attribute that a violation is about.
var attributeIs = regexp.MustCompile(`^attribute (\w+) is `)

// keepTelling leaves out steps that cannot have to do with a wrong attribute: for a counter those that leave all counters
// as they are, for other attributes those that do not set any.
func (f *failure) keepTelling() {
	parts := attributeIs.FindStringSubmatch(f.violation.Text)
	if parts == nil {
		return
	}
	f.attribute = parts[1]
	f.steps = slices.DeleteFunc(f.steps, func(s step) bool {
		if s.Broken != nil || s.operation != nil && f.isEvidence(s.operation) {
			return false
		}
		switch s.request().(type) {
		case *wire.CreateQueueRequest, *wire.DeleteQueueRequest, *wire.SetQueueAttributesRequest, *wire.PurgeQueueRequest:
			return false
		}
		return !strings.HasPrefix(f.attribute, wire.AttrMessages) || s.Before.Counts == s.After.Counts
	})
}

// numberDeliveries gives the deliveries of the message numbers in the order of the story.
func (f *failure) numberDeliveries() {
	for _, s := range f.steps {
		for _, m := range s.received() {
			if m.MessageID != f.violation.Message {
				continue
			}
			if _, known := f.words.deliveries[m.ReceiptHandle]; !known {
				f.words.deliveries[m.ReceiptHandle] = delivery{len(f.words.deliveries) + 1, f.who(&s)}
			}
		}
	}
}

// received are the messages that a step handed out.
func (s *step) received() []wire.Message {
	resp, _ := s.answer()
	if r, ok := resp.(*wire.ReceiveMessageResponse); ok {
		return r.Messages
	}
	return nil
}

// answer is what the server answered, as far as it is known.
func (s *step) answer() (wire.Response, *wire.Error) {
	if s.commit != nil {
		return s.commit.Response, s.commit.Err
	}
	return s.operation.Response, s.operation.Err
}

func (s *step) request() wire.Request {
	if s.operation != nil {
		return s.operation.Request
	}
	return s.commit.Request
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
	if f.index.violation != nil {
		f.brokenAt = f.index.violation.At
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
	for i := range f.steps {
		if o := f.steps[i].operation; o != nil && f.isEvidence(o) {
			f.broken = i
		}
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
