// Package interop runs the official SQS clients, and libraries built on them, against a running sqsd.
//
// Its tests have the build tag interop, because they install packages of five languages; `make interop` runs them. Each
// official client goes through the same session in its own language: every action of the API, the exceptions that the
// client knows by type, FIFO, batches, long polls, dead letters. A recorder between client and server then says whether
// really every action was called in the protocol that the test names. Each library publishes jobs, processes them, fails
// some, and sees them again or in the dead-letter queue.
//
// The server checks signatures, so every client's signing is tested as well. A client whose language or packages are not
// to be had on the machine is reported as skipped, with the reason.
package interop
