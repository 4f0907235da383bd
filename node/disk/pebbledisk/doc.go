// Package pebbledisk is the production disk: the two stores of package disk on Pebble.
//
// [DB] is one store with plain synchronous calls and no goroutine of ours; simulations run it on a memory file system.
// [Disk] puts both stores of a node behind disk.Store, with completions that arrive as events:
//
//	log     Pebble with its write-ahead log. Sync commits on the calling thread and does not wait; Pebble's log writer
//	        syncs everything committed meanwhile with one fdatasync, and one goroutine (see committer) hands out the
//	        completions. So all groups share each sync, and further batches are written while one sync runs.
//	state   Pebble without a write-ahead log. Apply inserts into the memtable. Sync flushes the memtable to a table
//	        file; one goroutine (see checkpointer) serves all requests that wait when a flush starts with that flush.
//
// # What survives a crash
//
// The log store: Pebble replays its write-ahead log up to the last whole record. Batches are appended in commit order,
// each as one record, so what survives is a prefix of the batches that holds at least all synced ones. A broken record
// that was whole once, as later ones show, is reported as corruption and not taken for the end (journal.go).
//
// The state store: a batch goes whole into one memtable, memtables fill in commit order and are flushed oldest first,
// and one manifest record makes a flush count. So what survives is the content of the memtables flushed so far: a
// prefix of the batches. A completed Sync flushed every memtable that was filled before it.
//
// Both rely on what a completed sync of a file or directory promises, and not on the order in which a file system keeps
// what was not synced. Pebble 2.1.7 does rely on an order where it moves a marker; stopfs.go syncs in between.
//
// # Failures
//
// The first error of a write, a sync, a flush or a compaction, and any damage found, stops the store for good: every
// later call and every waiting Sync ends with that error, and nothing more is acknowledged. A failed fdatasync is never
// repeated. Pebble does not see changes of the file system fail (stopfs.go); other failures, which it reports by ending
// the process, become such an error too (failure.go).
package pebbledisk
