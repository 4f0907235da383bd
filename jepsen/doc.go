// Package jepsen tests sqsd from outside: real processes on real sockets and files, under load, while it kills them,
// pauses them and cuts the connections between them.
//
// Its parts:
//
//   - a [Cluster] of sqsd processes ([Process]) whose peer connections run through proxies ([Link]) that can lose them;
//   - clients ([Client]) that send plain JSON requests to any node, and a [History] of what they asked and saw;
//   - a workload ([Load]) that sends, receives, deletes, lets deliveries expire and comes back with stale handles, until it is
//     told to stop, and then drains the queues;
//   - judgements: package model on what the clients saw; and here, that clients saw no status but 200 and 503, and how
//     long the service was away ([Outage]).
//
// The tests have a short form that takes less than a minute and a long one: see the flags in jepsen_test.go.
// No wait is without a condition and a deadline.
package jepsen
