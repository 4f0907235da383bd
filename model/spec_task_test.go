package model

import (
	"strings"
	"testing"

	"sqsd/wire"
)

func arnOf(queue string) string { return "arn:aws:sqs:here:1:" + queue }

// taskHandle is the handle of a task from d that is told apart by a digit.
func taskHandle(digit string) wire.TaskHandle {
	return wire.TaskHandle{TaskID: strings.ReplaceAll("########-####-####-####-############", "#", digit), SourceARN: arnOf("d")}
}

// startTask starts a task from d, to another queue or, if that is empty, back.
func startTask(to string, rate int32) step {
	req := &wire.StartMessageMoveTaskRequest{SourceARN: arnOf("d"), Source: "d"}
	if to != "" {
		req.DestinationARN, req.Destination = arnOf(to), to
	}
	if rate > 0 {
		req.MaxNumberOfMessagesPerSecond = wire.Int(rate)
	}
	return step{req: req}
}

func (st step) task(digit string) step {
	return st.result(&wire.StartMessageMoveTaskResponse{TaskHandle: taskHandle(digit).Encode()})
}

func cancelTask(digit string) step {
	return step{req: &wire.CancelMessageMoveTaskRequest{Source: "d", Task: taskHandle(digit)}}
}

func (st step) movedSoFar(n int64) step {
	return st.result(&wire.CancelMessageMoveTaskResponse{ApproximateNumberOfMessagesMoved: n})
}

// listed answers a listing of the tasks of d with one task that was started at 10 without a destination, with changes.
func listedTask(status string, moved, toMove int64, change func(*wire.MoveTaskResult)) step {
	r := wire.MoveTaskResult{Status: status, SourceARN: arnOf("d"), ApproximateNumberOfMessagesMoved: moved,
		ApproximateNumberOfMessagesToMove: toMove, StartedTimestamp: 10}
	if status == wire.MoveTaskRunning {
		r.TaskHandle = taskHandle("1").Encode()
	}
	if change != nil {
		change(&r)
	}
	return step{req: &wire.ListMessageMoveTasksRequest{SourceARN: arnOf("d"), Source: "d"}}.
		result(&wire.ListMessageMoveTasksResponse{Results: []wire.MoveTaskResult{r}})
}

// anew is got of one message that a task moved at a time: it has a new id and was never received.
func (st step) anew(body, handle string, sentAt wire.Time) step {
	return st.to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
		id, _, _ := strings.Cut(handle, "#")
		b.enter("", &wire.Outgoing{MessageBody: body}, id, sentAt)
		return st.got(handle).answer(b, at)
	})
}

// dead are messages m1, m2 and m3 in d, which came from q.
func dead() []step {
	return at(0, created("d"), created("q", redrive("d", "1")...), send("q", "a").sent("m1"), send("q", "b").sent("m2"),
		send("q", "c").sent("m3"), receiveFor("q", 0).got("m1#1", "m2#1", "m3#1"), receive("q").got())
}

