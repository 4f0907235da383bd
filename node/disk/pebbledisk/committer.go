package pebbledisk

import (
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"sqsd/node/disk"
)

// committer completes the synced writes of the log store. Commits are started on the threads of the groups, which
// keeps each group's Apply and Sync in order; the committer's goroutine waits for them in the order in which they
// came. A commit that another one's sync already made durable costs it no wait.
type committer struct {
	db     *DB
	onSync func(time.Duration)
	ended  chan struct{}

	mu      sync.Mutex
	arrived sync.Cond
	waiting []commit
	closed  bool
}

// commit is one started commit, or one that failed to start.
type commit struct {
	batch   *pebble.Batch // nil if err is not
	err     error
	started time.Time
	post    func(func())
	done    func(error)
}

func newCommitter(db *DB, onSync func(time.Duration)) *committer {
	c := &committer{db: db, onSync: onSync, ended: make(chan struct{})}
	c.arrived.L = &c.mu
	go c.run()
	return c
}

func (c *committer) sync(b *disk.Batch, post func(func()), done func(error)) {
	started := time.Now()
	batch, err := c.db.startCommit(b)
	c.mu.Lock()
	c.waiting = append(c.waiting, commit{batch: batch, err: err, started: started, post: post, done: done})
	c.mu.Unlock()
	c.arrived.Signal()
}

func (c *committer) run() {
	defer close(c.ended)
	var batch []commit
	for {
		c.mu.Lock()
		for len(c.waiting) == 0 && !c.closed {
			c.arrived.Wait()
		}
		clear(batch)
		batch, c.waiting = c.waiting, batch[:0]
		c.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		for _, w := range batch {
			c.complete(w)
		}
	}
}

func (c *committer) complete(w commit) {
	err := w.err
	if err == nil {
		err = c.db.waitCommit(w.batch)
		c.onSync(time.Since(w.started))
	}
	w.post(func() { w.done(err) })
}

// close waits until all started commits are completed.
func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.arrived.Signal()
	<-c.ended
}
