// Package model says what SQS means, apart from how node does it, and judges histories by it.
//
// Its parts, from the plainest to the most clever:
//
//   - [Spec] is an executable reference specification of standard queues and the catalog: plain data in memory, one
//     method per action. It is given every command of a group with the replicated time and the answer, and names the
//     promise that an answer breaks.
//   - [Replay] runs the commands of the canonical log through one Spec per group and holds every client's answer
//     against the place where it took effect (its [Witness]). That proves linearizability without a search.
//   - [Linear] judges what clients saw: their calls, answers and the time of both. It needs no log.
//   - [Search] does the same with porcupine, one message and one queue name at a time.
//
// [Check] runs all of them, cheapest first. Where there is a log, it also settles operations of unknown outcome before
// the last two look at them.
//
// A checker never guesses: when an outcome is unknown, or a clock may have been off by the history's tolerance, it
// judges only what holds in every case. A search that ends without a verdict is reported as unknown.
//
// The package imports wire and never node, so that it cannot share a mistake with it. It is given histories and starts
// no goroutine; porcupine starts one for each search and is waited for. Nothing depends on wall time: searches are
// bounded by steps.
package model
