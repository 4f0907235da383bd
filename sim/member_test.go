package sim

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sqsd/node"
)

// change asks a node for a change of group 0 and lets the world go on until it is answered.
func (s *scene) changeAt(t *testing.T, p *process, kind node.MemberChangeKind, id node.NodeID) error {
	t.Helper()
	answer, answers := error(nil), 0
	p.event(0, func() {
		p.members[0].replica.ChangeMembers(node.MemberChange{Kind: kind, Node: id}, func(err error) {
			answer = err
			answers++
		})
	})
	if !s.until(s.now+recovery, func() bool { return answers > 0 }) {
		t.Fatal("no answer")
	}
	s.until(s.now+time.Second, nil)
	if answers != 1 {
		t.Fatalf("answered %d times", answers)
	}
	return answer
}

// leaderAndOthers are the nodes of a scene of three, once the preferred one leads and clocks are known.
func (s *scene) leaderAndOthers() (leader *process, others []*process) {
	s.until(s.now+3*time.Second, nil)
	for _, p := range s.cluster() {
		if p.id == s.lastLeader[0] {
			leader = p
		} else {
			others = append(others, p)
		}
	}
	return leader, others
}

func TestOnlyTheLeaderChangesMembers(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	leader, others := s.leaderAndOthers()
	var refused node.NotLeaderError
	if err := s.changeAt(t, others[0], node.AddMember, 4); !errors.As(err, &refused) || refused.Leader != leader.id {
		t.Errorf("a follower answers %v, want the name of node %d", err, leader.id)
	}
}

func TestALeaderThatIsToBeRemovedHandsLeadershipOver(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	leader, _ := s.leaderAndOthers()
	asked := int64(s.now)
	if err := s.changeAt(t, leader, node.RemoveMember, leader.id); !errors.Is(err, node.ErrLeads) {
		t.Errorf("the leader answers %v", err)
	}
	if !s.observer.electedSince(asked) {
		t.Error("nobody else was elected")
	}
}

func TestNobodyIsRemovedWhomAMajorityNeeds(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	leader, others := s.leaderAndOthers()
	others[1].crash("test")
	s.until(s.now+2*time.Second, nil)
	if err := s.changeAt(t, leader, node.RemoveMember, others[0].id); !errors.Is(err, node.ErrTooFewAlive) {
		t.Errorf("the removal of one of two that are up is answered %v", err)
	}
	if err := s.changeAt(t, leader, node.RemoveMember, others[1].id); err != nil {
		t.Errorf("the removal of the one that is down is answered %v", err)
	}
}

func TestNobodyIsRemovedBeforeAllHaveMet(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	s.leaderAndOthers()
	for _, formed := range []bool{true, false} {
		s.processes[0].formed = formed
		if got := s.operator.possible(task{add: 4, remove: 2, lost: true}); got != formed {
			t.Errorf("all have met %t: the replacement of a node is possible %t", formed, got)
		}
	}
}

func TestALeaderThatIsCutOffDoesNotKnowWhatBecameOfAChange(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	leader, _ := s.leaderAndOthers()
	s.network.cut(func(from, to int) bool { return from == int(leader.id)-1 || to == int(leader.id)-1 })
	if err := s.changeAt(t, leader, node.AddMember, 4); !errors.Is(err, node.ErrOutcomeUnknown) {
		t.Errorf("answered %v", err)
	}
}

func TestARemovedNodeSaysSo(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	leader, others := s.leaderAndOthers()
	removed := others[0]
	s.network.cut(func(_, to int) bool { return to == int(removed.id)-1 })
	if err := s.changeAt(t, leader, node.RemoveMember, removed.id); err != nil {
		t.Fatal(err)
	}
	if status := removed.members[0].replica.Status(); status.Removed || !slices.Contains(status.Members.Voters, removed.id) {
		t.Fatalf("status of a node that cannot know: %+v", status)
	}
	s.network.heal(func(int) bool { return true })
	s.until(s.now+3*time.Second, nil)
	if status := removed.members[0].replica.Status(); !status.Removed {
		t.Errorf("status %+v", status)
	}
	if status := leader.members[0].replica.Status(); !status.Leading || slices.Contains(status.Members.Voters, removed.id) {
		t.Errorf("status of the leader %+v", status)
	}
}
