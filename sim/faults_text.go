package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sqsd/node"
)

// faultForms are the fields of each kind of fault that its line has behind the victim.
var faultForms = [faultKinds][]string{
	faultCrash:     {"for"},
	faultPowerLoss: {"restarts"},
	faultFlicker:   {"times"},
	faultPause:     {"for"},
	faultSuspend:   {"for"},
	faultSplit:     {"with", "for"},
	faultIsolate:   {"for"},
	faultDeaf:      {"for"},
	faultMute:      {"for"},
	faultBridge:    {"with", "for"},
	faultClog:      {"to", "for"},
	faultStall:     {"for"},
	faultDevice:    {"full", "for"},
	faultJump:      {"skew"},
	faultDrift:     {"ppm"},
	faultStranger:  {"from", "group", "frame"},
	faultAstray:    {"skew", "for", "then"},
}

// fastest is how many parts per million a clock can drift.
const fastest = 500_000

// settings are the fields of the fault's line behind the victim.
func (e *FaultEvent) settings() []setting {
	var list []setting
	for _, name := range faultForms[e.Kind] {
		s := setting{name: name}
		switch name {
		case "for":
			s.at, s.most = &e.Lasts, int64(longest)
		case "restarts", "times":
			s.at = &e.Times
		case "with":
			s.at = &e.Side
		case "to", "from":
			s.at = &e.Peer
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

// word is the name of the kind in a script.
func (k fault) word() string { return strings.ReplaceAll(faultNames[k], " ", "-") }

// text is the fault without its time.
func (e *FaultEvent) text() string {
	words := []string{e.Kind.word()}
	if e.Node != 0 {
		words = append(words, nodeText(e.Node))
	}
	for _, s := range e.settings() {
		words = append(words, s.name, s.text())
	}
	return strings.Join(words, " ")
}

// parseFault reads what text wrote.
func parseFault(words []string) (e FaultEvent, err error) {
	k := -1
	if len(words) > 0 {
		k = slices.IndexFunc(faultNames[:], func(name string) bool { return fault(slices.Index(faultNames[:], name)).word() == words[0] })
	}
	if k < 0 {
		return e, fmt.Errorf("unknown fault %q", strings.Join(words, " "))
	}
	e.Kind = fault(k)
	words = words[1:]
	if e.Kind != faultPowerLoss {
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
	astray, down := false, false
	for i := range events {
		e := &events[i]
		if err := e.check(p); err != nil {
			return fmt.Errorf("fault %s at %v: %w", e.Kind.word(), e.At, err)
		}
		astray = astray || e.Kind == faultAstray
		down = down || e.Kind.cutsOff()
	}
	if astray && down {
		return errors.New("a clock goes astray only if no node is ever down or cut off: of two clocks nobody can say which is wrong")
	}
	return nil
}

// cutsOff says that the fault may keep nodes from hearing each other.
func (k fault) cutsOff() bool { return k <= faultClog || k == faultDevice }

// check refuses what cannot happen to the cluster.
func (e *FaultEvent) check(p *Plan) error {
	for _, id := range append([]node.NodeID{e.Node, e.Peer}, e.Side...) {
		if int(id) > p.cluster.nodes {
			return fmt.Errorf("there is no node n%d, the cluster has %d", id, p.cluster.nodes)
		}
	}
	switch {
	case p.calm:
		return fmt.Errorf("there are no faults in a calm run")
	case int(e.Group) >= p.cluster.groups || int(e.Group) < 0:
		return fmt.Errorf("there is no group %d, the cluster has %d", e.Group, p.cluster.groups)
	case e.Kind == faultPowerLoss && len(e.Times) != p.cluster.nodes:
		return fmt.Errorf("want a time for each of %d nodes", p.cluster.nodes)
	case e.Kind == faultFlicker && len(e.Times)%2 != 1:
		return fmt.Errorf("want an odd number of times: down, up, ..., down")
	case e.Kind == faultAstray && p.cluster.nodes < 3:
		return fmt.Errorf("one wrong clock is found out only among three or more")
	case e.Kind == faultJump && abs(e.Skew) > p.clock.skew || abs(e.Then) > p.clock.skew:
		return fmt.Errorf("a wall clock leaves clock-skew, which is %v", p.clock.skew)
	case e.Kind == faultDrift && abs(e.Drift) > p.clock.drift:
		return fmt.Errorf("a clock leaves clock-drift, which is %d", p.clock.drift)
	case e.Kind == faultStranger && (len(e.Frame) == 0 || e.Frame[0] != strangeVersion):
		return fmt.Errorf("want a frame that begins with %02x, a version that no node knows", strangeVersion)
	case slices.ContainsFunc(e.Times, func(d time.Duration) bool { return d < 0 || d > longest }):
		return fmt.Errorf("a time is negative or longer than %v", longest)
	}
	return nil
}

func abs[N int | time.Duration](n N) N { return max(n, -n) }
