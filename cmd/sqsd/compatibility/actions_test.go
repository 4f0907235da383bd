package compatibility

import (
	"maps"
	"slices"
	"testing"

	"sqsd/wire/wiretest"
)

// actionNotes say what is worth to know of each action before reading the tables.
var actionNotes = map[string]string{
	"AddPermission":                "edits the Policy attribute; policies are not enforced",
	"CancelMessageMoveTask":        "complete",
	"ChangeMessageVisibility":      "complete; a handle from before the last delivery is refused",
	"ChangeMessageVisibilityBatch": "complete",
	"CreateQueue":                  "complete, FIFO and tags included; the queue can be used at once",
	"DeleteMessage":                "complete; a handle from before the last delivery deletes nothing",
	"DeleteMessageBatch":           "complete",
	"DeleteQueue":                  "complete; takes effect at once (in AWS within 60 s)",
	"GetQueueAttributes":           "complete; counters are exact",
	"GetQueueUrl":                  "complete, for queues of the own account",
	"ListDeadLetterSourceQueues":   "complete, with pages; exact at one instant",
	"ListMessageMoveTasks":         "complete; the last ten of a source",
	"ListQueueTags":                "complete",
	"ListQueues":                   "complete, with prefix and pages; exact at one instant, in name order",
	"PurgeQueue":                   "complete; at once, what is sent afterwards stays",
	"ReceiveMessage":               "complete; a short poll is never falsely empty, a long poll is woken in order of arrival",
	"RemovePermission":             "edits the Policy attribute",
	"SendMessage":                  "complete; FIFO, delays, attributes, trace headers, fair queues",
	"SendMessageBatch":             "complete",
	"SetQueueAttributes":           "complete; in force at once. Policy and encryption are stored only",
	"StartMessageMoveTask":         "complete; neither 36 h nor 100 tasks are a limit",
	"TagQueue":                     "complete",
	"UntagQueue":                   "complete",
}

// works calls actions on a running server.
const works ref = "cmd/sqsd TestActions"

func actionRows(t *testing.T, found evidence) (lines []string) {
	for _, action := range slices.Sorted(maps.Keys(wiretest.Calls)) {
		var tests []ref
		for _, protocol := range []string{"JSON", "Query"} {
			r := works + ref("/"+protocol+"/"+action)
			found.need(t, action, r)
			tests = append(tests, r)
		}
		lines = append(lines, tableRow(t, action, actionNotes[action], listed(tests)))
	}
	return lines
}
