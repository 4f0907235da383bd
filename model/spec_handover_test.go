package model

import (
	"slices"
	"strings"
	"testing"

	"sqsd/wire"
)

// groupsConfig has queues whose name begins with d in group 1, and all others in group 0.
var groupsConfig = func() Config {
	config := testConfig
	config.GroupOf = func(queue string) uint32 {
		if strings.HasPrefix(queue, "d") {
			return 1
		}
		return 0
	}
	return config
}()

// in1 makes steps take place in group 1.
func in1(steps ...step) []step {
	for i := range steps {
		steps[i].group = 1
	}
	return steps
}

func accept(first uint64, outcomes *Outcomes, ids ...string) step {
	cmd := &Accept{First: first}
	for _, id := range ids {
		cmd.Moves = append(cmd.Moves, Move{Source: "q", Target: "d", MessageID: id})
	}
	return step{req: cmd}.result(outcomes)
}

func outcomes(first uint64, accepted ...bool) *Outcomes {
	return &Outcomes{First: first, Accepted: accepted}
}

func settled(first uint64, accepted ...bool) step {
	return step{req: &Settle{To: 1, First: first, Accepted: accepted}}.ok()
}

// onTheWay is message m1, which was received from q as often as allowed and is on its way to queue d of the other group.
func onTheWay(target ...step) []step {
	return story(in1(target...), at(0, created("q", redrive("d", "1")...), send("q", "a").sent("m1"), send("q", "b").sent("m2"),
		receiveMax("q", 1).got("m1#1"), change("q", "m1#1", 0).ok()), at(1, receiveMax("q", 1).got("m2#1")))
}

func TestHandoverBreaksPromises(t *testing.T) {
	taken := story(onTheWay(created("d")), in1(accept(0, outcomes(0, true), "m1")))
	refused := story(onTheWay(), in1(accept(0, outcomes(0, false), "m1")))
	runGroupScenarios(t, groupsConfig, []scenario{
		{"a message on its way is received from its source", story(onTheWay(created("d")), at(1, receive("q").got("m1#2"))), OnePlace},
		{"a message on its way is received from its target", story(onTheWay(created("d")), in1(receive("d").from("q", "m1#2"))),
			Linearizable},
		{"a message arrives that nobody sent away", story(onTheWay(created("d")), in1(accept(0, outcomes(0, true, true), "m1", "m2"))),
			OnePlace},
		{"another message arrives", story(onTheWay(created("d")), in1(accept(0, outcomes(0, true), "m2"))), OnePlace},
		{"a move is left out", story(onTheWay(created("d")), in1(accept(1, outcomes(1, true), "m1"))), OnePlace},
		{"a message arrives again", story(taken, in1(accept(0, outcomes(0, true), "m1"), receive("d").to(
			func(b *books, at wire.Time) (wire.Response, *wire.Error) {
				resp, _ := receive("d").from("q", "m1#2").answer(b, at)
				again, _ := receive("d").from("q", "m1#3").answer(b, at)
				first := resp.(*wire.ReceiveMessageResponse)
				first.Messages = append(first.Messages, again.(*wire.ReceiveMessageResponse).Messages...)
				return first, nil
			}))), OneHolder},
		{"a message is accepted without its queue", story(onTheWay(), in1(accept(0, outcomes(0, true), "m1"))), OnePlace},
		{"a message is refused by its queue", story(onTheWay(created("d")), in1(accept(0, outcomes(0, false), "m1"))), OnePlace},
		{"a move is settled before it was answered", story(onTheWay(created("d")), at(2, settled(0, true))), OnePlace},
		{"an accepted message comes back", story(taken, at(2, settled(0, false))), OnePlace},
		{"a refused message is dropped", story(refused, at(2, settled(0, true))), OnePlace},
		{"a refused message is lost", story(refused, at(2, settled(0, false), receive("q").got())), Prompt},
		{"a refused message is delivered more than once before it moves again", story(refused, at(2, settled(0, false),
			receiveFor("q", 0).got("m1#2"), receive("q").got("m1#3"))), Linearizable},
		{"a message of a purged queue comes back", story(refused, at(2, purge("q").ok(), settled(0, false),
			receive("q").got("m1#2"))), Incarnations},
		{"a message on its way is counted in its source", story(onTheWay(), at(2, attributes("q").all("q",
			"ApproximateNumberOfMessages", "1", "ApproximateNumberOfMessagesNotVisible", "1", redrive("d", "1")[0],
			redrive("d", "1")[1]))), Linearizable},
	})
}

