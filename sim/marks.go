package sim

import (
	"slices"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/disk"
	"sqsd/node/queue"
	"sqsd/wire"
)

// Marks are rare situations by name: those that node reports (node.Host.Mark), faults, and answers of the queue state
// machine. A sweep lists those of them that no seed reached.
var Marks = slices.Concat(nodeMarks, queue.Marks[:], answerMarks, upgradeMarks, operatorMarks, lieMarks, faultMarks())

// snapshotSent is the mark at which a leader begins to send a snapshot, a moment that faults wait for.
const snapshotSent = "snapshot sent"

var nodeMarks = []string{
	"entries not sent twice in a tick",
	"entry passed over, too much was due",
	"format raised",
	"forwarded call repeated by the network",
	"forwarded in a leadership that is forgotten",
	"forwarded to a node that does not lead",
	"frame of a newer format dropped",
	"frame of a removed node dropped",
	"leader asked to remove itself",
	"leader deposed",
	"leader hands over before its node stops",
	"leader steps aside because of its clock",
	"leadership declined because of the clock",
	"leadership declined before the node stops",
	"leadership handed to the preferred node",
	"learner promoted",
	"malformed frame dropped",
	"membership change applied again after a restart",
	"membership change left undecided by its leader",
	"messages of a client that has gone left for its next attempt",
	"moves handed over to another group",
	"moves not handed over, tried again",
	"newer format waits for a member",
	"peer rolled back",
	"poll of a silent node ended",
	"proposal lost to another leader",
	"proposal refused by raft",
	"raft message of a life that does not count",
	"receive overtaken, waits on",
	"release messages of a client that has gone",
	"removal refused, too few are alive",
	"removed node tells a member what is committed",
	"removed node told so by a member",
	"snapshot given up",
	"snapshot installed",
	"snapshot installed by a node that joins",
	"snapshot of an earlier leader refused",
	snapshotSent,
	"snapshot sent to a node that has it",
	"too many pending bytes",
	"wall clock set",
}

var answerMarks = []string{
	"answer: ChangeMessageVisibility InvalidParameterValue",
	"answer: ChangeMessageVisibility ReceiptHandleIsInvalid",
	"answer: CreateQueue AWS.SimpleQueueService.QueueDeletedRecently",
	"answer: CreateQueue QueueAlreadyExists",
	"answer: DeleteMessage ReceiptHandleIsInvalid",
	"answer: PurgeQueue AWS.SimpleQueueService.PurgeQueueInProgress",
	"answer: ReceiveMessage AWS.SimpleQueueService.NonExistentQueue",
	"answer: ReceiveMessage OverLimit",
	"answer: Release",
	"answer: SendMessage InvalidParameterValue",
	"command: received again",
	"command: several in one entry",
	"long poll: given messages",
	"long poll: empty",
}

var upgradeMarks = []string{
	"upgrade: old binary refuses to start",
	"upgrade: old binary stops at the raise",
}

var operatorMarks = []string{"operator: change not possible"}

var lieMarks = []string{
	"lie: rollback to an earlier life",
	"lie: rollback within a life",
	"lie: the cluster need not go on",
	"lie: " + node.ErrForgotten.Error(),
	"lie: " + node.ErrRolledBack.Error(),
	"lie: " + disk.ErrCorrupt.Error(),
}

func faultMarks() []string {
	marks := []string{"network: queue of a link full", "stop: a group was handed over"}
	for _, k := range faultKinds {
		marks = append(marks, "fault: "+k.name)
	}
	return marks
}

// mark counts a rare situation.
func (w *World) mark(name string) { w.marks[name]++ }

// markCommit counts what is rare about a command of the canonical log.
func (w *World) markCommit(c *model.Commit) {
	if c.At.Sub > 0 {
		w.mark("command: several in one entry")
	}
	if _, ok := c.Request.(*model.Release); ok {
		w.mark("answer: Release")
	}
	if c.Err != nil {
		w.mark("answer: " + c.Request.Action() + " " + c.Err.Code.Query())
	}
	if r, ok := c.Response.(*wire.ReceiveMessageResponse); ok {
		for i := range r.Messages {
			if attribute(r.Messages[i].Attributes, "ApproximateReceiveCount") != "1" {
				w.mark("command: received again")
			}
		}
	}
}

// markAnswer counts what is rare about an answer that reached its client.
func (w *World) markAnswer(op *operation) {
	r, ok := op.Request.(*wire.ReceiveMessageRequest)
	if !ok || r.WaitTimeSeconds.Or(0) == 0 || op.Err != nil {
		return
	}
	if len(op.Response.(*wire.ReceiveMessageResponse).Messages) > 0 {
		w.mark("long poll: given messages")
	} else {
		w.mark("long poll: empty")
	}
}

// attribute is the value of a name, empty if absent.
func attribute(pairs wire.Pairs, name string) string {
	for _, p := range pairs {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}
