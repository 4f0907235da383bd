package model

import (
	"fmt"
	"strings"
)

// Promise is the number of a promise of sqsd (docs/architecture.md).
type Promise string

// The promises, as far as histories can show that they are broken.
const (
	Durable       Promise = "G1"  // no acknowledged send is lost
	OneHolder     Promise = "G2"  // no delivery while another one's timeout runs
	FinalDelete   Promise = "G3"  // no delivery after an acknowledged delete
	StaleHandles  Promise = "G4"  // old handles have no effect
	OneEffect     Promise = "G5"  // one call, one effect; order and deduplication
	Incarnations  Promise = "G6"  // delete and purge take effect at one instant
	OnePlace      Promise = "G7"  // a message is in one queue
	Linearizable  Promise = "G8"  // every call takes effect at one instant between its call and its answer
	Prompt        Promise = "G9"  // no receive is empty while a message is there
	Live          Promise = "G10" // requests complete
	ReplicatedNow Promise = "G11" // delays, timeouts and retention run on a time that never goes back
	NothingSilent Promise = "G12" // no corrupt data is served
)

// promises are the promises in words (README.md).
var promises = map[Promise]struct{ name, statement string }{
	Durable: {"durable",
		"A send that was answered 200 survives kill -9, power loss and loss of a minority of nodes."},
	OneHolder: {"one holder",
		"While a delivery's visibility timeout runs, no other receive returns that message."},
	FinalDelete: {"final delete",
		"After a delete by the current handle was answered 200, the message is never delivered again."},
	StaleHandles: {"stale handles are harmless",
		"A handle of an earlier delivery, incarnation or other queue never touches a message."},
	OneEffect: {"one call, one effect",
		"A call is executed at most once; FIFO groups keep their order, deduplication ids enqueue once."},
	Incarnations: {"incarnations",
		"Delete and purge take effect at one instant: nothing sent before is received after, nothing after is lost."},
	OnePlace: {"one place",
		"A message that moves between queues is never in both, never lost and never doubled."},
	Linearizable: {"linearizable",
		"Every operation takes effect at one instant between call and answer; counters are exact."},
	Prompt: {"prompt",
		"A long poll is answered within milliseconds of a message becoming available, first come first served."},
	Live: {"live",
		"While a majority can talk, requests complete; after the last fault heals everything completes in bounded time."},
	ReplicatedNow: {"time",
		"Delays, timeouts and retention run on replicated time that never goes back."},
	NothingSilent: {"nothing silent",
		"Damage is detected and refused, never served."},
}

// Name is the promise in two or three words, empty if it is none.
func (p Promise) Name() string { return promises[p].name }

// Statement is the promise in one sentence.
func (p Promise) Statement() string { return promises[p].statement }

// Violation is a broken promise.
type Violation struct {
	Promise Promise
	// Queue and Message say where; Message is a message id, empty if the queue as a whole is concerned.
	Queue, Message string
	// Text says what was seen and what would have been right.
	Text string
	// Operations are the IDs of the client operations that show it, where known.
	Operations []int
}

// Error is the violation in one line.
func (v *Violation) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s broken", v.Promise)
	if v.Queue != "" {
		fmt.Fprintf(&b, ", queue %s", v.Queue)
	}
	if v.Message != "" {
		fmt.Fprintf(&b, ", message %s", v.Message)
	}
	fmt.Fprintf(&b, ": %s", v.Text)
	if len(v.Operations) > 0 {
		fmt.Fprintf(&b, " (operations %v)", v.Operations)
	}
	return b.String()
}

// violated makes a Violation with a formatted text.
func violated(p Promise, queue, message, format string, args ...any) *Violation {
	return &Violation{Promise: p, Queue: queue, Message: message, Text: fmt.Sprintf(format, args...)}
}

// by names the operations that show the violation.
func (v *Violation) by(operations ...int) *Violation {
	v.Operations = append(v.Operations, operations...)
	return v
}
