package jepsen

import (
	"testing"
	"time"
)

// Whatever happens: every acknowledged send is delivered, no message is delivered twice within its timeout, no
// acknowledged delete comes back, and clients see 200 and 503 and nothing else. scene.finish judges that.

func TestLeaderKill(t *testing.T) {
	s := newScene(t)
	s.begin(s.loadOfAllGroups(DefaultTimeout))
	for i := range *kills {
		// The leader of one group after another: the preferred leaders of successive groups are different nodes.
		queue := s.load.Queues[i%len(s.load.Queues)]
		leader := s.leaderOf(queue)
		outage := s.disturb("kill -9 of the leader of "+queue, leader.Kill, leader.Start)
		if outage.Gap >= *maxOutage {
			t.Errorf("kill %d: no send to queue %s succeeded for %v, want less than %v", i+1, outage.Queue, outage.Gap, *maxOutage)
		}
	}
	s.finish()
}

func TestFaultsInTurn(t *testing.T) {
	s := newScene(t)
	s.begin(s.loadOfAllGroups(2 * time.Second)) // a paused node answers nothing: clients must lose patience
	for range *rounds {
		leader := s.leader()
		s.disturb("pause of the leader", leader.Pause, leader.Resume)
		for _, cut := range []struct {
			name     string
			from, to LinkState
		}{
			{"leader cut off, connections refused", Refusing, Refusing},
			{"leader cut off, all bytes lost", Swallowing, Swallowing},
			{"bytes from the leader lost", Swallowing, Healthy},
			{"bytes to the leader lost", Healthy, Swallowing},
		} {
			leader := s.leader()
			s.disturb(cut.name, func() error {
				s.cluster.Isolate(leader, cut.from, cut.to)
				return nil
			}, func() error {
				s.cluster.Heal()
				return nil
			})
		}
		s.disturb("kill -9 of all nodes", s.killAll, func() error { return nil })
	}
	s.finish()
}

// killAll kills all nodes before the first is started again.
func (s *scene) killAll() error {
	for _, n := range s.cluster.Nodes {
		if err := n.Kill(); err != nil {
			return err
		}
	}
	return s.cluster.Start(patient(s.T))
}
