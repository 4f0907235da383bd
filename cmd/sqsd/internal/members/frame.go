package members

import (
	"github.com/go-json-experiment/json"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
)

// Group is the number that frames of this package carry in the place of a group's. No cluster has so many groups.
const Group node.GroupID = 1 << 16

// Wish is what an operator wants.
type Wish string

// The wishes.
const (
	Add    Wish = "add"    // the node is to vote
	Remove Wish = "remove" // the node is to be no member, for ever
)

// question asks a node to fulfill a wish in one group that it leads.
type question struct {
	Group node.GroupID `json:"group"`
	Wish  Wish         `json:"wish"`
	Node  node.NodeID  `json:"node"`
}

// answer is what came of it.
type answer struct {
	State state `json:"state"`
	// Leader is whom to ask elsewhere; 0 if nobody is known to lead.
	Leader node.NodeID `json:"leader,omitempty"`
	Text   string      `json:"text"`
}

type state string

const (
	done      state = "done"
	waits     state = "waits"     // the leader cannot do it yet: ask it again
	elsewhere state = "elsewhere" // ask another node
	refused   state = "refused"   // it cannot be done
)

// letter is the body of a frame: a question or the answer to one.
type letter struct {
	ID       uint64    `json:"id"` // of the question, random
	Question *question `json:"question,omitempty"`
	Answer   *answer   `json:"answer,omitempty"`
}

func (l letter) frame() (peer.Frame, error) {
	body, err := json.Marshal(l)
	return peer.Frame{Group: Group, Body: body}, err
}

// readLetter says whether a frame is a letter.
func readLetter(f peer.Frame) (l letter, ok bool) {
	if f.Group != Group || json.Unmarshal(f.Body, &l) != nil {
		return l, false
	}
	return l, (l.Question == nil) != (l.Answer == nil)
}
