package jepsen

import (
	"context"
	"errors"
	"flag"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"sqsd/model"
)

// In one FIFO group, while other clients send to other groups of the queue, receive from those, tag the queue and read
// its attributes, and while the leader of the queue is killed: sequence numbers go up in the order of the sends, the
// messages come back in that order, and each once, also if its send had to be repeated or two clients sent it at the
// same time. What happens in the other groups is judged by package model.

var (
	sends     = flag.Int("sends", 200, "messages sent to a FIFO group, one by one and in batches; 10000 is the long form")
	racedIDs  = flag.Int("raced-ids", 200, "deduplication ids that two clients race for; 5000 is the long form")
	fifoKills = flag.Int("fifo-kills", 1, "how often each part of the tests of FIFO queues kills the leader, but the "+
		"drain, which is short; 3 is the long form")
)

const fifoQueue = "orders.fifo"

// beginBeside locks the group of a sequence and starts the traffic of other clients in the same queue.
func beginBeside(t *testing.T) (*scene, *Sequence) {
	t.Helper()
	s := newScene(t)
	s.load = Load{Queues: []string{fifoQueue}, Producers: 2, Consumers: 2, Clerks: 2, Pause: pause, Visibility: 3,
		Timeout: DefaultTimeout}
	c := s.newClient(0)
	q := NewSequence(c, fifoQueue, "group")
	if err := errors.Join(c.createQueue(patient(t), fifoQueue, ""), q.Lock(patient(t))); err != nil {
		t.Fatal(err)
	}
	s.begin(s.load)
	return s, q
}

func TestFIFOGroupKeepsItsOrder(t *testing.T) {
	s, q := beginBeside(t)
	s.underKills("sends", *fifoKills, *sends, []*Client{q.client}, func(ctx context.Context) error {
		return repeat(*sends, func() error { return q.Send(ctx) })
	})
	batches := (*sends + 9) / 10
	s.underKills("batches of ten", *fifoKills, batches, []*Client{q.client}, func(ctx context.Context) error {
		return repeat(batches, func() error { return q.SendBatch(ctx, 10) })
	})
	s.finishSequence(q)
}

func TestFIFORacersShareOneMessage(t *testing.T) {
	s, q := beginBeside(t)
	rival := NewSequence(s.newClient(1), fifoQueue, q.group)
	rival.Sent = slices.Clone(q.Sent)
	racers := []*Client{q.client, rival.client}
	s.underKills("raced sends", *fifoKills, 2**racedIDs, racers, func(ctx context.Context) error {
		return repeat(*racedIDs, func() error {
			var one, other error
			var wait sync.WaitGroup
			wait.Go(func() { one = q.Send(ctx) })
			wait.Go(func() { other = rival.Send(ctx) })
			wait.Wait()
			return errors.Join(one, other)
		})
	})
	wrong := 0
	for i, m := range q.Sent {
		if rival.Sent[i] != m && wrong < maxComplaints {
			t.Errorf("the racers were answered with %+v and %+v", m, rival.Sent[i])
			wrong++
		}
	}
	s.finishSequence(q)
}

func repeat(n int, work func() error) error {
	for range n {
		if err := work(); err != nil {
			return err
		}
	}
	return nil
}

// underKills does work and meanwhile kills the leader of the queue, so that the kills part the calls of the work
// evenly. The work goes on with a node down before that is started again. However fast it is, it is not over before the
// last kill: it is held up while the leader is looked for, and the kill comes into the next call.
func (s *scene) underKills(name string, kills, calls int, clients []*Client, work func(context.Context) error) {
	s.Helper()
	mark := func(kill int) int {
		if kill == kills {
			return math.MaxInt
		}
		return calls * (kill + 1) / (kills + 1)
	}
	pace := NewPace(mark(0))
	for _, c := range clients {
		c.Pace = pace
	}
	done := make(chan error, 1)
	go func() { done <- work(s.Context()) }()
	reach := func(n int) {
		s.Helper()
		err := until(s.Context(), func() bool { return pace.Steps() >= n || pace.Idle() > patience })
		if got := pace.Steps(); got < n {
			s.Fatalf("%s: %d calls were answered of %d, and then none for %v: %v", name, got, calls, patience, err)
		}
	}
	for i := range kills {
		reach(mark(i))
		leader := s.leaderOf(fifoQueue)
		from := s.history.Now()
		pace.Allow(pace.Steps() + 1)
		if err := leader.Kill(); err != nil {
			s.Fatal(err)
		}
		at := pace.Steps()
		pace.Allow(mark(i + 1))
		reach(at + 2) // the first of them may have been answered before
		if err := errors.Join(leader.Start(), s.cluster.WaitReady(patient(s.T))); err != nil {
			s.Fatal(err)
		}
		s.disturbed = append(s.disturbed, model.Span{From: from, To: s.history.Now()})
		s.Logf("%s: kill -9 of node %d, the leader, after %d calls", name, leader.ID, at)
	}
	if err := <-done; err != nil {
		s.Fatalf("%s: %v", name, err)
	}
	took, gap := pace.Took()
	s.Logf("%s: %d calls in %.1f s, %d kills, worst gap %v", name, pace.Steps(), took.Seconds(), kills,
		gap.Round(time.Millisecond))
	if gap >= *maxOutage {
		s.Errorf("%s: no call was answered for %v, want less than %v", name, gap, *maxOutage)
	}
}

// finishSequence ends the other traffic, unlocks the group, drains the queue under kills and judges.
func (s *scene) finishSequence(q *Sequence) {
	s.Helper()
	if err := errors.Join(s.running.End(), q.Unlock(patient(s.T))); err != nil {
		s.Fatal(err)
	}
	drainer := s.newClient(2)
	left, err := drainer.count(patient(s.T), fifoQueue)
	if err != nil {
		s.Fatal(err)
	}
	var drained int64
	// For ten messages there are at least a receive and a delete.
	s.underKills("drain", min(*fifoKills, 1), left/5, []*Client{drainer}, func(context.Context) error {
		drained = s.drain(drainer)
		return nil
	})
	attempts := s.history.Attempts()
	received := q.Received(attempts, drainer.id)
	for _, fault := range q.Faults(received) {
		s.Error(fault)
	}
	unknown := 0
	for _, a := range attempts {
		if a.Client == q.client.id && a.Unknown {
			unknown++
		}
	}
	s.Logf("%d messages sent, %d received; %d calls of the sender had an unknown outcome and were repeated", len(q.Sent),
		len(received), unknown)
	s.judge(drained)
}
