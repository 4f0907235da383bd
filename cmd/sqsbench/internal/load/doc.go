// Package load puts load on an SQS endpoint and measures it: throughput, latencies, errors, and whether every
// acknowledged message was delivered and none twice.
//
// A [Config] says what to do, [Run] does it and returns a [Report]. Each worker is a goroutine with a connection, a
// recorder and no shared state but the [tracker] of message ids and a few counters.
package load
