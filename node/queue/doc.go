// Package queue is the queue state machine of one raft group: what the queues of the group hold, and how each command
// of the log changes it.
//
// A [Machine] is deterministic: its state after a sequence of commands is the same on every replica. It is given time,
// randomness and limits with each entry ([Stamp]) and reads nothing else. Nothing here knows raft, sockets, clocks or
// goroutines.
//
// Commands are the mutating requests of package wire, plus a few internal ones (the …Command types of this package).
// Results are wire responses and errors. Rules that depend on one request alone were checked by wire before the
// request became a command; rules that depend on a queue are checked here, when the command is applied.
//
// # Time
//
// The machine has one clock, the replicated time: the largest stamp applied so far. Every entry first advances it, and
// everything that is due by then happens, in order of due time: delays end, visibility timeouts end, messages pass
// their retention. At most Limits.DueBatch transitions happen per advance; if more are due, the replicated time stops
// at the last one that happened, and following entries go on from there. So time-driven work per entry is bounded and
// no state is ever inconsistent with the replicated time. Nothing else ever makes a message visible or gone.
//
// # Memory
//
// In memory: the queues' attributes and counters, every message that has been received at least once and not deleted
// (bounded by the in-flight limit, because messages that were received before are handed out before fresh ones), and
// heads of fixed size of the ordered sets that live in the store. Bodies and the backlog are in the store.
package queue
