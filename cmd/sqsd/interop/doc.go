// Package interop runs the official SQS clients, and libraries built on them, against a running sqsd.
//
// Its tests have the build tag interop, because they install packages of four languages; `make interop` runs them. Each
// official client goes through the same session in its own language: every action of the API, the exceptions that the
// client knows by type, FIFO, batches, long polls, dead letters. A recorder between client and server then says whether
// really every action was called in the protocol that the test names, and every error was met. Clients that verify
// digests must notice a damaged one; all must get over a missing leader, and those that correct a wrong clock over
// that too. Each library publishes jobs, processes them, fails some, and sees them again or in the dead-letter queue.
// What docs/clients.md shows is run from there.
//
// Programs are told of the server by the variables that SDKs read, and by nothing else. It checks signatures, so every
// client's signing is tested as well. A client whose language or packages are not to be had on the machine is reported
// as skipped, with the reason; a summary at the end says what ran.
package interop
