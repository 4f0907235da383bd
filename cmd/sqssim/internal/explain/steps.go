package explain

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"sqsd/model"
	"sqsd/wire"
)

// step is a step of the story with its time and the operation, if it has one.
type step struct {
	model.Step
	at        time.Duration
	operation *model.Operation
	commit    *model.Commit
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
		if f.home == "" && s.After.Known {
			f.home = s.After.Queue
		}
	}
	f.home = cmp.Or(f.home, f.violation.Queue)
	// A client hears of a read later than of what comes behind it in the log. It was not before its call, though.
	for i := len(f.steps) - 2; i >= 0; i-- {
		if s, next := &f.steps[i], &f.steps[i+1]; s.commit == nil && s.operation.At != nil && next.placed() {
			s.at = max(timeOf(s.operation.Call), min(s.at, next.at))
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
