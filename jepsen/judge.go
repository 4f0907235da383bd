package jepsen

import (
	"fmt"
	"time"

	"sqsd/model"
	"sqsd/wire"
)

// tolerance is how far replicated time may be from the clock of the clients. All nodes share this machine's clock, but
// a node that waits for a processor stamps late.
const tolerance = time.Second

// maxComplaints bounds what is said of each kind of wrong.
const maxComplaints = 10

// Judgement is what is wrong with what the clients saw.
type Judgement struct {
	// Complaints are about statuses and broken promises, at most ten of each.
	Complaints []error
	// Report has all broken promises, and the searches behind them.
	*model.Report
}

// Judge judges what the clients saw. Promptness is not judged while the service was disturbed. All queues were known to
// be empty at the time drained, or drained is 0 and lost messages are not looked for.
func Judge(h *History, disturbed []model.Span, drained int64) Judgement {
	wrong := wrongStatuses(h.Attempts())
	report := model.Check(&model.History{
		Operations: h.Operations(), Tolerance: int64(tolerance), Disturbed: disturbed, DrainedAt: drained,
	})
	j := Judgement{wrong[:min(maxComplaints, len(wrong))], report}
	for _, v := range report.Violations[:min(maxComplaints, len(report.Violations))] {
		j.Complaints = append(j.Complaints, v)
	}
	return j
}

// wrongStatuses describes the attempts that ended in a way that a client must never see: anything
// but 200, 503 and a connection without an answer, or a batch of which only a part was done. What has a stale handle may
// be refused with 400 and 404: a change of visibility, and in a FIFO queue a delete.
func wrongStatuses(attempts []*Attempt) []error {
	var wrong []error
	for _, a := range attempts {
		failed := failedEntries(a.Response)
		if a.Outcome == Refused && !mayBeStale(a) || a.Outcome == Malformed || len(failed) > 0 {
			wrong = append(wrong, fmt.Errorf("client %d, node %d, operation %d: %s %s: status %d, %v %v %v",
				a.Client, a.Node, a.ID, a.Request.Action(), a.Outcome, a.Status, a.Err, a.Problem, failed))
		}
	}
	return wrong
}

func mayBeStale(a *Attempt) bool {
	if a.Err == nil || a.Err.Code != wire.InvalidParameterValue && a.Err.Code != wire.ReceiptHandleIsInvalid {
		return false
	}
	switch r := a.Request.(type) {
	case *wire.ChangeMessageVisibilityRequest:
		return true
	case *wire.DeleteMessageRequest:
		return wire.IsFIFO(r.Name)
	}
	return false
}

func failedEntries(response wire.Response) []wire.BatchResultError {
	switch r := response.(type) {
	case *wire.SendMessageBatchResponse:
		return r.Failed
	case *wire.BatchResponse:
		return r.Failed
	}
	return nil
}
