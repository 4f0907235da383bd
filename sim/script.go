package sim

import (
	"time"

	"sqsd/node"
	"sqsd/wire"
)

// Script is what clients and the nemesis do in a run, decided. Carrying it out draws nothing more about it.
type Script struct {
	Steps  []Step       // in the order in which they begin
	Faults []FaultEvent // in the order of time
}

// Step is one operation of a client.
type Step struct {
	// At is when it begins, unless the client is still busy then.
	At time.Duration
	// Number names the step within its script. It is also the operation's ID in the history.
	Number int
	// Client is who does it, Node whom it calls.
	Client int
	Node   node.NodeID
	// Loses is what the network between client and node swallows, as long as the node is not healed.
	Loses Loss
	// Patience is how long the client waits for an answer; 0 is as long as a client usually does.
	Patience time.Duration
	// Request is what the client asks for, with references in the place of handles: see reference.
	Request wire.Request
}

// Loss is a set of ways between a client and a node on which a message is lost.
type Loss uint8

// The ways that a message can get lost on.
const (
	LoseRequest Loss = 1 << iota
	LoseAnswer
	LoseHangUp // the node does not learn that the client has given up
)

// FaultEvent is one thing that goes wrong. Which of the fields count depends on the kind: see faultKind.fields.
type FaultEvent struct {
	At    time.Duration
	Kind  *faultKind
	Node  node.NodeID   // the victim; 0 for a fault of all nodes
	Lasts time.Duration // until it is mended
	Peer  node.NodeID   // the other end of a clogged link; the sender of a strange frame; who takes the place of a lost node
	// Side are who else is on the victim's side of a split or a bridge, or who hears a flapping node now and then, or who goes
	// back at an upgrade.
	Side  []node.NodeID
	Times []time.Duration // of a power loss: each node's until it restarts; of a flicker or flap: down, up, down and so on
	Late  time.Duration   // what a slow node's rounds of work take longer
	Skew  time.Duration   // of the wall clock from now on
	Then  time.Duration   // the same when the fault is mended
	Drift int             // of the clock in parts per million
	Older time.Duration   // how much older the disk's copy is that comes back
	State bool            // the state store cannot be read, not the log
	First int             // of 1000 parts of its keys that cannot be read
	Last  int             // the one behind them
	// Lasting says that they cannot be read after a restart either.
	Lasting bool
	Full    bool         // the device fails because it is full
	Group   node.GroupID // that a strange frame is for
	Frame   []byte       // its content
}
