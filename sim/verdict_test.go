package sim

import (
	"testing"

	"sqsd/model"
	"sqsd/node/queue"
	"sqsd/wire"
)

func TestTheMostTellingViolationIsReported(t *testing.T) {
	order := []*model.Violation{
		{Promise: model.Linearizable}, {Promise: model.Linearizable, Message: "m"},
		{Promise: model.Live}, {Promise: model.OneEffect, Message: "m"},
	}
	for i, more := range order {
		for _, less := range order[:i] {
			if telling(more) <= telling(less) {
				t.Errorf("%v does not say more than %v", more, less)
			}
		}
	}
}

func TestALossSaysMoreThanTheDifferenceThatShowsIt(t *testing.T) {
	w := newWorld(quietPlan(1, 2), Options{})
	first, second := &witness{world: w, process: w.processes[0]}, &witness{world: w, process: w.processes[1]}
	answers := func(o *witness, err *wire.Error) {
		o.Applied(place(2, 0, 1), &wire.CreateQueueRequest{QueueName: "q"}, queue.Result{Response: &wire.CreateQueueResponse{QueueURL: "q"}})
		result := queue.Result{Response: &wire.ReceiveMessageResponse{}}
		if err != nil {
			result = queue.Result{Err: err}
		}
		o.Applied(place(3, 0, 2), &wire.ReceiveMessageRequest{QueueRef: wire.QueueRef{Name: "q"}}, result)
	}
	answers(first, nil)
	answers(second, wire.NoSuchQueue())
	h := model.History{Config: w.plan.modelConfig(), Commits: w.observer.all}
	if v := w.lostByDifference(&h); v == nil || v.Promise != model.Live || v.Queue != "q" {
		t.Errorf("a replica that refuses a receive: %v, want promise %s broken", v, model.Live)
	}
}
