package queue

// Marks are the names of the rare situations that a machine reports to Config.Mark.
var Marks = [...]string{
	markDuplicate, markDedupReused, markAttemptRepeated, markAttemptOver, markExpiredHandle, markDelayRaised,
	markExpiredInGroup, markSweepEnded, markGroupsForgotten,
	markStaleHandle, markGoneHandle, markForeignHandle, markInFlightLimit, markInFlightExceeded, markHiddenAgain,
	markLateOvertakes, markExpiredInFlight, markExpiredWaiting, markExpiredBulk, markTimeStopped, markTimeBack,
	markPurgedInFlight, markNameRefused, markRecreated, markReleased, markExpiredMoved,
	markDeadLetter, markDeadLetterExpired, markNoDeadLetterQueue, markMovesEndReceive,
	markSentAway, markMoveRefused, markAcceptedBefore, markSettledBefore,
	markReturned, markReturnDeleted, markReturnPurged, markReturnExpired, markTaskWaits, markTaskFailed, markCancelling,
	markPassedOver,
}

const (
	markDuplicate       = "queue: duplicate send"
	markDedupReused     = "queue: deduplication id used again after its window"
	markAttemptRepeated = "queue: receive attempt repeated"
	markAttemptOver     = "queue: receive attempt id used again for a fresh receive"
	markExpiredHandle   = "queue: handle of a FIFO message that is visible again"
	markDelayRaised     = "queue: messages delayed by a longer delay of their queue"
	markExpiredInGroup  = "queue: message that was never received expired in its group"
	markSweepEnded      = "queue: more was to be forgotten than an entry may do"
	markGroupsForgotten = "queue: idle message groups forgotten in memory"

	markStaleHandle       = "queue: handle of an earlier delivery"
	markGoneHandle        = "queue: handle of a message that is gone"
	markForeignHandle     = "queue: handle of another queue or incarnation"
	markInFlightLimit     = "queue: receive at the in-flight limit"
	markInFlightExceeded  = "queue: more in flight than the limit"
	markHiddenAgain       = "queue: visible-again message hidden by its last handle"
	markLateOvertakes     = "queue: late message received before fresh ones"
	markExpiredInFlight   = "queue: message expired in flight"
	markExpiredWaiting    = "queue: message expired before its delay was over"
	markExpiredBulk       = "queue: many runs expired at once"
	markTimeStopped       = "queue: more was due than an entry may do"
	markTimeBack          = "queue: entry with a time before the one reached"
	markPurgedInFlight    = "queue: purge with messages in flight"
	markNameRefused       = "queue: name of a deleted queue refused"
	markRecreated         = "queue: name created again"
	markReleased          = "queue: delivery released"
	markDeadLetter        = "queue: message moved to its dead-letter queue"
	markDeadLetterExpired = "queue: message expired when it was moved to its dead-letter queue"
	markNoDeadLetterQueue = "queue: message delivered because its dead-letter queue is missing or of the other type"
	markMovesEndReceive   = "queue: receive ended by as many moves as it may make"
	markSentAway          = "queue: message put into an outbox"
	markMoveRefused       = "queue: move from another group refused"
	markAcceptedBefore    = "queue: move from another group accepted before"
	markSettledBefore     = "queue: move to another group settled before"
	markReturned          = "queue: refused message back in its queue"
	markReturnDeleted     = "queue: refused message of a queue that was deleted"
	markReturnPurged      = "queue: refused message of a queue that was purged"
	markReturnExpired     = "queue: refused message past its retention"
	markTaskWaits         = "queue: move task waits for the outboxes"
	markTaskFailed        = "queue: move task failed"
	markCancelling        = "queue: move task cancelled with messages on their way"
	markPassedOver        = "queue: older messages of other tenants passed over"
	markExpiredMoved      = "queue: message from another queue expired by its first sent time"
)

func (m *Machine) mark(name string) {
	if m.config.Mark != nil {
		m.config.Mark(name)
	}
}
