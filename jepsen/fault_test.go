package jepsen

import "testing"

// Must hold whatever happens: every acknowledged send is delivered, no message is delivered twice within its timeout, no
// acknowledged delete comes back, and clients see 200 and 503 and nothing else. scene.finish judges that.

func TestLeaderKill(t *testing.T) {
	s := newScene(t)
	for i := range *kills {
		leader := s.leader(s.load.Queues[i%len(s.load.Queues)])
		outage := s.disturb("kill -9 of the leader", leader.Kill, leader.Start)
		if outage.Gap >= *maxOutage {
			t.Errorf("kill %d: no send to queue %s succeeded for %v, want less than %v", i+1, outage.Queue, outage.Gap, *maxOutage)
		}
		s.calm()
	}
	s.finish()
}

func TestAllNodesKilled(t *testing.T) {
	s := newScene(t)
	for range *rounds {
		s.disturb("kill -9 of all nodes", func() error {
			for _, n := range s.cluster.Nodes {
				if err := n.Kill(); err != nil {
					return err
				}
			}
			return s.cluster.Start(patient(t))
		}, func() error { return nil })
		s.calm()
	}
	s.finish()
}

func TestLeaderPause(t *testing.T) {
	s := newScene(t)
	for i := range *rounds {
		leader := s.leader(s.load.Queues[i%len(s.load.Queues)])
		s.disturb("SIGSTOP of the leader", leader.Pause, leader.Resume)
		s.calm()
	}
	s.finish()
}

func TestLeaderCutOff(t *testing.T) {
	for _, test := range []struct {
		name     string
		from, to LinkState
	}{
		{"connections refused", Refusing, Refusing},
		{"all bytes lost", Swallowing, Swallowing},
		{"bytes from the leader lost", Swallowing, Healthy},
		{"bytes to the leader lost", Healthy, Swallowing},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			for i := range *rounds {
				leader := s.leader(s.load.Queues[i%len(s.load.Queues)])
				s.disturb(test.name, func() error {
					s.cluster.Isolate(leader, test.from, test.to)
					return nil
				}, func() error {
					s.cluster.Heal()
					return nil
				})
				s.calm()
			}
			s.finish()
		})
	}
}
