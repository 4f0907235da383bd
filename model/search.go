package model

import (
	"io"

	"github.com/anishathalye/porcupine"
)

// Steps bounds porcupine's searches, in steps of a model. A bound in steps rather than in time gives the same verdict
// on every machine.
type Steps struct {
	// Partition bounds the search of one partition; Total bounds all of them together.
	Partition, Total int
}

// DefaultSteps take about ten seconds at the most. Searches of correct histories take some steps per operation.
func DefaultSteps() Steps { return Steps{Partition: 50_000, Total: 5_000_000} }

// Verdict is the result of a search.
type Verdict string

// The verdicts. A search that ran out of steps says nothing.
const (
	Legal   Verdict = "legal"
	Illegal Verdict = "illegal"
	Unknown Verdict = "unknown"
)

// Partition is a part of a history that porcupine judges by itself: one message, or the queues of one name.
type Partition struct {
	Queue, Message string
	Verdict        Verdict

	model      porcupine.Model
	operations []porcupine.Operation
	ids        []int // of the operations
	notes      []Note
}

func (p *Partition) add(o *Operation, in any) {
	p.operations = append(p.operations, porcupine.Operation{ClientId: o.Client, Input: in, Call: o.Call, Return: o.end()})
	p.ids = append(p.ids, o.ID)
}

// search asks porcupine for a linearization, within a number of steps, and returns how many it took.
func (p *Partition) search(limit int) (taken int) {
	switch {
	case porcupine.CheckOperations(p.bounded(limit, &taken), p.operations):
		p.Verdict = Legal
	case taken >= limit:
		p.Verdict = Unknown
	default:
		p.Verdict = Illegal
	}
	return taken
}

// bounded is the partition's model, which finds everything illegal after a number of steps. It counts them.
func (p *Partition) bounded(limit int, taken *int) porcupine.Model {
	m := p.model
	m.StepContext = nil
	m.Step = func(state, input, output any) (bool, any) {
		if *taken >= limit {
			return false, state
		}
		*taken++
		return p.model.Step(state, input, output)
	}
	return m
}

// Note is something that happened around the operations of a partition, for its page.
type Note struct {
	Tag      string // notes of one tag share a line
	From, To int64  // true time in ns
	Text     string
}

// Annotate adds notes to the page.
func (p *Partition) Annotate(notes []Note) { p.notes = append(p.notes, notes...) }

// WriteHTML draws the partition with porcupine's page: the operations, the states, how far a linearization got, and
// notes.
func (p *Partition) WriteHTML(w io.Writer) error {
	taken := 0
	_, info := porcupine.CheckOperationsVerbose(p.bounded(DefaultSteps().Partition, &taken), p.operations, 0)
	var annotations []porcupine.Annotation
	for _, n := range p.notes {
		annotations = append(annotations, porcupine.Annotation{Tag: n.Tag, Start: n.From, End: n.To, Description: n.Text})
	}
	info.AddAnnotations(annotations)
	return porcupine.Visualize(p.model, info, w)
}

// Span is from the first call to the last return that is known.
func (p *Partition) Span() (from, to int64) {
	from = Never
	for i := range p.operations {
		o := &p.operations[i]
		from, to = min(from, o.Call), max(to, o.Call)
		if o.Return != Never {
			to = max(to, o.Return)
		}
	}
	return from, to
}

// violation is what an illegal partition shows.
func (p *Partition) violation() *Violation {
	v := violated(p.promise(), p.Queue, p.Message,
		"no order of its %d operations explains what the clients saw", len(p.operations))
	return v.by(p.ids...)
}

// promise names what an illegal partition most likely breaks: of a message the final delete, if it would be legal
// without deletes, and else the one holder.
func (p *Partition) promise() Promise {
	if p.Message == "" {
		return Linearizable
	}
	undeleted := Partition{model: p.model}
	for _, op := range p.operations {
		if op.Input.(messageInput).kind != inDelete {
			undeleted.operations = append(undeleted.operations, op)
		}
	}
	undeleted.search(DefaultSteps().Partition)
	if undeleted.Verdict == Legal {
		return FinalDelete
	}
	return OneHolder
}

// Search judges every queue name and every message of a history by search. There is nothing to search where answers do not
// fit their calls.
func Search(h *History, steps Steps) []*Partition {
	if len(checkFits(h)) > 0 {
		return nil
	}
	s := newSurvey(settle(h))
	all := append(catalogPartitions(s), messagePartitions(s)...)
	for _, p := range all {
		p.Verdict = Unknown
		if limit := min(steps.Partition, steps.Total); limit > 0 {
			steps.Total -= p.search(limit)
		}
	}
	return all
}
