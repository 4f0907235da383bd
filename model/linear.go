package model

// Linear judges what clients saw. A log, if there is one, only settles unknown outcomes. Each check looks at messages, or
// at calls, one by one, so that the whole takes O(n log n) time. Every check is sound: whatever the servers did between a
// call and its answer, and however far their clocks were off within the tolerance, a history of correct servers passes.
func Linear(h *History) []*Violation {
	vs := checkFits(h)
	if len(vs) > 0 {
		return vs
	}
	s := newSurvey(settle(h))
	for _, check := range []func(*survey) []*Violation{
		checkOrigin,      // nothing from nowhere
		checkOneEffect,   // one send, one message
		checkReceipts,    // receive counts
		checkHolders,     // no two holders at once
		checkDeletes,     // no delivery after a delete
		checkStale,       // old handles do nothing
		checkTimes,       // delays and retention
		checkBarriers,    // purges and deleted queues
		checkMoves,       // dead-letter moves and tasks
		checkLost,        // no acknowledged send is lost
		checkEmpty,       // no receive is falsely empty, long polls are prompt
		checkOrder,       // send order among the visible
		checkGroups,      // order within a message group
		checkSequence,    // sequence numbers go up
		checkDedup,       // one message per deduplication id and window
		checkAttempts,    // a repeated receive has the same answer
		checkCounters,    // counters are possible
		checkDeletedName, // a deleted queue answers nothing
		checkListings,    // listings leave out nothing
		checkPolicies,    // redrive policies name queues that permit them
		checkTaskSources, // move tasks empty dead-letter queues
	} {
		vs = append(vs, check(s)...)
	}
	return vs
}
