package main

import (
	"net/http"
	"strings"
	"testing"

	"sqsd/wire/wiretest"
)

// TestActions calls every action on a running server. Cases are named by protocol and action.
func TestActions(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "4")
	p.waitReady(t)
	for action, parameters := range wiretest.Calls {
		for _, protocol := range protocols {
			t.Run(protocol+"/"+action, func(t *testing.T) {
				a := p.call(t, protocol, action, newPreparation(t, p).fit(action, parameters))
				if a.status != http.StatusOK || strings.Contains(string(a.body), "SenderFault") {
					t.Errorf("got %d %s", a.status, a.body)
				}
			})
		}
	}
}

// fit makes a call of package wiretest one that succeeds on the queue.
func (q *preparation) fit(action, parameters string) string {
	q.t.Helper()
	fitted := strings.NewReplacer(
		wiretest.Queue, *q.url, `"QueueName":"q"`, `"QueueName":"`+q.name+`"`, `"QueueName":"n"`, `"QueueName":"`+q.name+`-new"`,
		":dead", ":"+q.name,
	).Replace(parameters)
	switch action {
	case "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage", "DeleteMessageBatch":
		q.send("b")
		return strings.Replace(fitted, `"ReceiptHandle":"h"`, `"ReceiptHandle":"`+q.receive()+`"`, 1)
	case "RemovePermission":
		q.permit("l")
	case "StartMessageMoveTask":
		q.source()
	case "CancelMessageMoveTask":
		q.source()
		q.send("b")
		return strings.Replace(fitted, wiretest.TaskHandle, q.startTask(), 1)
	}
	return fitted
}
