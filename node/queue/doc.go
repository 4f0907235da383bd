// Package queue is the queue state machine of one raft group: what the queues of the group hold, and how each command
// of the log changes it.
//
// A [Machine] is deterministic: its state after a sequence of commands is the same on every replica, and so is every
// byte that it has written to its store, whether or not it was restarted in between. It is given time, randomness and
// limits with each entry ([Stamp]) and reads nothing else. Nothing here knows raft, sockets, clocks or goroutines.
//
// Commands are the mutating requests of package wire, plus a few internal ones (the …Command types of this package).
// Results are wire responses and errors. Rules that depend on one request alone were checked by wire before the
// request became a command; rules that depend on a queue are checked here, when the command is applied.
//
// # Time
//
// The machine has one clock, the replicated time: the largest stamp applied so far. Every entry first advances it, and
// everything that is due by then happens, in order of due time: delays end, visibility timeouts end, messages pass
// their retention. When Limits.DueBatch transitions have happened in one advance and more are due, the replicated time
// stops where they happened, and following entries go on from there; only what is due in the same millisecond still
// happens together. So time-driven work per entry is bounded, and the state is always exactly that of the replicated
// time. The caller passes over the commands of an entry whose time was not reached and has them proposed again: run at a
// time that lags, a timeout would be cut short when time catches up. Nothing else ever makes a message visible or gone,
// except a command that says so.
//
// # Messages
//
// A message that a standard queue stores is in one of seven sets, each ordered so that what comes next is at hand:
//
//	fresh      sent without a delay, never received   consecutive ordinals, so counting is subtraction
//	waiting    sent with a delay that is not over     by due time
//	late       its delay is over, never received      in send order
//	arrivals   dead letters, never received here      in order of arrival; all dead letters also by their age
//	again      received, visible again                in send order
//	shown      visible, sent with a message group id  in send order, and by message group in send order
//	in flight  received, hidden                       by end of the timeout
//
// Fresh, late, arrivals and again are for messages without a message group id. Those with one are in waiting or in
// flight, or else in shown, whatever they went through before. The position in the send order names a message in the
// store and in its receipt handles. The record with the body is written once, when the message is sent, and removed once;
// moving between sets writes small records only.
//
// # Tenants
//
// The message group id says whose a message of a standard queue is, and a receive is fair to the tenants (sqs-semantics
// 4.9; section 9, row 26): it takes each of its messages from the tenant that was served longest ago. All messages without
// an id together are one more tenant: they cannot be told apart, and were each one a tenant of its own, whoever leaves the
// id out would have as many turns as messages.
//
//   - Of a tenant's visible messages the first in send order is taken, whether or not it was received before.
//   - Takings are numbered. A tenant's stamp is the number of the last one that was its own; the lowest stamp is next.
//   - A tenant that had no visible message and now has one gets the number of the last taking as its stamp. So it stands
//     behind all that have been waiting for longer, and makes no claim to turns it had nothing for.
//   - Of tenants with the same stamp, which began since the same taking or were served by it, the one with the oldest
//     visible message is next.
//
// A message that is moved to a dead-letter queue instead is taken like one that is delivered, so that a tenant whose
// messages are all dead does not use up the moves of a receive. What a receive takes comes back, if it is visible at once,
// when the receive is over. Nothing else is a taking. Only what takes a tenant's last visible message away, a timeout, a
// delete or whatever it is, ends its waiting. Move tasks take messages in send order and change no stamps.
//
// So a tenant waits for at most one message of each other tenant before each of its own, however much the others have in
// flight, in the backlog or coming back. While no message with a message group id is visible there is one tenant, takings
// need no number, and what is stored and done is the same as if there were no tenants at all.
//
// The number of tenants has no bound, so their order is in the store, by stamp and position, with a head in memory, and one
// small record for each tenant that has visible messages finds its place there. The stamp of the tenant without an id
// is among the queue's counts.
//
// # Moves
//
// A receive moves a message to the queue's dead-letter queue instead of delivering it once too often, and a move task
// moves dead letters back, some at each of its steps, which happen by time. Between queues of one group a move is part of
// the command or the step that makes it. To a queue of another group the message goes through the group's outbox: see
// move.go for the hand-over, which the leader of the group drives with [Machine.Handovers] and [Machine.Handover].
//
// # Memory
//
// In memory: the queues' attributes and counters, the messages in flight without their bodies and, of those without a
// message group id, the received ones that are visible again (what bounds them stands at type received), and heads of
// fixed size of the sets that live in the store. Bodies and the backlog are in the store. No operation walks over the
// backlog or over what was deleted before: cursors and the first elements of all classes are saved with the counters. What
// takes longer the more there is: a batch of messages due at the same millisecond, lowering the retention below the age
// of messages (linear in those that expire; fresh ones take a binary search), opening a machine (linear in queues and
// received messages), and, where the retention is shorter than the longest delay, finding the oldest message that waits for
// the end of its delay (linear in those that were sent with one; once in a retention).
//
// # Files
//
// machine.go has the rounds, changed.go what they tell, time.go what happens by time; fresh.go, later.go, received.go and
// shown.go the sets, tenant.go the turns of tenants; one file per action: catalog.go (create and delete), attributes.go,
// purge.go, send.go, receive.go, delete.go, visibility.go, tags.go, permission.go, redrive.go, read.go. Moves are in
// moved.go, deadletter.go, move.go, outbox.go and inbox.go, move tasks in task.go, task_step.go and move_task.go. The
// formats are in keys.go, record.go, handle.go, the command… files, result.go, stamp.go and beside the types they are of,
// and their golden file is testdata/golden.
package queue
