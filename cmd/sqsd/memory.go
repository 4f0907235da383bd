package main

import (
	"os"
	"runtime/debug"
)

// Memory: two memtables of each store and the block cache are about 150 MB when busy; the rest of the heap is requests
// on their way and what the queues keep of messages in flight. The soft limit makes the collector work harder before
// the resident set passes it; the percentage keeps it from running often while the heap is small.
const (
	logMemTableBytes   = 64 << 20
	stateMemTableBytes = 32 << 20
	cacheBytes         = 24 << 20
	softLimitBytes     = 320 << 20
)

// limitMemory sets the collector's limits, unless the environment does (GOGC, GOMEMLIMIT).
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimitBytes)
	}
}
