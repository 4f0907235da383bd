//go:build interop

package interop

import (
	"fmt"
	"slices"
	"testing"
)

// actions are all actions of the API.
var actions = []string{
	"AddPermission", "CancelMessageMoveTask", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "CreateQueue",
	"DeleteMessage", "DeleteMessageBatch", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl",
	"ListDeadLetterSourceQueues", "ListMessageMoveTasks", "ListQueueTags", "ListQueues", "PurgeQueue", "ReceiveMessage",
	"RemovePermission", "SendMessage", "SendMessageBatch", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue",
	"UntagQueue",
}

// exceptions are the errors that every session provokes and checks the types of, as the legacy codes that the server
// gives with them.
var exceptions = []string{
	"AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchRequestTooLong",
	"AWS.SimpleQueueService.EmptyBatchRequest", "AWS.SimpleQueueService.InvalidBatchEntryId",
	"AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.PurgeQueueInProgress",
	"AWS.SimpleQueueService.QueueDeletedRecently", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
	"AWS.SimpleQueueService.UnsupportedOperation", "InvalidAttributeName", "InvalidAttributeValue", "InvalidClientTokenId",
	"InvalidMessageContents", "InvalidParameterValue", "MissingParameter", "OverLimit", "QueueAlreadyExists",
	"ReceiptHandleIsInvalid", "ResourceNotFoundException", "SignatureDoesNotMatch",
}

// expectEverything fails the test for actions that the client did not call with success, for other protocols, and for
// errors that it did not meet.
func (r *recorder) expectEverything(t *testing.T, protocol string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, action := range actions {
		if !slices.Contains(r.succeeded[protocol], action) {
			t.Errorf("%s was not called over %s with success", action, protocol)
		}
	}
	for other := range r.succeeded {
		if other != protocol {
			t.Errorf("%v was called over %s", r.succeeded[other], other)
		}
	}
	for _, code := range exceptions {
		if !slices.Contains(r.refused, code) {
			t.Errorf("no call failed with %s", code)
		}
	}
}

// covered says in a few words how much the client did.
func (r *recorder) covered(protocol string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if protocol == "" {
		return ""
	}
	return fmt.Sprintf("%d actions over %s, %d kinds of error", len(r.succeeded[protocol]), protocol, len(r.refused))
}
