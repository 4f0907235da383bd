package sim

import (
	"regexp"
	"strings"

	"sqsd/model"
)

// panicked begins the text of a violation that is a panic of what the simulator runs.
const panicked = "panic: "

var (
	number = regexp.MustCompile("[0-9]+")
	quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)
	// bracketed has no brackets in it, which those around others have when these are gone.
	bracketed = regexp.MustCompile(`\([^][(){}]*\)|\[[^][(){}]*\]|\{[^][(){}]*\}`)
	plain     = regexp.MustCompile("^[a-z'-]+$")
)

// FailureClass is equal for failures of which one may be left when another is shrunk: the same broken promise, or panics that
// say the same but for numbers.
func FailureClass(v *model.Violation) string {
	if !strings.HasPrefix(v.Text, panicked) {
		return string(v.Promise)
	}
	return string(v.Promise) + " " + number.ReplaceAllString(firstLine(v), "N")
}

// FailureKind is equal for failures that a sweep takes for the same: of one class, and seen in the same way. Only plain words
// tell ways apart: numbers, names, what is quoted or in brackets and further lines are those of a run.
func FailureKind(v *model.Violation) string {
	if strings.HasPrefix(v.Text, panicked) {
		return FailureClass(v)
	}
	text := quoted.ReplaceAllString(firstLine(v), "")
	for bracketed.MatchString(text) {
		text = bracketed.ReplaceAllString(text, "")
	}
	kind := []string{FailureClass(v)}
	for word := range strings.FieldsSeq(text) {
		if word = strings.TrimRight(word, ",.:;"); plain.MatchString(word) {
			kind = append(kind, word)
		}
	}
	return strings.Join(kind, " ")
}

func firstLine(v *model.Violation) string {
	line, _, _ := strings.Cut(v.Text, "\n")
	return line
}
