package explain

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// The excerpt of the trace has the last lines before it broke and some after, and all lines that name the message.
const linesBefore, linesAfter, linesSubject = 250, 40, 200

// excerpt picks the lines of a trace that are worth reading first.
func (f *failure) excerpt(trace []byte) []TraceLine {
	lines := bytes.Split(bytes.TrimSuffix(trace, []byte("\n")), []byte("\n"))
	broke := len(lines)
	for i := range lines {
		if at, ok := timeOfLine(lines[i]); ok && at > f.brokenAt {
			broke = i
			break
		}
	}
	names := f.names()
	var subject []int
	for i := range lines {
		if namesAny(lines[i], names) {
			subject = append(subject, i)
		}
	}
	last := 0 // of the lines that name the subject, the ones up to here come before it broke
	for last < len(subject) && subject[last] < broke+linesAfter {
		last++
	}
	wanted := map[int]bool{}
	for _, i := range subject[max(0, last-linesSubject):last] {
		wanted[i] = true
	}
	var picked []TraceLine
	for i, previous := 0, -1; i < len(lines); i++ {
		near := i >= broke-linesBefore && i < broke+linesAfter
		if !near && !wanted[i] {
			continue
		}
		picked = append(picked, TraceLine{Text: clip(string(lines[i]), 300), Subject: wanted[i], Gap: i != previous+1})
		previous = i
	}
	return picked
}

// names are the message's id and handles.
func (f *failure) names() [][]byte {
	if f.violation.Message == "" {
		return nil
	}
	names := [][]byte{[]byte(f.violation.Message)}
	for handle := range f.words.deliveries {
		names = append(names, []byte(handle))
	}
	return names
}

func namesAny(line []byte, names [][]byte) bool {
	for _, n := range names {
		if bytes.Contains(line, n) {
			return true
		}
	}
	return false
}

// timeOfLine is the time at the beginning of a line; texts of several lines have none on the others.
func timeOfLine(line []byte) (time.Duration, bool) {
	fields := strings.Fields(string(line[:min(len(line), 20)]))
	if len(fields) == 0 {
		return 0, false
	}
	at, err := strconv.ParseFloat(fields[0], 64)
	return time.Duration(at*1e6+0.5) * time.Microsecond, err == nil
}