func TestHandover(t *testing.T) {
	taken := story(onTheWay(created("d")), in1(accept(0, outcomes(0, true), "m1")))
	refused := story(onTheWay(), in1(accept(0, outcomes(0, false), "m1")))
	runGroupScenarios(t, groupsConfig, []scenario{
		{"a message is in its target from the accept on", story(taken, in1(receive("d").from("q", "m1#2")), at(2, settled(0, true),
			receive("q").got())), ""},
		{"commands may come twice", story(taken, in1(accept(0, outcomes(0, true), "m1")), at(2, settled(0, true), settled(0, true)),
			in1(receive("d").from("q", "m1#2"))), ""},
		{"outcomes before the first move asked for are left out", story(taken, at(31_000, settled(0, true), receive("q").got()),
			in1(accept(0, outcomes(0, true, true), "m1", "m2"), accept(1, outcomes(1, true), "m2"))), ""},
		{"handles are dead on the way", story(onTheWay(), at(2, del("q", "m1#1").ok(),
			change("q", "m1#1", 5).refused(wire.InvalidParameterValue))), ""},
		{"a refused message comes back to its place, is delivered once, and moves again", story(refused, at(2,
			del("q", "m1#1").ok(), settled(0, false), del("q", "m1#1").ok(), send("q", "c").sent("m3"),
			receiveMax("q", 1).got("m1#2"), change("q", "m1#2", 0).ok(), receiveMax("q", 1).got("m3#1")),
			in1(created("d"), accept(1, outcomes(1, true), "m1"), receive("d").from("q", "m1#3"))), ""},
		{"what was purged on its way does not come back", story(refused, at(2, purge("q").ok(), settled(0, false),
			receive("q").got())), ""},
		{"what was deleted on its way does not come back", story(refused, at(2, remove("q").ok()), at(60_002, created("q"),
			settled(0, false), receive("q").got())), ""},
		{"what expired on its way does not come back", story(refused, at(2, set("q", "MessageRetentionPeriod", "60").ok()),
			at(60_000, settled(0, false), receive("q").got())), ""},
		{"a purge of the source does not reach what was accepted", story(taken, at(2, purge("q").ok()),
			in1(receive("d").from("q", "m1#2")), at(2, settled(0, true))), ""},
	})
}

func TestFIFOHandover(t *testing.T) {
	const d = "d.fifo"
	away := at(0, created(f, redrive(d, "1")...), sendTo("a", "a1").sent("a1"), sendTo("a", "a2").sent("a2"),
		sendTo("b", "b1").sent("b1"), receiveMax(f, 1).got("a1#1"), change(f, "a1#1", 0).ok(), receive(f).got("b1#1"))
	cmd := func(result *Outcomes) []step {
		return in1(step{req: &Accept{Moves: []Move{{Source: f, Target: d, MessageID: "a1"}}}}.result(result))
	}
	runGroupScenarios(t, groupsConfig, []scenario{
		{"a successor overtakes a message on its way", story(away, at(1, receive(f).got("a2#1"))), OneEffect},
		{"the group is never unlocked", story(in1(created(d)), away, cmd(outcomes(0, true)), at(1, settled(0, true),
			receive(f).got())), Prompt},
		{"a message on its way holds up its group until it is settled", story(in1(created(d)), away, at(1, receive(f).got()),
			cmd(outcomes(0, true)), at(1, receive(f).got(), settled(0, true), receive(f).got("a2#1"))), ""},
		{"a message that comes back is the first of its group again", story(away, cmd(outcomes(0, false)), at(1, settled(0, false),
			receive(f).got("a1#2", "a2#1"))), ""},
		{"a purge unlocks the group", story(away, at(1, purge(f).ok(), sendTo("a", "a3").sent("a3"), receive(f).got("a3#1"))), ""},
	})
}

// handedOver is a history of two groups: message m1 moves from q to d.
func handedOver() *History {
	h := &History{Config: groupsConfig}
	specs, b := newGroups(groupsConfig), newBooks()
	index := [2]uint64{}
	steps := story(in1(created("d")), onTheWay(), in1(accept(0, outcomes(0, true), "m1")), at(2, settled(0, true)),
		in1(receive("d").from("q", "m1#2")))
	for i, st := range steps {
		now := max(st.at, specs.Spec(st.group).Now())
		resp, err := st.answer(b, now)
		if v := specs.Spec(st.group).Step(now, st.req, resp, err); v != nil {
			panic(v)
		}
		index[st.group]++
		at := Witness{Group: st.group, Index: index[st.group], Time: now, Proposer: 1, Boot: 1, Seq: uint64(i + 1)}
		h.Commits = append(h.Commits, Commit{At: at, Request: st.req, Response: resp, Err: err})
		if isClients(st.req) {
			h.Operations = append(h.Operations, Operation{ID: i, Call: int64(2 * i), Return: int64(2*i + 1), Request: st.req,
				Response: resp, Err: err, At: &at})
		}
	}
	// The logs come one after the other, that of group 1 first.
	slices.SortStableFunc(h.Commits, func(a, b Commit) int { return int(b.At.Group) - int(a.At.Group) })
	return h
}

func TestReplayFollowsMovesBetweenGroups(t *testing.T) {
	drop := func(h *History, action string) {
		h.Commits = slices.DeleteFunc(h.Commits, func(c Commit) bool { return c.Request.Action() == action })
	}
	for _, tc := range []brokenHistory{
		{"a message is accepted that was never sent away", func(h *History) {
			i := slices.IndexFunc(h.Commits, func(c Commit) bool { return c.Request.Action() == "Accept" })
			cmd := *h.Commits[i].Request.(*Accept)
			cmd.Moves = append(slices.Clone(cmd.Moves), Move{Source: "q", Target: "d", MessageID: "m2"})
			h.Commits[i].Request = &cmd
		}, OnePlace},
		{"a move is never accepted, but its message is delivered", func(h *History) { drop(h, "Accept") }, Linearizable},
		{"a move is never settled", func(h *History) { drop(h, "Settle"); h.DrainedAt = 1 }, Live},
		{"nothing is changed", func(*History) {}, ""},
		{"a move is not settled yet", func(h *History) { drop(h, "Settle") }, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := handedOver()
			tc.change(h)
			wantPromise(t, Replay(h), tc.promise)
		})
	}
}
