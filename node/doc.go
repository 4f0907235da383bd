// Package node is one node's replicas: raft groups that carry queues, as passive deterministic objects.
//
// # The replica
//
// A [Replica] is one member of one raft group. It is a single-threaded object that does nothing by itself:
//
//	events in    Submit and Cancel (a client's call), ChangeMembers and Leave (an operator's),
//	             Deliver (a peer's frame), Wake (the clock), disk completions
//	effects out  Network.Send, Clock.WakeAt, writes to the Disk, Call.Done
//
// Events only record; [Replica.Advance] then does the work of all events since the last one: it proposes the waiting
// commands as one entry, hands raft's appends to the disk, sends messages, applies what is committed, answers calls.
// The host delivers a batch of events and calls Advance once; that batch is the group commit.
//
// # The host's duties
//
//   - All calls into one replica come from one thread at a time. Replicas share nothing; different replicas may run on
//     different threads.
//   - After any event, Advance is called before the thread goes idle.
//   - The node has one Identity. No frame passes between two nodes before they have greeted each other by theirs and it
//     admits them; Config.Life comes from it.
//   - Network may lose, repeat, delay and reorder frames. Frames from a node to itself are delivered like others.
//   - Clock.WakeAt asks for one future call of Wake; a later call of WakeAt replaces it. Waking early is harmless.
//   - Disk keeps the contract of package disk. When the replica calls Host.Fail it has stopped for good and answers
//     nothing more; the host should end the process.
//
// # One call's way
//
// A call goes to the replica of its queue's group ([Route]). If this replica leads, a read waits for a ReadIndex
// confirmation, a command is proposed, a receive that finds nothing waits in line. If another replica leads, the call
// is forwarded as a frame and the answer comes back the same way. A command is proposed at most once: a call whose
// command may have been proposed is never tried again, it ends with its result or, if that cannot be known in time,
// with ServiceUnavailable. A call that certainly was not proposed goes on to the next leader.
package node
