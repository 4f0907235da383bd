package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sqsd/wire"
)

// A script is one line for each step and fault:
//
//	12.031s #17 client 3 -> n2 SendMessage {"QueueUrl":"q0","MessageBody":"m-3-5"}
//	12.5s #18 client 0 -> n1 loses answer patience 300ms DeleteMessage {"QueueUrl":"q0","ReceiptHandle":"#12/1"}
//	14.2s fault crash n1 for 800ms

// longest is the longest time in a script.
const longest = 24 * time.Hour

// losses are the names of what can get lost.
var losses = []struct {
	way  Loss
	name string
}{{LoseRequest, "request"}, {LoseAnswer, "answer"}, {LoseHangUp, "hang-up"}}

// text is the step without its time.
func (s *Step) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%d client %d -> %s ", s.Number, s.Client, nodeText(s.Node))
	for i, lost := 0, s.lost(); i < len(lost); i++ {
		b.WriteString([]string{"loses ", ","}[min(i, 1)] + lost[i])
	}
	if s.Loses != 0 {
		b.WriteByte(' ')
	}
	if s.Patience != 0 {
		fmt.Fprintf(&b, "patience %v ", s.Patience)
	}
	b.WriteString(describeRequest(s.Request))
	return b.String()
}

// lost names what gets lost.
func (s *Step) lost() []string {
	var names []string
	for _, l := range losses {
		if s.Loses&l.way != 0 {
			names = append(names, l.name)
		}
	}
	return names
}

// parseStep reads what text wrote.
func parseStep(line string) (s Step, err error) {
	word := func() (word string) {
		word, line, _ = strings.Cut(strings.TrimLeft(line, " "), " ")
		return word
	}
	number, hash := strings.CutPrefix(word(), "#")
	s.Number, err = strconv.Atoi(number)
	if !hash || err != nil || s.Number < 0 {
		return s, fmt.Errorf("want fault, or a step's number such as #17")
	}
	if word() != "client" {
		return s, fmt.Errorf("step #%d: want client and its number behind the step's", s.Number)
	}
	client := word()
	if s.Client, err = strconv.Atoi(client); err != nil || s.Client < 0 {
		return s, fmt.Errorf("step #%d: client %q: want a number", s.Number, client)
	}
	if word() != "->" {
		return s, fmt.Errorf("step #%d: want -> and a node behind the client", s.Number)
	}
	called := word()
	if s.Node, err = parseNode(called); err != nil {
		return s, fmt.Errorf("step #%d: %q: %w", s.Number, called, err)
	}
	action := word()
	if action == "loses" {
		if s.Loses, err = parseLosses(word()); err != nil {
			return s, fmt.Errorf("step #%d: %w", s.Number, err)
		}
		action = word()
	}
	if action == "patience" {
		patience := setting{"patience", &s.Patience, 1, int64(longest)}
		if err := patience.parse(word()); err != nil {
			return s, fmt.Errorf("step #%d: %w", s.Number, err)
		}
		action = word()
	}
	if s.Request, err = parseRequest(action, line); err != nil {
		return s, fmt.Errorf("step #%d: %w", s.Number, err)
	}
	return s, nil
}

func parseLosses(text string) (ways Loss, err error) {
names:
	for name := range strings.SplitSeq(text, ",") {
		for _, l := range losses {
			if l.name == name {
				ways |= l.way
				continue names
			}
		}
		return 0, fmt.Errorf("nothing called %q can get lost: want request, answer or hang-up", name)
	}
	return ways, nil
}

// text is the script's lines in order of time.
func (s *Script) text() string {
	type line struct {
		at   time.Duration
		text string
	}
	var lines []line
	for i := range s.Faults {
		lines = append(lines, line{s.Faults[i].At, "fault " + s.Faults[i].text()})
	}
	for i := range s.Steps {
		lines = append(lines, line{s.Steps[i].At, s.Steps[i].text()})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%v %s\n", l.at, l.text)
	}
	return b.String()
}

// parseLine adds what a line says to the script.
func (s *Script) parseLine(line string) error {
	instant, rest, _ := strings.Cut(line, " ")
	var at time.Duration
	if err := (setting{"time", &at, 0, int64(longest)}).parse(instant); err != nil {
		return err
	}
	if words := strings.Fields(rest); len(words) > 0 && words[0] == "fault" {
		e, err := parseFault(words[1:])
		e.At = at
		s.Faults = append(s.Faults, e)
		return err
	}
	step, err := parseStep(rest)
	step.At = at
	s.Steps = append(s.Steps, step)
	return err
}

// sort puts steps and faults in order of time; what is of one instant stays as it is.
func (s *Script) sort() {
	slices.SortStableFunc(s.Steps, func(a, b Step) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(s.Faults, func(a, b FaultEvent) int { return cmp.Compare(a.At, b.At) })
}

// check refuses what cannot happen in a plan.
func (s *Script) check(p *Plan) error {
	earlier := map[int]bool{}
	for i := range s.Steps {
		step := &s.Steps[i]
		switch {
		case earlier[step.Number]:
			return fmt.Errorf("there are two steps #%d", step.Number)
		case step.Client >= p.work.clients:
			return fmt.Errorf("step #%d: there is no client %d, clients are numbered from 0 to %d",
				step.Number, step.Client, p.work.clients-1)
		case int(step.Node) > p.cluster.nodes+p.cluster.spares:
			return fmt.Errorf("step #%d: there is no node n%d, the cluster has %d", step.Number, step.Node,
				p.cluster.nodes+p.cluster.spares)
		case p.calm && step.Loses != 0:
			return fmt.Errorf("step #%d: nothing gets lost in a calm run", step.Number)
		}
		if err := checkReferences(step.Request, earlier); err != nil {
			return fmt.Errorf("step #%d: %w", step.Number, err)
		}
		earlier[step.Number] = true
	}
	return checkFaults(s.Faults, p)
}

// checkReferences refuses references to what is not earlier in the script.
func checkReferences(req wire.Request, earlier map[int]bool) (err error) {
	handles(req, func(text string) (string, bool) {
		if step, ok := isReference(text); ok && !earlier[step] {
			err = fmt.Errorf("%s refers to no earlier step", text)
		}
		return text, true
	})
	return err
}
