package sim

import (
	"fmt"
	"strings"
	"time"

	"sqsd/node"
	"sqsd/wire"
)

// Event is something that happened in a run, for whoever draws it. What a kind does not say is zero.
type Event struct {
	At   time.Duration
	Kind EventKind
	Node node.NodeID // 0 is the world
	// Group is that of a replica. Number is a term, a boot, or the index of an entry; Sub is a command in it.
	Group  node.GroupID
	Number uint64
	Sub    uint32
	// Operation is the ID of a client's operation.
	Operation int
	// Until is when a fault is to end, 0 if that is not known beforehand.
	Until time.Duration
	// Text says more, in a few words.
	Text string
}

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventPhase     EventKind = "phase"     // of the run, Text names it
	EventStart     EventKind = "start"     // a node boots
	EventCrash     EventKind = "crash"     // Text says why
	EventPause     EventKind = "pause"     // a node does nothing Until
	EventResume    EventKind = "resume"    // a paused node goes on
	EventFault     EventKind = "fault"     // Text names it
	EventLinks     EventKind = "links"     // Text lists the links that are cut from now on; empty if none is
	EventLeads     EventKind = "leads"     // a node leads a group in term Number
	EventFollows   EventKind = "follows"   // it leads the group no longer
	EventCall      EventKind = "call"      // a client calls a node
	EventAnswer    EventKind = "answer"    // the node answers, Text is an error if it refuses; the client may not hear it
	EventEnd       EventKind = "end"       // the client waits no longer: it has an answer, or knows that it gets none
	EventApply     EventKind = "apply"     // a node applies a command; the first to do so shows that it is committed
	EventRestore   EventKind = "restore"   // a replica's state is replaced by a snapshot at index Number
	EventFail      EventKind = "fail"      // a replica stops for good, Text says why
	EventViolation EventKind = "violation" // a promise is seen to be broken
)

// record tells an event to whoever watches.
func (w *World) record(e Event) {
	if w.watch != nil {
		e.At = w.now
		w.watch(e)
	}
}

// refusal names the error of an answer.
func refusal(err *wire.Error) string {
	if err == nil {
		return ""
	}
	return err.Code.Query()
}

// recordLink tells what is wrong with a link. What a node sends to itself takes none.
func (n *network) recordLink(from, to int, what string, until time.Duration) {
	if from != to {
		text := fmt.Sprintf("to n%d %s", to+1, what)
		n.world.record(Event{Kind: EventFault, Node: node.NodeID(from + 1), Text: text, Until: until})
	}
}

// recordLinks tells which links are cut.
func (n *network) recordLinks() {
	if n.world.watch == nil {
		return
	}
	var cuts []string
	for from := range n.links {
		var to []string
		for other := range n.links[from] {
			if n.links[from][other].cut {
				to = append(to, fmt.Sprintf("n%d", other+1))
			}
		}
		if len(to) > 0 {
			cuts = append(cuts, fmt.Sprintf("n%d to %s", from+1, strings.Join(to, ", ")))
		}
	}
	n.world.record(Event{Kind: EventLinks, Text: strings.Join(cuts, "; ")})
}
