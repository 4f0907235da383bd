package members

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sqsd/node"
)

// Progress is told of a group when something new is to be said about it.
type Progress func(group node.GroupID, text string)

// Fulfill fulfills a wish in all groups, one after the other. The error names the group at which it ended, and why.
func (s *Steward) Fulfill(ctx context.Context, wish Wish, id node.NodeID, progress Progress) error {
	if wish == Add && !slices.Contains(s.cfg.Known, id) {
		return fmt.Errorf("node %d has no address in --peers of node %d: restart the nodes of the cluster, one after another, "+
			"with a list that has it", id, s.cfg.Self)
	}
	all, err := s.cfg.Replicas.Status(ctx)
	if err != nil {
		return err
	}
	for group := range node.GroupID(len(all)) {
		if err := s.insist(ctx, question{group, wish, id}, progress); err != nil {
			return fmt.Errorf("group %d: %w", group, err)
		}
	}
	return nil
}

// insist asks whoever leads a group until the wish is fulfilled or refused.
func (s *Steward) insist(ctx context.Context, q question, progress Progress) error {
	whom, said := s.cfg.Self, ""
	for {
		a := s.ask(ctx, whom, q)
		switch {
		case a.State == refused:
			return errors.New(a.Text)
		case a.Text != said && a.Leader == 0:
			said = a.Text
			progress(q.Group, said)
		}
		if a.State == done {
			return nil
		}
		if err := wait(ctx, pause); err != nil {
			return fmt.Errorf("%s: %w", said, err)
		}
		whom = s.next(whom, a)
	}
}

// fulfill fulfills a wish in a group if this node leads it.
func (s *Steward) fulfill(ctx context.Context, q question) answer {
	all, err := s.cfg.Replicas.Status(ctx)
	switch {
	case err != nil:
		return answer{State: elsewhere, Text: fmt.Sprintf("node %d: %v", s.cfg.Self, err)}
	case int(q.Group) >= len(all):
		return answer{State: refused, Text: fmt.Sprintf("node %d has %d groups", s.cfg.Self, len(all))}
	case !all[q.Group].Leading:
		return s.notHere(all[q.Group].Leader)
	}
	change := node.MemberChange{Kind: node.RemoveMember, Node: q.Node}
	switch {
	case q.Wish == Add:
		change.Kind = node.AddMember
		switch {
		case slices.Contains(all[q.Group].Members.Voters, q.Node):
			return answer{State: done, Text: fmt.Sprintf("node %d votes", q.Node)}
		case slices.Contains(all[q.Group].Members.Learners, q.Node):
			return learns(q.Node)
		case !slices.Contains(s.cfg.Known, q.Node):
			return answer{State: refused, Text: fmt.Sprintf("node %d leads, and node %d has no address in its --peers: "+
				"restart it with a list that has it", s.cfg.Self, q.Node)}
		}
	case q.Wish != Remove:
		return answer{State: refused, Text: fmt.Sprintf("node %d does not know how to %q", s.cfg.Self, q.Wish)}
	}
	return s.judge(q, s.cfg.Replicas.ChangeMembers(ctx, q.Group, change))
}

// judge says what the outcome of a change means for the wish.
func (s *Steward) judge(q question, err error) answer {
	var other node.NotLeaderError
	adds := q.Wish == Add
	switch {
	case errors.As(err, &other):
		return s.notHere(other.Leader)
	case err == nil && adds:
		return learns(q.Node)
	case err == nil, !adds && errors.Is(err, node.ErrWasRemoved):
		return answer{State: done, Text: fmt.Sprintf("node %d is removed", q.Node)}
	case !adds && errors.Is(err, node.ErrNotMember):
		return answer{State: done, Text: fmt.Sprintf("node %d is not a member", q.Node)}
	case errors.Is(err, node.ErrWasRemoved), errors.Is(err, node.ErrNotMember), errors.Is(err, node.ErrLastVoter):
		return answer{State: refused, Text: err.Error()}
	case errors.Is(err, node.ErrLeads):
		return answer{State: waits, Text: fmt.Sprintf("node %d leads, and hands that over", q.Node)}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return answer{State: waits, Text: "too few of the voters answer, the change is under way"}
	}
	return answer{State: waits, Text: err.Error()}
}

// wait waits for a while.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// learns says that a node has been added and is not ready to vote. Nothing need be done about that: its leader waits for it.
func learns(id node.NodeID) answer {
	return answer{State: waits, Text: fmt.Sprintf("node %d learns what the group has", id)}
}

// notHere says who leads.
func (s *Steward) notHere(leader node.NodeID) answer {
	text := fmt.Sprintf("node %d leads", leader)
	switch {
	case leader == s.cfg.Self: // it has just been elected
		return answer{State: waits, Text: text}
	case leader == 0:
		text = "no leader is known"
	case !slices.Contains(s.cfg.Known, leader):
		text = fmt.Sprintf("node %d leads, and has no address in --peers of node %d", leader, s.cfg.Self)
		leader = 0
	}
	return answer{State: elsewhere, Leader: leader, Text: text}
}
