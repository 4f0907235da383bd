package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sqsd/node"
)

// fastest is how many parts per million a clock can drift.
const fastest = 500_000

// settings are the fields of the fault's line behind the victim.
func (e *FaultEvent) settings() []setting {
	var list []setting
	for _, name := range e.Kind.fields {
		s := setting{name: name}
		switch name {
		case "for":
			s.at, s.most = &e.Lasts, int64(longest)
		case "restarts", "times":
			s.at = &e.Times
		case "late":
			s.at, s.most = &e.Late, int64(time.Second)
		case "with", "off":
			s.at = &e.Side
		case "back":
			s.at = (*optionalNodes)(&e.Side)
		case "to", "from", "by":
			s.at = &e.Peer
		case "older":
			s.at, s.most = &e.Older, int64(longest)
		case "state":
			s.at = &e.State
		case "lasting":
			s.at = &e.Lasting
		case "first":
			s.at, s.most = &e.First, 1000
		case "last":
			s.at, s.most = &e.Last, 1000
		case "full":
			s.at = &e.Full
		case "skew":
			s.at, s.least, s.most = &e.Skew, -int64(longest), int64(longest)
		case "then":
			s.at, s.least, s.most = &e.Then, -int64(longest), int64(longest)
		case "ppm":
			s.at, s.least, s.most = &e.Drift, -fastest, fastest
		case "group":
			s.at = &e.Group
		case "frame":
			s.at = &e.Frame
		}
		list = append(list, s)
	}
	return list
}

// text is the fault without its time.
func (e *FaultEvent) text() string {
	words := []string{e.Kind.word()}
	if e.Node != 0 {
		words = append(words, nodeText(e.Node))
	}
	for _, s := range e.settings() {
		if s.optional() && s.text() == nothing {
			continue
		}
		words = append(words, s.name, s.text())
	}
	return strings.Join(words, " ")
}

// parseFault reads what text wrote.
func parseFault(words []string) (e FaultEvent, err error) {
	k := -1
	if len(words) > 0 {
		k = slices.IndexFunc(faultKinds, func(k *faultKind) bool { return k.word() == words[0] })
	}
	if k < 0 {
		return e, fmt.Errorf("unknown fault %q", strings.Join(words, " "))
	}
	e.Kind = faultKinds[k]
	words = words[1:]
	if !e.Kind.everyone {
		if len(words) == 0 {
			return e, fmt.Errorf("the fault has no victim")
		}
		if e.Node, err = parseNode(words[0]); err != nil {
			return e, fmt.Errorf("victim %q: %w", words[0], err)
		}
		words = words[1:]
	}
	return e, parseSettings(e.settings(), words)
}

// checkFaults refuses what cannot go wrong in a plan.
func checkFaults(events []FaultEvent, p *Plan) error {
	var apart, cut *faultKind
	for i := range events {
		e := &events[i]
		if err := e.check(p); err != nil {
			return fmt.Errorf("fault %s at %v: %w", e.Kind.word(), e.At, err)
		}
		if e.Kind.apart {
			apart = e.Kind
		}
		if e.Kind.cutsOff {
			cut = e.Kind
		}
	}
	if apart != nil && cut != nil {
		return fmt.Errorf("%s is in a plan with %s: a clock goes astray only if no node is ever down or cut off, "+
			"as of two clocks nobody can say which is wrong", apart.word(), cut.word())
	}
	return nil
}

// check refuses what cannot happen to the cluster.
func (e *FaultEvent) check(p *Plan) error {
	for _, id := range append([]node.NodeID{e.Node, e.Peer}, e.Side...) {
		if most := p.cluster.nodes + p.cluster.spares; int(id) > most {
			return fmt.Errorf("there is no node n%d, the cluster has %d", id, most)
		}
	}
	switch {
	case p.calm:
		return fmt.Errorf("there are no faults in a calm run")
	case int(e.Group) >= p.cluster.groups || int(e.Group) < 0:
		return fmt.Errorf("there is no group %d, the cluster has %d", e.Group, p.cluster.groups)
	case slices.ContainsFunc(e.Times, func(d time.Duration) bool { return d < 0 || d > longest }):
		return fmt.Errorf("a time is negative or longer than %v", longest)
	case e.Kind.check != nil:
		return e.Kind.check(e, p)
	}
	return nil
}
