// Package host runs the replicas of one node: it owns the threads that package node must not have.
//
// Each event loop is one goroutine with an inbox. A group belongs to one loop for ever, so everything that happens to
// a replica happens on one thread: calls from the HTTP front end, frames from peers, completions of the disk, its
// clock. A loop takes all that has arrived, gives it to the replicas, lets each touched replica advance once, and
// sleeps when there is nothing more: what arrives while it works is the next batch.
package host
