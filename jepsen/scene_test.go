package jepsen

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sqsd/model"
)

var (
	kills     = flag.Int("kills", 2, "how often TestLeaderKill kills the leader; 10 is the long form")
	rounds    = flag.Int("rounds", 1, "how often TestFaultsInTurn goes through its faults; 5 is the long form")
	maxOutage = flag.Duration("max-outage", 3*time.Second, "how long sends may fail after a kill")
	program   = flag.String("sqsd", "", "program to test; empty builds cmd/sqsd")
)

const (
	// pause is how long the clients of a load rest between their calls.
	pause = 5 * time.Millisecond
	// drainTime bounds the drain at the end, and drainVisibility, in seconds, is the timeout that it receives with.
	drainTime       = 5 * time.Minute
	drainVisibility = 30
)

// scene is a cluster of three under load, with a history of what the clients saw.
type scene struct {
	*testing.T
	cluster   *Cluster
	history   *History
	load      Load
	running   *Running
	disturbed []model.Span
}

// sqsd builds the program once for all tests.
var sqsd = sync.OnceValues(func() (string, error) {
	if *program != "" {
		return filepath.Abs(*program)
	}
	dir, err := os.MkdirTemp("", "jepsen")
	if err != nil {
		return "", err
	}
	buildDir = dir
	return Build(dir)
})

// buildDir is removed when all tests are over.
var buildDir string

// newScene starts a cluster that nobody uses yet.
func newScene(t *testing.T) *scene {
	t.Helper()
	binary, err := sqsd()
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := NewCluster(binary, t.TempDir(), t.ArtifactDir(), 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			tellLogs(t, cluster)
		}
	})
	if err := cluster.Start(patient(t)); err != nil {
		t.Fatal(err)
	}
	return &scene{T: t, cluster: cluster, history: NewHistory()}
}

// begin starts the load and waits until it is under way.
func (s *scene) begin(load Load) {
	s.Helper()
	var err error
	if s.running, err = load.Begin(s.Context(), s.cluster, s.history); err != nil {
		s.Fatal(err)
	}
	s.load = load
	s.carryOn("before any fault")
}

// loadOfAllGroups has a queue in every group, with a producer and a consumer each.
func (s *scene) loadOfAllGroups(timeout time.Duration) Load {
	s.Helper()
	queues, err := s.cluster.OneQueuePerGroup("queue")
	if err != nil {
		s.Fatal(err)
	}
	return Load{Queues: queues, Producers: len(queues), Consumers: len(queues), Pause: pause, Visibility: 3, Timeout: timeout}
}

// carryOn lets the load go on until at least twenty more messages have been sent to every queue.
func (s *scene) carryOn(when string) {
	s.Helper()
	for range 20 {
		s.served(when)
	}
}

// served waits until a send to every queue that was called from now on has succeeded.
func (s *scene) served(when string) {
	s.Helper()
	now := s.history.Now()
	for _, queue := range s.load.Queues {
		if err := until(patient(s.T), func() bool { return s.history.SentSince(queue, now) }); err != nil {
			s.Fatalf("no send to queue %s succeeds %s: %v\n%s", queue, when, errors.Join(err, s.cluster.Err()),
				Census(s.history.Attempts()))
		}
	}
}

// disturb injects a fault, waits until the service is back and works for a while with the fault still there, repairs what
// it broke, waits until all nodes are ready and the service has worked for another while, and returns how long the
// service was away.
func (s *scene) disturb(name string, fault, repair func() error) Outage {
	s.Helper()
	from := s.history.Now()
	if err := fault(); err != nil {
		s.Fatalf("%s: %v", name, err)
	}
	s.served("after " + name)
	back := s.history.Now()
	s.carryOn("during " + name)
	if err := repair(); err != nil {
		s.Fatalf("repair after %s: %v", name, err)
	}
	if err := s.cluster.WaitReady(patient(s.T)); err != nil {
		s.Fatalf("after %s: %v", name, err)
	}
	s.served("after the repair of " + name)
	s.disturbed = append(s.disturbed, model.Span{From: from, To: s.history.Now()})
	outage := WorstOutage(s.history.Attempts(), s.load.Queues, from, back)
	s.Logf("%s: no send to queue %s for %v", name, outage.Queue, outage.Gap.Round(time.Millisecond))
	s.carryOn("after the repair of " + name)
	return outage
}

