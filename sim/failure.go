package sim

import (
	"regexp"
	"strings"

	"sqsd/model"
)

// panicked begins the text of a violation that is a panic of what the simulator runs.
const panicked = "panic: "

var number = regexp.MustCompile("[0-9]+")

// FailureKind is equal for failures that are taken for the same: the same broken promise, or panics that say the same but
// for numbers.
func FailureKind(v *model.Violation) string {
	if !strings.HasPrefix(v.Text, panicked) {
		return string(v.Promise)
	}
	first, _, _ := strings.Cut(v.Text, "\n")
	return string(v.Promise) + " " + number.ReplaceAllString(first, "N")
}
