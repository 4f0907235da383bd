package main

import (
	"os"
	"runtime/debug"
)

// Memory: the stores' memtables and the block cache are about 150 MB when busy; the rest of the heap is requests on
// their way and what the queues keep of messages in flight. The soft limit makes the collector work harder before the
// resident set passes it.
const (
	logMemTableBytes   = 64 << 20
	stateMemTableBytes = 32 << 20
	cacheBytes         = 24 << 20
	pendingBytes       = 128 << 20 // of commands that wait or are in the log unapplied, all groups together
	softLimitBytes     = 320 << 20
)

// limitMemory sets the collector's soft limit, unless the environment does (GOMEMLIMIT).
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimitBytes)
	}
}
