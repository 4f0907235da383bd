package compatibility

import "testing"

// quota is a row of the table of quotas.
type quota struct {
	name, value string
	// sqsd is what it does; "as AWS" if empty.
	sqsd  string
	tests []ref
}

// unenforced begins the cell of a quota that sqsd does not have.
const unenforced = "no limit: "

var quotas = []quota{
	{"queue name", "1 to 80 characters, `.fifo` included", "", []ref{"wire TestQuotas/queue_name"}},
	{"message size", "1 to 1,048,576 bytes with attributes, or the queue's lower limit of at least 1,024", "",
		[]ref{"wire TestQuotas/message_size", "node/queue TestScripts/batches"}},
	{"batch", "10 entries; 1,048,576 bytes in all; ids of 1 to 80 characters", "", []ref{"wire TestQuotas/batch"}},
	{"message attributes", "10; names and types of 256 characters", "", []ref{"wire TestQuotas/message_attributes"}},
	{"message group id, dedup id, receive attempt id", "128 characters", "",
		[]ref{"wire TestQuotas/message_group_id,_dedup_id,_receive_attempt_id"}},
	{"receipt handle, message id", "1,024 and 100 characters", "a handle has 1,024 at most, an id has 36",
		[]ref{"wire TestQuotas/receipt_handle", "cmd/sqsd TestMessageIDsAndReceiptHandlesAreWithinTheirQuotas"}},
	{"delay", "0 to 900 s", "", []ref{"wire TestQuotas/delay"}},
	{"retention", "60 to 1,209,600 s, default 345,600", "",
		[]ref{"wire TestQuotas/retention", "wire TestDefaultAttributesOfAStandardQueue", "node/queue TestScripts/retention"}},
	{"visibility timeout", "0 to 43,200 s, default 30; 12 h in all for a delivery", "",
		[]ref{"wire TestQuotas/visibility_timeout", "wire TestDefaultAttributesOfAStandardQueue",
			"node/queue TestScripts/visibility", "node/queue TestScripts/fifo-visibility"}},
	{"long poll", "0 to 20 s", "", []ref{"wire TestQuotas/long_poll"}},
	{"messages per receive", "1 to 10, default 1", "",
		[]ref{"wire TestQuotas/messages_per_receive", "node/queue TestScripts/visibility"}},
	{"in flight, standard", "about 120,000; then a short poll gets `OverLimit`", "120,000 exactly",
		[]ref{"node/queue TestQuotas/in_flight,_standard", "node/queue TestScripts/inflight",
			"cmd/sqsd TestErrorsAtTheInFlightLimit"}},
	{"in flight, FIFO", "120,000; then receives are empty", "",
		[]ref{"node/queue TestQuotas/in_flight,_FIFO", "node/queue TestScripts/fifo-visibility"}},
	{"stored messages, message groups", "unlimited", "as much as the disk holds",
		[]ref{"node/queue TestQuotas", "node/queue TestScripts/backlog", "node/queue TestScripts/fifo-many-groups"}},
	{"FIFO dedup window, receive attempt window", "5 min each", "[t, t + 300 s)",
		[]ref{"node/queue TestScripts/fifo-dedup", "node/queue TestScripts/fifo-attempt"}},
	{"FIFO rate, normal mode", "300 calls/s for each action, 3,000 messages/s in batches",
		unenforced + "the limits protect a service that many share; yours is as fast as its disks",
		[]ref{"node/queue TestQuotas/FIFO_rate"}},
	{"high-throughput FIFO", "300 calls/s for each group; regional totals",
		unenforced + "as above; the attributes are checked, stored and returned",
		[]ref{"node/queue TestQuotas/FIFO_rate", "wire TestFIFOAttributePairs"}},
	{"ListQueues, ListDeadLetterSourceQueues page", "1,000", "",
		[]ref{"wire TestQuotas/ListQueues,_ListDeadLetterSourceQueues_page", "cmd/sqsd TestAPageOfAListingHasAtMost1000Queues"}},
	{"purge interval, delete-recreate interval", "60 s each", "60 s; `--purge-window` and `--deleted-queue-window` change it",
		[]ref{"node/queue TestScripts/purge", "node/queue TestScripts/recreate", "cmd/sqsd TestWindowsAreOnByDefault",
			"cmd/sqsd TestDeletedQueueAndPurgeWindowsCanBeSwitchedOff"}},
	{"maxReceiveCount", "1 to 1,000", "", []ref{"wire TestQuotas/maxReceiveCount"}},
	{"sourceQueueArns", "1 to 10", "", []ref{"wire TestQuotas/sourceQueueArns"}},
	{"policy", "8,192 bytes, 20 statements, 50 principals, 10 conditions, 7 actions of a statement", "",
		[]ref{"wire TestQuotas/policy", "wire TestAddPermissionKeepsThePolicyWithinItsLimits"}},
	{"permission label", "80 characters", "", []ref{"wire TestQuotas/permission_label"}},
	{"tags", "50; keys of 1 to 128, values of 0 to 256 characters; 30 tagging calls/s",
		"50 is a limit and not a recommendation; no limit to the calls: no rate is limited",
		[]ref{"wire TestQuotas/tags", "node/queue TestScripts/tags", "node/queue TestQuotas/tagging_calls"}},
	{"move task", "1 active for a source; 1 to 500 messages/s; 36 h; 100 active in all; 1 to 10 listed",
		"no limit of 36 h nor of 100 tasks: a task costs nothing but its rate, and ends when its queue is empty",
		[]ref{"wire TestQuotas/move_task", "node/queue TestScripts/move-task", "node/queue TestQuotas/move_tasks"}},
	{"KMS data key reuse", "60 to 86,400 s, default 300", "checked, stored and returned; nothing is encrypted with it",
		[]ref{"wire TestQuotas/KMS_data_key_reuse"}},
	{"clock skew", "15 min", "",
		[]ref{"wire TestClockSkewOfFifteenMinutesIsAccepted", "wire TestSignatureRefusals/JSON/SignatureDoesNotMatch/clock_skew,_old",
			"wire TestSignatureRefusals/JSON/SignatureDoesNotMatch/clock_skew,_ahead",
			"cmd/sqsd TestSignaturesFarFromTheServersClockAreRefused"}},
}

func quotaRows(t *testing.T, found evidence) (lines []string) {
	for _, q := range quotas {
		found.need(t, q.name, q.tests...)
		for _, r := range q.tests {
			if path, _ := r.split(); path == "wire" && r.function() == "TestQuotas" {
				found.need(t, q.name, r+"/accepted/JSON", r+"/accepted/Query", r+"/refused/JSON", r+"/refused/Query")
			}
		}
		if q.sqsd == "" {
			q.sqsd = "as AWS"
		}
		lines = append(lines, tableRow(t, q.name, q.value, q.sqsd, listed(q.tests)))
	}
	return lines
}