func TestMoveTasksBreakPromises(t *testing.T) {
	running := story(dead(), at(10, startTask("", 1).task("1")))
	rate := func(r *wire.MoveTaskResult) { r.MaxNumberOfMessagesPerSecond = wire.Int(1) }
	runScenarios(t, []scenario{
		{"a message keeps its id", story(running, at(1010, receive("q").got("m1#2"))), OnePlace},
		{"a message is moved twice", story(running, at(1010, receive("q").anew("a", "n1#1", 1010), receive("q").anew("a", "n2#1", 1010))),
			Linearizable},
		{"a message is moved and stays", story(running, at(1010, receiveMax("d", 1).from("q", "m1#2"))), OnePlace},
		{"a message is lost on the way", story(running, at(1010, receive("q").got())), Prompt},
		{"another message is moved first", story(running, at(1010, receive("q").anew("b", "n1#1", 1010))), NothingSilent},
		{"a message is moved too soon", story(running, at(1009, receive("q").anew("a", "n1#1", 1009))), Linearizable},
		{"the receive count goes on", story(running, at(1010, receive("q").gotWith("n1#1", func(m *wire.Message) {
			m.Body, m.MD5OfBody = "a", ""
			m.Attributes = m.Attributes.With("ApproximateReceiveCount", "2").With("SentTimestamp", "1010")
		}))), Linearizable},
		{"two tasks are active", story(running, at(11, startTask("", 1).task("2"))), Linearizable},
		{"a task gets the handle of another", story(running, at(4000, startTask("", 1).task("1"))), Linearizable},
		{"a task counts what it has not moved", story(running, at(1010, listedTask(wire.MoveTaskRunning, 2, 3, rate))), OnePlace},
		{"a cancelled task goes on", story(running, at(1010, cancelTask("1").movedSoFar(1)), at(3010,
			listedTask(wire.MoveTaskCancelled, 2, 3, rate))), OnePlace},
		{"a task that is over is cancelled", story(running, at(4010, cancelTask("1").movedSoFar(3))), Linearizable},
		{"a made-up task is cancelled", story(running, at(11, cancelTask("7").movedSoFar(0))), Linearizable},
		{"a queue that is gone has tasks", story(running, at(11, remove("d").ok(), listedTask(wire.MoveTaskRunning, 0, 3, rate))),
			Linearizable},
	})
}

func TestMoveTasks(t *testing.T) {
	back := story(dead(), at(10, startTask("", 1).task("1")))
	rate := func(r *wire.MoveTaskResult) { r.MaxNumberOfMessagesPerSecond = wire.Int(1) }
	to := func(r *wire.MoveTaskResult) { r.DestinationARN = arnOf("p") }
	failed := func(why string) func(*wire.MoveTaskResult) {
		return func(r *wire.MoveTaskResult) { r.FailureReason = why }
	}
	runScenarios(t, []scenario{
		{"messages go back one by one, as new ones, oldest first", story(back, at(1009, receive("q").got()),
			at(1010, receive("q").anew("a", "n1#1", 1010), listedTask(wire.MoveTaskRunning, 1, 3, rate)),
			at(3010, listedTask(wire.MoveTaskCompleted, 3, 3, rate)),
			at(3011, receive("q").to(func(b *books, at wire.Time) (wire.Response, *wire.Error) {
				first, _ := receive("q").anew("b", "n2#1", 2010).answer(b, at)
				second, _ := receive("q").anew("c", "n3#1", 3010).answer(b, at)
				both := first.(*wire.ReceiveMessageResponse)
				both.Messages = append(both.Messages, second.(*wire.ReceiveMessageResponse).Messages...)
				return both, nil
			}), receive("d").got())), ""},
		{"without a rate a tenth of a second is enough", story(dead(), at(0, created("p")), at(10, startTask("p", 0).task("1")),
			at(109, attributes("p").all("p")), at(110, attributes("p").all("p", "ApproximateNumberOfMessages", "3"),
				listedTask(wire.MoveTaskCompleted, 3, 3, to))), ""},
		{"moved messages may move again", story(back, at(1010, receiveFor("q", 0).anew("a", "n1#1", 1010), receive("q").got()),
			at(3010, listedTask(wire.MoveTaskCompleted, 3, 3, rate), receiveMax("d", 1).from("q", "n1#2"))), ""},
		{"a message that is held is not moved, and one that comes later is not either", story(dead(), at(1,
			receiveMax("d", 1).from("q", "m1#2")), at(10, startTask("", 0).task("1"), send("d", "z").sent("m9")),
			at(110, listedTask(wire.MoveTaskCompleted, 2, 2, nil), receive("d").got("m9#1"))), ""},
		{"a cancelled task stops", story(back, at(1010, cancelTask("1").movedSoFar(1)), at(9000,
			listedTask(wire.MoveTaskCancelled, 1, 3, rate), cancelTask("1").refused(wire.UnsupportedOperation),
			startTask("", 0).task("2"))), ""},
		{"a task fails where the source of a message is not known", story(at(0, created("d"), send("d", "z").sent("m9")),
			at(10, startTask("", 0).task("1")), at(110, listedTask(wire.MoveTaskFailed, 0, 1, failed(noSource)),
				receive("d").got("m9#1"))), ""},
		{"a task fails when its destination is gone", story(back, at(1500, remove("q").ok()), at(2010,
			listedTask(wire.MoveTaskFailed, 1, 3, func(r *wire.MoveTaskResult) { failed(noDestination)(r); rate(r) }))), ""},
		{"a second task is refused while one is active", story(back, at(11, startTask("", 0).refused(wire.InvalidParameterValue))), ""},
		{"a purge leaves nothing to move", story(back, at(1500, purge("d").ok()), at(2010,
			listedTask(wire.MoveTaskCompleted, 1, 3, rate))), ""},
		{"tasks of a queue that does not exist", at(0, step{req: &wire.ListMessageMoveTasksRequest{Source: "d"}}.refused(wire.ResourceNotFound),
			startTask("", 0).refused(wire.ResourceNotFound), cancelTask("1").refused(wire.ResourceNotFound)), ""},
	})
}

