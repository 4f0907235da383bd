package sim

import (
	"testing"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/queue"
	"sqsd/wire"
)

// step is one command that a replica applies.
type step struct {
	node   int
	at     node.Position
	cmd    wire.Request
	result queue.Result
}

func place(index uint64, sub uint32, seq uint64) node.Position {
	return node.Position{Index: index, Sub: sub, Time: Epoch + wire.Time(index), Proposer: 1, Boot: 7, Seq: seq}
}

func purge(name string) wire.Request {
	return &wire.PurgeQueueRequest{QueueRef: wire.QueueRef{Name: name}}
}

func TestObserverHoldsReplicasAgainstTheFirstOneToApply(t *testing.T) {
	ok := queue.Result{Response: wire.Empty{}}
	refused := queue.Result{Err: wire.NoSuchQueue()}
	early := place(3, 0, 2)
	early.Time = Epoch
	late := place(2, 0, 1)
	late.Time += 5
	for _, c := range []struct {
		name  string
		steps []step
		want  model.Promise
	}{
		{"two replicas that agree", []step{
			{1, place(2, 0, 1), purge("a"), ok}, {2, place(2, 0, 1), purge("a"), ok}, {2, place(2, 1, 2), purge("b"), ok},
		}, ""},
		{"another command at the same place", []step{
			{1, place(2, 0, 1), purge("a"), ok}, {2, place(2, 0, 9), purge("b"), ok},
		}, model.Durable},
		{"a command left out", []step{
			{1, place(2, 0, 1), purge("a"), ok}, {1, place(2, 1, 2), purge("b"), ok}, {1, place(3, 0, 3), purge("c"), ok},
			{2, place(2, 0, 1), purge("a"), ok}, {2, place(3, 0, 3), purge("c"), ok},
		}, model.Durable},
		{"another result", []step{
			{1, place(2, 0, 1), purge("a"), ok}, {2, place(2, 0, 1), purge("a"), refused},
		}, model.Linearizable},
		{"the same command at another time", []step{
			{1, place(2, 0, 1), purge("a"), ok}, {2, late, purge("a"), ok},
		}, model.Linearizable},
		{"time stops within an entry for one of them", []step{
			{1, node.Position{Index: 2, Time: Epoch}, &queue.TickCommand{}, ok}, {2, place(2, 0, 1), purge("a"), ok}, {2, place(9, 0, 7), purge("b"), ok},
		}, model.Linearizable},
		{"one proposal at two places", []step{
			{1, place(2, 0, 1), purge("a"), ok}, {1, place(3, 0, 1), purge("a"), ok},
		}, model.OneEffect},
		{"time that goes back", []step{
			{1, place(2, 0, 1), purge("a"), ok}, {1, early, purge("b"), ok},
		}, model.ReplicatedNow},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(quietPlan(1, 2), Options{})
			replicas := map[int]*witness{1: {world: w, process: w.processes[0]}, 2: {world: w, process: w.processes[1]}}
			v := breaks(func() {
				for _, s := range c.steps {
					replicas[s.node].Applied(s.at, s.cmd, s.result)
				}
			})
			if v == nil {
				v = w.difference
			}
			switch {
			case v == nil && c.want != "":
				t.Errorf("nothing is broken, want %s", c.want)
			case v != nil && v.Promise != c.want:
				t.Errorf("broken: %v, want %q", v, c.want)
			}
		})
	}
}

func TestObserverLetsASnapshotSkipCommands(t *testing.T) {
	w := newWorld(quietPlan(1, 2), Options{})
	ok := queue.Result{Response: wire.Empty{}}
	first, second := &witness{world: w, process: w.processes[0]}, &witness{world: w, process: w.processes[1]}
	for i := range uint64(5) {
		first.Applied(place(2+i, 0, 1+i), purge("a"), ok)
	}
	second.Applied(place(2, 0, 1), purge("a"), ok)
	second.Restored(0, 4)
	if v := breaks(func() { second.Applied(place(5, 0, 4), purge("a"), ok) }); v != nil {
		t.Errorf("after a snapshot at 4 the command at 5 is refused: %v", v)
	}
}
