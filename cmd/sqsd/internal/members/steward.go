package members

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
)

// Config is what a steward is told.
type Config struct {
	Self node.NodeID
	// Known are the nodes whose addresses this node knows, itself among them.
	Known    []node.NodeID
	Replicas Replicas
	Network  Network
	Logger   *slog.Logger
}

// Replicas are this node's.
type Replicas interface {
	// Status reports on all of them, by group.
	Status(context.Context) ([]node.Status, error)
	// ChangeMembers asks one of them for a change of its group's members.
	ChangeMembers(context.Context, node.GroupID, node.MemberChange) error
}

// Network sends frames to other nodes. It is unreliable and never waits.
type Network interface {
	Send(to node.NodeID, frames []peer.Frame)
}

// Steward fulfills wishes in the groups that this node leads, and asks other leaders for the same.
type Steward struct {
	cfg  Config
	mu   sync.Mutex
	asks map[uint64]chan answer // questions under way, by id
}

// New makes a steward.
func New(cfg Config) *Steward { return &Steward{cfg: cfg, asks: map[uint64]chan answer{}} }

const (
	// patience is how long a node has for an answer, and answerWithin how long it takes at most to give one.
	patience     = 3 * time.Second
	answerWithin = 2 * time.Second
	// pause is between two questions about one group.
	pause = 50 * time.Millisecond
)

// Deliver takes those of the frames that are letters. It does not wait.
func (s *Steward) Deliver(from node.NodeID, frames []peer.Frame) {
	for _, f := range frames {
		l, ok := readLetter(f)
		switch {
		case !ok:
		case l.Question != nil:
			go s.reply(from, l)
		default:
			s.mu.Lock()
			if asked := s.asks[l.ID]; asked != nil {
				asked <- *l.Answer
				delete(s.asks, l.ID)
			}
			s.mu.Unlock()
		}
	}
}

// reply answers another node's question.
func (s *Steward) reply(to node.NodeID, l letter) {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	a := s.fulfill(ctx, *l.Question)
	s.cfg.Logger.Debug("members: asked by a peer", "peer", to, "wish", l.Question.Wish, "node", l.Question.Node,
		"group", l.Question.Group, "answer", a.Text)
	s.send(to, letter{ID: l.ID, Answer: &a})
}

func (s *Steward) send(to node.NodeID, l letter) {
	f, err := l.frame()
	if err != nil {
		s.cfg.Logger.Error("members: cannot write a letter", "error", err)
		return
	}
	s.cfg.Network.Send(to, []peer.Frame{f})
}

// ask asks a node, perhaps this one, a question.
func (s *Steward) ask(ctx context.Context, whom node.NodeID, q question) answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if whom == s.cfg.Self {
		return s.fulfill(ctx, q)
	}
	id, answered := rand.Uint64(), make(chan answer, 1)
	s.mu.Lock()
	s.asks[id] = answered
	s.mu.Unlock()
	s.send(whom, letter{ID: id, Question: &q})
	select {
	case a := <-answered:
		return a
	case <-ctx.Done():
		s.mu.Lock()
		delete(s.asks, id)
		s.mu.Unlock()
		return answer{State: elsewhere, Text: fmt.Sprintf("node %d does not answer", whom)}
	}
}

// next chooses whom to ask after a node that has not fulfilled the wish: the leader that it named, or if that is nobody who
// can be asked, the next node.
func (s *Steward) next(asked node.NodeID, a answer) node.NodeID {
	switch {
	case a.State != elsewhere:
		return asked
	case slices.Contains(s.cfg.Known, a.Leader):
		return a.Leader
	}
	i := slices.Index(s.cfg.Known, asked)
	return s.cfg.Known[(i+1)%len(s.cfg.Known)]
}
