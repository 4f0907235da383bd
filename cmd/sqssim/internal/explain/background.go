package explain

import (
	"cmp"
	"fmt"
	"time"

	"sqsd/sim"
)

// before is how far back the background goes, and happenings the most that it lists.
const before, happenings = 5 * time.Second, 14

// background lists faults and changes of leaders before it broke.
func (f *failure) background() []Happening {
	var all []Happening
	for i := range f.events {
		e := &f.events[i]
		if e.At < f.brokenAt-before || e.At > f.brokenAt || e.Kind == sim.EventViolation {
			continue
		}
		what := f.happening(e)
		if what == "" {
			continue
		}
		who := "network"
		if e.Node > 0 {
			who = fmt.Sprintf("n%d", e.Node)
		} else if e.Kind == sim.EventPhase {
			who = "run"
		}
		all = append(all, Happening{since(e.At), who, f.words.plain(what)})
	}
	return all[max(0, len(all)-happenings):]
}

// happening says what an event of the background is, or nothing if it does not belong there.
func (f *failure) happening(e *sim.Event) string {
	switch e.Kind {
	case sim.EventPhase:
		if e.At > 0 {
			return "phase " + e.Text
		}
	case sim.EventStart:
		if e.Number == 1 {
			return ""
		}
		return fmt.Sprintf("starts, boot %d", e.Number)
	case sim.EventCrash:
		return "crashes: " + e.Text
	case sim.EventPause:
		return "pauses until " + since(e.Until)
	case sim.EventResume:
		return "goes on"
	case sim.EventFault:
		return faultText(e.Text)
	case sim.EventLinks:
		return cmp.Or(prefixed("cut: ", e.Text), "whole again")
	case sim.EventRestore:
		return fmt.Sprintf("group %d: takes a snapshot at entry %d", e.Group, e.Number)
	case sim.EventFail:
		return fmt.Sprintf("group %d stops for good: %s", e.Group, e.Text)
	}
	if f.group >= 0 && int(e.Group) != f.group {
		return ""
	}
	switch e.Kind {
	case sim.EventLeads:
		return fmt.Sprintf("leads group %d in term %d", e.Group, e.Number)
	case sim.EventFollows:
		return fmt.Sprintf("leads group %d no longer", e.Group)
	}
	return ""
}

func faultText(name string) string {
	if text := sim.FaultText(name); text != "" {
		return "fault " + name + ": " + text
	}
	return "fault: " + name
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
