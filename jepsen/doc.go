// Package jepsen tests sqsd from outside: real processes on real sockets and files, under load, while it kills them,
// pauses them and cuts the connections between them.
//
// Its parts:
//
//   - a [Cluster] of sqsd processes ([Process]) whose peer connections run through proxies ([Link]) that can lose them;
//   - clients ([Client]) that send plain JSON requests to any node, and a [History] of what they asked and saw;
//   - a workload ([Load]) that sends, receives, deletes, lets deliveries expire and comes back with stale handles, until
//     it is told to stop; then the queues are drained ([Drain]);
//   - the messages of one FIFO group ([Sequence]), sent as fast as it goes beside such a workload, and what is wrong
//     with what came back of them;
//   - judgements ([Judge]): package model on what the clients saw; and here, that clients saw no status but 200 and 503,
//     and how long the service was away ([Outage]).
//
// The short form of the tests takes about a minute. The long form is
//
//	go test ./jepsen -run TestLeaderKill -kills 10
//	go test ./jepsen -run TestFaultsInTurn -rounds 5
//	go test ./jepsen -run TestDeadLetters -kills 10
//	go test ./jepsen -run TestFIFO -sends 10000 -raced-ids 5000 -fifo-kills 3
//
// With -artifacts, the nodes' logs and, after a failure, the history and porcupine's pages are kept.
// No wait is without a condition and a deadline.
package jepsen
