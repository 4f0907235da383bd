package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress is one line that is written over and over on a terminal, and now and then otherwise.
type progress struct {
	out      *os.File
	terminal bool
	next     time.Time
	width    int // of the line on the terminal
}

func newProgress(out *os.File) progress {
	info, err := out.Stat()
	return progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// show replaces the line, if it is time to.
func (p *progress) show(format string, args ...any) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	line := fmt.Sprintf(format, args...)
	if !p.terminal {
		p.next = now.Add(15 * time.Second)
		fmt.Fprintln(p.out, line)
		return
	}
	p.next = now.Add(200 * time.Millisecond)
	fmt.Fprintf(p.out, "\r%s%s", line, strings.Repeat(" ", max(0, p.width-len(line))))
	p.width = len(line)
}

// end leaves the line as it is and goes to the next one.
func (p *progress) end() {
	if p.width > 0 {
		fmt.Fprintln(p.out)
		p.width = 0
	}
	p.next = time.Time{}
}