func TestMoveTasksBetweenGroups(t *testing.T) {
	move := func(first uint64, ids ...string) *Accept {
		cmd := &Accept{From: 1, First: first}
		for _, id := range ids {
			cmd.Moves = append(cmd.Moves, Move{Source: "d", Target: "p", MessageID: id, Anew: true})
		}
		return cmd
	}
	back := func(accepted ...bool) step { return step{req: &Settle{To: 0, Accepted: accepted}}.ok() }
	to := func(why string) func(*wire.MoveTaskResult) {
		return func(r *wire.MoveTaskResult) { r.DestinationARN, r.FailureReason = arnOf("p"), why }
	}
	sentAway := story(in1(created("d"), send("d", "a").sent("m1"), send("d", "b").sent("m2")),
		in1(at(10, startTask("p", 0).task("1"))...), in1(at(110, listedTask(wire.MoveTaskRunning, 0, 2, to("")), receive("d").got())...))
	runGroupScenarios(t, groupsConfig, []scenario{
		{"a task is over when its moves are settled", story(sentAway, at(0, created("p"),
			step{req: move(0, "m1", "m2")}.result(outcomes(0, true, true)), receiveMax("p", 1).anew("a", "n1#1", 0)),
			in1(at(120, back(true, true), listedTask(wire.MoveTaskRunning, 2, 2, to("")))...),
			in1(at(220, listedTask(wire.MoveTaskCompleted, 2, 2, to("")))...)), ""},
		{"a refused message comes back and the task fails", story(sentAway, at(0,
			step{req: move(0, "m1", "m2")}.result(outcomes(0, false, false))), in1(at(120, back(false, false),
			listedTask(wire.MoveTaskFailed, 0, 2, to(noDestination)), receive("d").got("m1#1", "m2#1"))...)), ""},
		{"a cancelled task waits for what is on its way", story(sentAway, in1(at(111, cancelTask("1").movedSoFar(0),
			listedTask(wire.MoveTaskCancelling, 0, 2, to("")))...), at(0, created("p"),
			step{req: move(0, "m1", "m2")}.result(outcomes(0, true, true))),
			in1(at(120, back(true, true), listedTask(wire.MoveTaskCancelled, 2, 2, to("")))...)), ""},
		{"a moved message arrives under its old id", story(sentAway, at(0, created("p"), step{req: &Accept{From: 1,
			Moves: []Move{{Source: "d", Target: "p", MessageID: "m1"}}}}.result(outcomes(0, true)))), OnePlace},
	})
}
