package coverage

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Block is a run of statements that are reached together or not at all.
type Block struct {
	File        string // path in the module
	Line, Col   int    // where it begins
	Statements  int
	reached     bool
	untilLine   int
	untilColumn int
}

// ReadProfile reads a profile as "go tool covdata textfmt" writes it. module is the path that file names begin with.
func ReadProfile(in io.Reader, module string) ([]Block, error) {
	at := map[string]int{} // place in all of a block that came before
	var all []Block
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "mode: ") {
			continue
		}
		place, rest, _ := strings.Cut(line, " ")
		file, span, ok := strings.Cut(place, ":")
		var b Block
		var count int
		_, err := fmt.Sscanf(span+" "+rest, "%d.%d,%d.%d %d %d", &b.Line, &b.Col, &b.untilLine, &b.untilColumn, &b.Statements, &count)
		if !ok || err != nil {
			return nil, fmt.Errorf("line %q is no block of a coverage profile", line)
		}
		b.File, b.reached = strings.TrimPrefix(file, module+"/"), count > 0
		if i, again := at[place]; again {
			all[i].reached = all[i].reached || b.reached
			continue
		}
		at[place] = len(all)
		all = append(all, b)
	}
	return all, lines.Err()
}

// Share is the part of the statements that are reached.
type Share struct{ Reached, Statements int }

// Percent of the statements; 100 if there are none.
func (s Share) Percent() float64 {
	if s.Statements == 0 {
		return 100
	}
	return 100 * float64(s.Reached) / float64(s.Statements)
}

func (s *Share) add(b *Block) {
	s.Statements += b.Statements
	if b.reached {
		s.Reached += b.Statements
	}
}
