package explain

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"sqsd/model"
)

// jsonText is a long request or answer in full, as the texts of the simulator have it.
var jsonText = regexp.MustCompile(` \{".{60,}\}`)

// sentence says what happened in one sentence. Details are what does not fit into one, such as a stack.
func (f *failure) sentence() (sentence, details string) {
	first, details, _ := strings.Cut(f.violation.Text, "\n")
	if told := cmp.Or(f.givenAway(), f.answeredWrongly(first)); told != "" {
		return told, details
	}
	details = f.words.plain(details)
	text := strings.TrimRight(jsonText.ReplaceAllString(f.words.plain(first), " {…}"), ".:")
	if jsonText.MatchString(first) {
		details = strings.TrimSpace(f.words.plain(first) + "\n" + details)
	}
	if f.violation.Queue == "" {
		return upper(text) + ".", details
	}
	text = fmt.Sprintf("%s: %s", upper(f.subject()), text)
	if f.broken < 0 || f.steps[f.broken].Broken == nil {
		return text + ".", details
	}
	s := &f.steps[f.broken]
	return fmt.Sprintf("%s. It shows in the answer to the %s that %s called at %s.", text, s.request().Action(), f.who(s),
		since(f.called(s))), details
}

// givenAway is the sentence for a message that was handed out when it must not be; empty if that is not what happened.
func (f *failure) givenAway() string {
	if f.broken < 0 || f.violation.Message == "" {
		return ""
	}
	s := &f.steps[f.broken]
	given := false
	for _, m := range s.received() {
		given = given || m.MessageID == f.violation.Message
	}
	if !given || !s.Before.Known || s.Broken == nil {
		return ""
	}
	text := fmt.Sprintf("%s was given to %s at %s", upper(f.subject()), f.who(s), since(s.at))
	since := since(replicated(s.Before.Since))
	switch s.Before.Fate {
	case model.Held:
		return text + " while it was " + f.state(s.Before) + "."
	case model.Delayed:
		return text + " although it was " + f.state(s.Before) + "."
	case "deleted":
		return fmt.Sprintf("%s although %s had deleted it at %s.", text, f.deleter(), since)
	case "purged":
		return text + " although it had been purged at " + since + "."
	case "expired":
		return text + " although its retention had ended at " + since + "."
	case "in a deleted queue":
		return text + " although its queue had been deleted at " + since + "."
	case "in another queue":
		return text + " although it had moved to another queue at " + since + "."
	}
	return ""
}

// answersWant is the text of a violation that compares an answer with the right one.
var answersWant = regexp.MustCompile(`^\w+ answered ([\w.]+)(?:: .*)?, want ([^:]+)(?:: (.*))?$`)

// answeredWrongly is the sentence for an answer that is not the one that the specification wants; empty if that is not
// what happened.
func (f *failure) answeredWrongly(text string) string {
	parts := answersWant.FindStringSubmatch(f.words.plain(text))
	if parts == nil || f.broken < 0 || f.steps[f.broken].Broken == nil {
		return ""
	}
	s := &f.steps[f.broken]
	sentence := fmt.Sprintf("%s was answered %s when it called %s at %s, but the specification wants %s",
		upper(f.who(s)), parts[1],
		s.request().Action(), since(f.called(s)), parts[2])
	switch before := f.state(s.Before); {
	case parts[3] != "":
		sentence += ": " + parts[3]
	case f.violation.Message != "" && before != "":
		sentence += fmt.Sprintf(": %s was then %s", f.subject(), before)
	default:
		sentence += " for " + f.subject()
	}
	return sentence + "."
}

// deleter is who deleted the message before it broke.
func (f *failure) deleter() string {
	for i := f.broken - 1; i >= 0; i-- {
		if s := &f.steps[i]; s.After.Fate == "deleted" && s.Before.Fate != "deleted" {
			return f.who(s)
		}
	}
	return "somebody"
}

func (f *failure) called(s *step) time.Duration {
	if s.operation != nil {
		return timeOf(s.operation.Call)
	}
	return s.at
}

// timeOf is a time of the history.
func timeOf(ns int64) time.Duration { return time.Duration(ns) }

func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
