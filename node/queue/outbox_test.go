package queue

import (
	"errors"
	"strings"
	"testing"

	"sqsd/node/disk"
	"sqsd/wire"
)

func TestMovesThatCannotBeStopTheMachine(t *testing.T) {
	move := Move{Target: "none", Reason: DeadLetter}
	cases := map[string]wire.Request{
		"accepted with a gap before":  &AcceptCommand{From: 1, First: 2, Moves: []Move{move}},
		"settled before they are due": &SettleCommand{To: 1, First: 1, Outcomes: []Outcome{Accepted}},
		"settled though never made":   &SettleCommand{To: 1, First: 0, Outcomes: []Outcome{Accepted, Accepted}},
		"settled in another group":    &SettleCommand{To: 7, First: 0, Outcomes: []Outcome{Accepted}},
	}
	for name, cmd := range cases {
		m, _ := filled(t) // has one move in its outbox for group 1, and one from it in its inbox
		result := round(m, 3000, cmd)
		if result.Err == nil || m.Err() == nil || !strings.Contains(m.Err().Error(), "broken invariant") {
			t.Errorf("%s: answered %+v, error %v", name, result, m.Err())
		}
	}
}

func TestAHandoverThatCannotBeReadStopsTheMachine(t *testing.T) {
	_, store := filled(t)
	broken := &brokenStore{memoryStore: store}
	m, err := Open(broken, Config{GroupOf: elsewhere})
	if err != nil {
		t.Fatal(err)
	}
	if cmd := m.Handover(1, 1); cmd == nil || len(cmd.Moves) != 1 {
		t.Errorf("hand-over %+v", cmd)
	}
	if cmd := m.Handover(2, 1); cmd != nil {
		t.Errorf("hand-over %+v to a group that nothing goes to", cmd)
	}
	broken.broken = true
	if cmd := m.Handover(1, 1); cmd != nil || !errors.Is(m.Err(), disk.ErrIO) {
		t.Errorf("hand-over %+v, error %v", cmd, m.Err())
	}
}
