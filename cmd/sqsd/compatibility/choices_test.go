package compatibility

import (
	"fmt"
	"testing"
)

// choice is a point on which the documentation of SQS is silent or contradicts itself, and what sqsd does. The points are
// numbered from 1 on; scripts name them as rows.
type choice struct {
	point, sqsd string
	tests       []ref
}

var choices = []choice{
	{"DeleteMessage with a handle from before the message's last delivery, standard queue",
		"200, and nothing happens: the newer delivery keeps its message. A handle whose timeout ended is good until the next delivery",
		[]ref{script("handles")}},
	{"ChangeMessageVisibility with such a handle", "`ReceiptHandleIsInvalid`, nothing changes",
		[]ref{script("handles"), "cmd/sqsd TestErrors/JSON/ChangeMessageVisibility/ReceiptHandleIsInvalid/received_again"}},
	{"stale or expired handle of a FIFO queue", "`InvalidParameterValue`; if the message is gone a delete is 200",
		[]ref{script("fifo-handles"), "cmd/sqsd TestErrors/JSON/DeleteMessage/InvalidParameterValue/expired_in_a_FIFO_queue"}},
	{"MessageNotInflight", "never sent", []ref{"wire TestErrorsThatAreNeverSent"}},
	{"handle of another queue, or of an earlier one of the name", "`ReceiptHandleIsInvalid`",
		[]ref{script("handles"), script("recreate"), "cmd/sqsd TestErrors/JSON/DeleteMessage/ReceiptHandleIsInvalid/of_another_queue"}},
	{"ChangeMessageVisibility of a message that is visible again", "hides it; the receive count stays", []ref{script("visibility")}},
	{"the 12 hours of a delivery", "count from its receive; a change beyond them is refused",
		[]ref{script("visibility"), script("fifo-visibility")}},
	{"receive with timeout 0 and several messages", "each message once in an answer", []ref{script("visibility")}},
	{"QueueDeletedRecently, PurgeQueueInProgress", "for 60 s; configurable, 0 switches them off",
		[]ref{script("recreate"), script("purge"), "cmd/sqsd TestDeletedQueueAndPurgeWindowsCanBeSwitchedOff"}},
	{"CreateQueue with other tags on a queue that exists", "tags are not compared and stay", []ref{script("tags")}},
	{"CreateQueue comparing policies", "as JSON, counts as numbers",
		[]ref{script("redrive-policy"), "wire TestCreateQueueComparesOnlyGivenAttributes", "wire TestCreateQueueComparesRedrivePoliciesAsJSON"}},
	{"order of a batch's checks", "queue, empty, count, ids, distinct ids, size, FIFO requirements, then each entry",
		[]ref{"wire TestRefusals/JSON/SendMessageBatch"}},
	{"FIFO batch entry with a delay", "the entry fails",
		[]ref{"wire TestRefusedEntriesAreMarkedAndTheBatchGoesOn/JSON/SendMessageBatch/InvalidParameterValue"}},
	{"an entry of a FIFO batch that failed", "later ones are stored in order", []ref{script("fifo-order")}},
	{"answer to a duplicate FIFO send", "MessageId and SequenceNumber of the original, digests of the new request", []ref{script("fifo-dedup"),
		"cmd/sqsd TestADuplicateIsAnsweredWithTheDigestOfWhatWasSent"}},
	{"deduplication window", "300 s from the first send, not extended; survives restarts and failover", []ref{script("fifo-dedup")}},
	{"change of DeduplicationScope", "good for new sends; old records keep theirs", []ref{script("fifo-dedup-scope")}},
	{"deduplication after a purge", "the records are cleared", []ref{script("fifo-dedup")}},
	{"ContentBasedDeduplication switched off", "recorded ids stay in force", []ref{script("fifo-dedup")}},
	{"sequence numbers", "20 digits, strictly increasing in a queue", []ref{script("fifo-order")}},
	{"ReceiveRequestAttemptId", "the same answer while its messages are hidden and unchanged; timeouts start again", []ref{script("fifo-attempt")}},
	{"a group whose head is delayed", "is blocked", []ref{script("fifo-delay")}},
	{"an expired message inside a group", "is removed and blocks nothing", []ref{script("fifo-retention")}},
	{"order between groups", "that with the oldest available head first; a group just served goes behind", []ref{script("fifo-order")}},
	{"order of a standard queue", "send order of what is visible, fair queues aside", []ref{script("delay"), script("visibility")}},
	{"fair queues", "tenants take turns: each message of a receive is the first in send order of the tenant served longest ago, " +
		"whatever is in flight, was received before or had a delay. All messages without a group id are one tenant: they cannot " +
		"be told apart, and as a tenant each they would have a turn for every message",
		[]ref{script("fair"), "node/queue TestFairQueuesFollowTheSpecification"}},
	{"move to a dead-letter queue", "decided by the receive; never in both queues, never lost, never doubled",
		[]ref{script("dlq-local"), script("dlq-handover")}},
	{"missing dead-letter queue", "the message is delivered from its own queue", []ref{script("dlq-missing"), script("dlq-refused")}},
	{"RedrivePolicy that names its own queue, or a circle", "accepted; itself is none, a circle moves once per receive", []ref{script("dlq-local")}},
	{"retention in a FIFO dead-letter queue", "starts again with the move; SentTimestamp is that of the move", []ref{script("fifo-deadletter")}},
	{"messages of a move task", "oldest first, as new messages; a FIFO one is never taken for a duplicate",
		[]ref{script("move-task"), script("move-task-fifo")}},
	{"cancelling a task that is over", "`UnsupportedOperation`",
		[]ref{script("move-task-cancel"), "cmd/sqsd TestErrors/JSON/CancelMessageMoveTask/AWS.SimpleQueueService.UnsupportedOperation"}},
	{"history of move tasks", "the last ten of a source; survives failover", []ref{script("move-task")}},
	{"two dots in a row in a message attribute's name", "`InvalidParameterValue`",
		[]ref{"wire TestRefusals/JSON/SendMessage/InvalidParameterValue/message_attributes:_two_dots"}},
	{"letters that are not ASCII in such names", "Latin ones with diacritics; others are refused", []ref{"wire TestMessageAttributeNames"}},
	{"Number values", "kept and returned as they came", []ref{"cmd/sqsd TestNumbersAndTraceHeadersComeBackAsTheyWereSent"}},
	{"syntax of AWSTraceHeader", "any text that a body could be", []ref{"cmd/sqsd TestNumbersAndTraceHeadersComeBackAsTheyWereSent"}},
	{"AttributeNames and MessageSystemAttributeNames together", "union", []ref{"wire TestReceiveKeepsTheUnionOfBothSystemAttributeLists"}},
	{"numbers as JSON strings, strings as JSON numbers", "the former are accepted, the latter are `MalformedInput`",
		[]ref{"wire TestIntegersInJSON", "wire TestRefusals/JSON/SendMessage/MalformedInput/protocol:_number_for_a_string"}},
	{"members that are `null` or unknown", "null is absent, unknown ones are ignored", []ref{"wire TestNullMembersAreAbsentAndUnknownOnesIgnored"}},
	{"many large messages in an answer", "as many as asked for", []ref{"cmd/sqsd TestTenOfTheLargestMessagesComeInOneAnswer"}},
	{"missing QueueUrl", "JSON: the queue does not exist; Query: `InvalidAddress`",
		[]ref{"wire TestRefusalsOfEveryAction/JSON/SendMessage/AWS.SimpleQueueService.NonExistentQueue/no_QueueUrl",
			"wire TestRefusalsOfEveryAction/Query/SendMessage/InvalidAddress/no_QueueUrl"}},
	{"host of queue URLs", "`--public-url`, else as the request addressed the server",
		[]ref{"wire TestQueueURLsBeginWhereTheCallerSeesTheServer", "cmd/sqsd TestQueueURLsBeginWithThePublicURL"}},
	{"reading a QueueUrl", "its last two segments; a bare name is a queue of the own account; the host does not matter",
		[]ref{"wire TestQueueURLNamesAQueueByItsLastTwoSegments"}},
	{"status of AccessDenied in JSON", "403", []ref{"wire TestRefusalsOfEveryAction/JSON/SendMessage/AccessDenied"}},
	{"presigned URL past its expiry, dates in the future", "`SignatureDoesNotMatch`",
		[]ref{"wire TestPresignedRefusals/Query/SignatureDoesNotMatch/past_its_expiry", "wire TestPresignedRefusals/Query/SignatureDoesNotMatch/from_the_future"}},
	{"rate limits", "there are none", []ref{"node/queue TestQuotas/FIFO_rate"}},
	{"no leader, overload, shutdown", "503 `ServiceUnavailable`; at a shutdown a long poll ends empty",
		[]ref{"cmd/sqsd TestErrorsWithoutALeader", "cmd/sqsd TestShutdownEndsLongPollsEmpty"}},
	{"a write that may or may not have been applied", "503; who sends a message again may double it",
		[]ref{"cmd/sqsd/internal/host TestAFullDiskStopsTheNodeAndAcknowledgesNothing"}},
	{"KMS and SSE attributes", "checked, stored and returned; no effect",
		[]ref{script("attributes"), "wire TestQueueAttributeValues/KmsMasterKeyId", "wire TestKMSKeyExcludesManagedEncryptionInOneCall"}},
	{"Policy", "checked, stored and returned; not enforced", []ref{script("permissions"), "wire TestQueueAttributeValues/Policy"}},
	{"page tokens", "name the last queue; a bad one is `InvalidParameterValue`",
		[]ref{"wire TestPageTokenFormat", "wire TestListQueuesGivesATokenOnlyForPages",
			"wire TestRefusals/JSON/ListQueues/InvalidParameterValue/list:_bad_token"}},
	{"setting a read-only attribute", "`InvalidAttributeName`",
		[]ref{"wire TestQueueAttributeNamesThatCannotBeSet", "wire TestRefusals/JSON/CreateQueue/InvalidAttributeName/attribute:_read-only"}},
	{"the end of retention", "a message is gone once now >= sent + period, in flight or not", []ref{script("retention")}},
	{"clock of all windows", "replicated time, which never goes back", []ref{script("throttle")}},
}

// script is the test of a script of package queue.
func script(name string) ref { return "node/queue TestScripts/" + ref(name) }

func choiceRows(t *testing.T, found evidence) (lines []string) {
	for i, c := range choices {
		row := fmt.Sprint("row ", i+1)
		found.need(t, row, c.tests...)
		lines = append(lines, tableRow(t, fmt.Sprint(i+1), c.point, c.sqsd, listed(c.tests)))
	}
	return lines
}