// leader is the node that leads most groups.
func (s *scene) leader() *Node {
	s.Helper()
	leader, err := s.cluster.Leader(patient(s.T))
	if err != nil {
		s.Fatal(err)
	}
	return leader
}

// leaderOf is the node that leads a queue's group.
func (s *scene) leaderOf(queue string) *Node {
	s.Helper()
	leader, err := s.cluster.LeaderOf(patient(s.T), queue)
	if err != nil {
		s.Fatal(err)
	}
	return leader
}

// finish ends the load, drains the queues and judges all that the clients saw.
func (s *scene) finish() {
	s.Helper()
	if err := s.running.End(); err != nil {
		s.Error(err)
	}
	s.judge(s.drain(s.newClient(0)))
}

// newClient makes a client that is none of the load's.
func (s *scene) newClient(i int) *Client {
	c := NewClient(1+s.load.clients()+i, s.cluster.Nodes, i, s.history)
	s.Cleanup(c.Close)
	return c
}

// drain empties the queues and returns when they were empty.
func (s *scene) drain(c *Client) int64 {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), drainTime)
	defer cancel()
	drained, err := Drain(ctx, c, s.load.Queues, drainVisibility)
	if err != nil {
		s.Error(err)
	}
	return drained
}

// judge judges all that the clients saw.
func (s *scene) judge(drained int64) {
	s.Helper()
	if err := s.cluster.Err(); err != nil {
		s.Error(err)
	}
	attempts := s.history.Attempts()
	s.Logf("%d requests:\n%s", len(attempts), Census(attempts))
	judgement := Judge(s.history, s.disturbed, drained)
	for _, wrong := range judgement.Complaints {
		s.Error(wrong)
	}
	s.Logf("%d messages and queue names searched, %d of them without a verdict", judgement.Partitions, judgement.Unknown)
	if s.Failed() {
		s.keep(attempts, judgement)
	}
}

// tellLogs shows the end of each node's log.
func tellLogs(t *testing.T, cluster *Cluster) {
	const enough = 4 << 10
	for _, n := range cluster.Nodes {
		log, err := os.ReadFile(n.logPath)
		if err != nil {
			t.Error(err)
			continue
		}
		t.Logf("the end of node %d's log:\n%s", n.ID, log[max(0, len(log)-enough):])
	}
}

// keep writes the history beside the logs, one attempt a line, and porcupine's pages of what it found illegal.
func (s *scene) keep(attempts []*Attempt, judgement Judgement) {
	s.Helper()
	err := s.write("history.txt", func(out io.Writer) error {
		for _, a := range attempts {
			if _, err := fmt.Fprintf(out, "%d client %d node %d %.6f..%.6f %s %+v: %v %+v %v\n", a.ID, a.Client, a.Node,
				float64(a.Call)/1e9, float64(a.Return)/1e9, a.Request.Action(), a.Request, a.Outcome, a.Response, a.Problem); err != nil {
				return err
			}
		}
		return nil
	})
	for i, p := range judgement.Offending[:min(maxComplaints, len(judgement.Offending))] {
		err = errors.Join(err, s.write(fmt.Sprintf("illegal%d.html", i), p.WriteHTML))
	}
	if err != nil {
		s.Error(err)
	}
	s.Logf("history and logs are in %s (kept if the test runs with -artifacts)", s.ArtifactDir())
}

func (s *scene) write(name string, content func(io.Writer) error) error {
	file, err := os.Create(filepath.Join(s.ArtifactDir(), name))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	return errors.Join(content(out), out.Flush(), file.Close())
}
