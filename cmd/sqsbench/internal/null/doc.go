// Package null is the null server: an SQS server that does nothing but what every SQS server has to do, so that a
// measurement of a real one can be given as a ratio of what the machine allows in the same minute.
//
// It has sqsd's HTTP stack and sqsd's front end (package wire) on messages kept in memory. With a [Log], the durable
// null server, each change is in one file, synced by group commit, before it is answered. The file is never read back:
// it costs what a log costs, and nothing else.
//
// It keeps standard-queue semantics as far as a load generator can see them: one holder per visibility timeout, long
// polls, delays, counters. Attributes other than VisibilityTimeout are not kept, FIFO queues are refused.
package null
