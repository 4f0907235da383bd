// Package sim is a simulated world in which whole clusters of node.Replica run, driven by one seed.
//
// [Run] draws everything from the seed: the size of the cluster, its (deliberately small) limits, what clients do and
// what goes wrong. One thread pops events from a queue ordered by virtual time; nothing sleeps, and nothing happens
// that is not an event. The same seed on the same code gives the same trace hash on any machine.
//
// # The parts
//
//	seed.go           random streams, one per purpose
//	events.go         the event queue
//	trace.go          the running hash of everything that happened, and its text
//	plan.go           what a run is, before it starts
//	plan_draw.go      the plan that a seed draws
//	plan_text.go      a plan as text, and back
//	script.go         what clients and the nemesis do, as data
//	reference.go      what stands for handles in a script
//	script_text.go    steps as text, and back
//	request_text.go   requests as text, and back
//	value.go          single values as text, and back
//	clocks.go         a node's hardware clock: offset, drift, jumps
//	handshake.go      what two boots of nodes say of themselves before frames pass
//	network.go        links: latency, loss, repetition, reordering, partitions
//	disk.go           stores: sync latency, stalls, failures, what a crash keeps
//	damage.go         a part of a store that cannot be read
//	content.go        what a store holds, in memory
//	pebble.go         the same on real Pebble over a memory file system
//	process.go        a node's life: start, crash, restart
//	process_events.go what happens to a node, at its time
//	pause.go          a node does nothing for a while
//	host.go           what a node reports to, and sends by
//	clients.go        concurrent clients and what they know
//	operation.go      a call on its way between client and node
//	requests.go       the requests that clients draw
//	outgoing.go       the messages in them
//	settings.go       the attributes of queues in them
//	notes.go          those about tags and permissions
//	tasks.go          those about move tasks
//	sequel.go         those that follow from others, or from a lull
//	faults.go         the nemesis, and the table of what it does
//	faults_draw.go    the faults that it draws
//	faults_text.go    faults as text, and back
//	fault_ambush.go   faults that wait for a bad moment
//	fault_process.go  crashes, pauses
//	fault_echo.go     frames that come again after a crash
//	fault_network.go  partitions, clogged links, strange frames
//	fault_disk.go     slow, failing and full devices
//	fault_clock.go    clocks that are wrong
//	fault_lies.go     disks that are damaged or lost
//	fault_rollback.go disks that are rolled back
//	fault_members.go  nodes that come and go
//	fault_upgrade.go  binaries that are replaced by newer and older ones
//	operator.go       nodes are added to the cluster and removed from it
//	observer.go       the canonical log that all replicas must agree on
//	promised.go       what nodes have told each other must outlast a crash
//	timely.go         calls take effect near the true time
//	undisturbed.go    calls are not turned away while all is well
//	core.go           a majority alone must serve its clients
//	drain.go          the end: receive and delete everything
//	inspect.go        memory must agree with the store, and replicas with each other, also before the end
//	converge.go       replicas must agree after the end
//	spread.go         leaders must spread over the nodes after the end
//	trimmed.go        logs must have been trimmed at the end
//	abandoned.go      what calls without a client took is given back
//	leftover.go       nodes forget calls that nobody waits for
//	idle.go           nodes that have nothing to do must do nothing
//	marks.go          rare situations that were reached
//	marks_rare.go     how rare they are
//	record.go         what happened, for whoever draws it
//	answers.go        requests and answers as text and as digests
//	failure.go        which failures are the same
//	shrink.go         a smaller plan that fails the same way: fewer steps and faults
//	shrink_focus.go   the same: what is near the failure
//	shrink_config.go  the same: plainer settings
//	shrink_steps.go   the same: simpler requests, rounder times
//	run.go            the phases of a run
//	verdict.go        which broken promise a run is reported with
//
// # Promises and violations
//
// A broken promise is a [model.Violation]; it names the promise (G1 to G12 of the design) and the message or queue.
//
// The package starts no goroutine and reads no clock. raft draws election timeouts from crypto/rand.Reader, so Run
// replaces that variable: one run at a time in a process.
package sim
