package jepsen

import (
	"errors"
	"testing"

	"sqsd/wire"
)

// deadLetterPairs is how many queues have a dead-letter queue, each its own.
const deadLetterPairs = 3

// While redrive policies move messages to queues of other groups, and the leaders of the one group and the other are
// killed: no message is lost or doubled, and none is in two queues.
func TestDeadLettersGoToOtherGroups(t *testing.T) {
	s := newScene(t)
	sources, err1 := s.cluster.OneQueuePerGroup("queue")
	targets, err2 := s.cluster.OneQueuePerGroup("dead")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	load := Load{DeadLetters: map[string]string{}, Pause: pause, Visibility: 1, Timeout: DefaultTimeout}
	for i, source := range sources[:deadLetterPairs] {
		target := targets[len(targets)-1-i]
		load.DeadLetters[source] = target
		load.Queues = append(load.Queues, target, source)
	}
	load.Producers, load.Consumers = len(load.Queues), len(load.Queues)
	s.begin(load)
	for i := range *kills {
		queue := load.Queues[i%len(load.Queues)]
		leader := s.leaderOf(queue)
		s.disturb("kill -9 of the leader of "+queue, leader.Kill, leader.Start)
	}
	if err := s.running.End(); err != nil {
		t.Error(err)
	}
	c := s.newClient(0)
	s.drain(c)
	for _, queue := range load.Queues {
		if err := c.take(patient(t), queue, drainVisibility, 0); err != nil { // what was on its way comes within the second
			t.Error(err)
		}
	}
	drained := s.drain(c)
	moved := s.moved()
	t.Logf("%d messages were received from dead-letter queues after a move", moved)
	if moved < *kills {
		t.Errorf("only %d messages moved", moved)
	}
	s.judge(drained)
}

// moved counts the messages that were received where a redrive policy had moved them.
func (s *scene) moved() int {
	ids := map[string]bool{}
	for _, a := range s.history.Attempts() {
		response, ok := a.Response.(*wire.ReceiveMessageResponse)
		if !ok {
			continue
		}
		for _, m := range response.Messages {
			if _, ok := m.Attributes.Get("DeadLetterQueueSourceArn"); ok {
				ids[m.MessageID] = true
			}
		}
	}
	return len(ids)
}
