package sim

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sqsd/node"
	"sqsd/node/disk"
	"sqsd/wire"
)

// follower is a node that does not lead the group and will not, once the preferred node does.
func (s *scene) follower() *process {
	s.until(s.now+5*time.Second, nil)
	for _, p := range s.cluster() {
		if p.id != s.lastLeader[0] {
			return p
		}
	}
	return nil
}

// sendSome has the cluster acknowledge something.
func (s *scene) sendSome(t *testing.T) {
	t.Helper()
	for i := range 5 {
		s.call(t, &wire.SendMessageRequest{
			QueueRef: wire.QueueRef{Name: "q"}, Outgoing: wire.Outgoing{MessageBody: fmt.Sprint(i), SenderID: senderID},
		})
	}
	s.until(s.now+time.Second, nil)
}

func TestANodeWhoseDiskLiesEndsAndTheOthersGoOn(t *testing.T) {
	for _, c := range []struct {
		name string
		lie  func(s *scene, p *process, before *diskCopy)
		want error
	}{
		{"lost", func(s *scene, p *process, _ *diskCopy) {
			s.faults.inject(FaultEvent{Kind: faultLost, Node: p.id, Lasts: time.Second})
		}, node.ErrForgotten},
		{"rolled back within its life", func(s *scene, p *process, before *diskCopy) {
			s.faults.rollBack(FaultEvent{Kind: faultRollback, Node: p.id, Lasts: time.Second}, before, 2)
		}, node.ErrRolledBack},
		{"rolled back to an earlier life", func(s *scene, p *process, before *diskCopy) {
			p.crash("test")
			p.start()
			s.until(s.now+2*time.Second, nil)
			s.faults.rollBack(FaultEvent{Kind: faultRollback, Node: p.id, Lasts: time.Second}, before, 1)
		}, node.ErrRolledBack},
		{"log unreadable for good", func(s *scene, p *process, _ *diskCopy) {
			s.faults.inject(FaultEvent{Kind: faultCorrupt, Node: p.id, Last: 1000, Lasting: true})
			p.crash("test")
			p.start()
		}, disk.ErrCorrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, 3, 1, 1<<20, 4096, "q")
			s.call(t, &wire.CreateQueueRequest{QueueName: "q"})
			p := s.follower()
			before := &diskCopy{boot: p.boot, at: s.now, log: p.log.durable.clone(), state: p.state.durable.clone()}
			s.sendSome(t)
			c.lie(s, p, before)
			s.until(s.now+3*time.Second, nil)
			if !errors.Is(p.ended, c.want) {
				t.Errorf("node %d ended with %v, want %v", p.id, p.ended, c.want)
			}
			s.faults.stopped = true
			if v := breaks(func() { s.client.do(&wire.ListQueuesRequest{}, nil) }); v != nil {
				t.Error(v)
			}
			s.faults.heal(func(int) bool { return true })
			s.drain()
			if p.alive {
				t.Errorf("node %d was started again", p.id)
			}
		})
	}
}

func TestACopyThatLacksNothingGoesOn(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096, "q")
	s.call(t, &wire.CreateQueueRequest{QueueName: "q"})
	s.until(s.now+time.Second, nil)
	p := s.follower()
	before := &diskCopy{boot: p.boot, at: s.now, log: p.log.durable.clone(), state: p.state.durable.clone()}
	s.faults.rollBack(FaultEvent{Kind: faultRollback, Node: p.id, Lasts: time.Second}, before, 2)
	s.until(s.now+200*time.Millisecond, nil)
	s.sendSome(t)
	if p.lie == nil || p.ended != nil || !p.alive {
		t.Errorf("lie %v, ended with %v, alive %t", p.lie, p.ended, p.alive)
	}
}

func TestDisksOfAMinorityLie(t *testing.T) {
	for profile, want := range map[Profile]int{Default: 1, Ruin: 2} {
		s := newScene(t, 3, 1, 1<<20, 4096, "q")
		s.plan.Profile = profile
		for _, p := range s.cluster() {
			s.faults.inject(FaultEvent{Kind: faultLost, Node: p.id, Lasts: time.Hour})
		}
		if got := s.liars(); got != want {
			t.Errorf("%s: %d disks lie, want %d", profile, got, want)
		}
	}
}

func TestDisksLieOnlyWhereOthersKnowBetter(t *testing.T) {
	for _, c := range []struct {
		profile       Profile
		nodes, spares int
		core          []node.NodeID
		want          bool
	}{
		{Default, 3, 0, nil, true},
		{Default, 3, 1, nil, false},
		{Default, 3, 0, []node.NodeID{1, 2}, false},
		{Default, 2, 0, nil, false},
		{Ruin, 2, 0, nil, true},
		{Ruin, 1, 0, nil, false},
	} {
		p := quietPlan(1, c.nodes)
		p.calm, p.Profile, p.cluster.spares, p.core = false, c.profile, c.spares, c.core
		for _, e := range []FaultEvent{{Kind: faultCorrupt, Last: 1000}, {Kind: faultLost}, {Kind: faultRollback}} {
			e.Node = 1
			if err := e.check(&p); (err == nil) != c.want {
				t.Errorf("%s in a plan with %+v: %v", e.Kind.name, c, err)
			}
		}
	}
}

func TestDamagedKeysAreNotRead(t *testing.T) {
	_, p := bootless(quietPlan(1, 1))
	s := &store{volume: p.state, process: p, boot: 1}
	var b disk.Batch
	for i := range 10 {
		b.Set(key(i), nil)
	}
	if err := s.Apply(&b); err != nil {
		t.Fatal(err)
	}
	view := s.Snapshot()
	p.state.damage = p.state.visible.part(300, 500)
	for i := range 10 {
		for _, r := range []disk.Reader{s, view} {
			if _, err := r.Get(key(i)); errors.Is(err, disk.ErrCorrupt) != (i == 3 || i == 4) {
				t.Errorf("key %d: %v", i, err)
			}
		}
	}
	var read []string
	err := s.Scan(key(1), key(9), func(key, _ []byte) bool {
		read = append(read, string(key))
		return true
	})
	if !errors.Is(err, disk.ErrCorrupt) || len(read) != 2 || !p.misread {
		t.Errorf("a scan reads %v: %v", read, err)
	}
	if err := s.Scan(key(5), key(9), func([]byte, []byte) bool { return true }); err != nil {
		t.Errorf("a scan behind the damage: %v", err)
	}
}
