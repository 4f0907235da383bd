package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/wire"
)

// scene is a world in which nothing is drawn: a test says what its one client does and what goes wrong.
type scene struct {
	*World
	client *client
}

// newScene boots a healthy cluster and waits until it is led. pending is node.Config.MaxPendingBytes, due
// queue.Limits.DueBatch.
func newScene(t *testing.T, nodes, groups, pending, due int, queues ...string) *scene {
	t.Helper()
	plan := quietPlan(1, nodes)
	plan.cluster = clusterPlan{
		nodes: nodes, groups: groups, spares: mostSpares, tick: 50 * time.Millisecond, electionTicks: 5, callTimeout: 1500 * time.Millisecond,
		limits: plan.cluster.limits, maxEntry: 1 << 16, maxPending: pending, checkpoint: 1 << 20, keep: 1000, chunk: 1 << 16,
		batchKeys: 1000,
	}
	plan.cluster.limits.MaxInFlight, plan.cluster.limits.DueBatch = 120_000, due
	plan.work.queues, plan.work.clients, plan.quiet, plan.settle = queues, 1, 0, 0
	plan.calm, plan.lull, plan.batching, plan.faults.weights = false, lullPlan{}, 0, nil
	t.Cleanup(seedRaft(plan.Seed))
	w := newWorld(plan, Options{})
	s := &scene{World: w, client: w.clients.all[0]}
	w.boot()
	if !w.until(recovery, w.led) {
		t.Fatal("no leaders")
	}
	return s
}

// ask sends a request to the first node that is up and returns at once.
func (s *scene) ask(req wire.Request) *operation {
	at := slices.IndexFunc(s.processes, func(p *process) bool { return p.alive })
	return s.askAt(max(0, at), req)
}

// askAt sends a request to the process of an index.
func (s *scene) askAt(process int, req wire.Request) *operation {
	step := Step{Number: s.clients.numbers, Client: s.client.id, Node: s.processes[process].id, Request: req}
	s.clients.numbers++
	return s.client.perform(step, func() {})
}

// call sends a request and lets the world go on until it is answered.
func (s *scene) call(t *testing.T, req wire.Request) *operation {
	t.Helper()
	op := s.ask(req)
	s.until(s.now+recovery, func() bool { return op.ended })
	if op.Unknown || op.Err != nil {
		t.Fatalf("%s: unknown %v, error %v", describeRequest(req), op.Unknown, op.Err)
	}
	return op
}

// finish heals and drains the world and judges what its client saw.
func (s *scene) finish() *model.Violation {
	report := &Report{Plan: s.plan}
	if report.Violation = s.guard(s.recover); report.Violation == nil {
		report.History = s.history()
		report.judge(s.World)
	}
	return report.Violation
}

// inGroups names queues so that each lives in a group of its own: the first in group 0 and so on.
func inGroups(groups int, suffix string) []string {
	var names []string
	for g := range groups {
		for i := 0; ; i++ {
			if name := fmt.Sprintf("q%d%s", i, suffix); node.GroupOf(name, groups) == node.GroupID(g) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

func refTo(queue string) wire.QueueRef { return wire.QueueRef{QueueURL: queue, Name: queue} }
