package pebbledisk

import (
	"sync"

	"sqsd/node/disk"
)

// checkpointer completes the synced writes of the state store. Requests that come while a flush runs are served
// together by the next one.
type checkpointer struct {
	db    *DB
	ended chan struct{}

	mu      sync.Mutex
	arrived sync.Cond
	waiting []checkpoint
	closed  bool
}

// checkpoint is one request, whose writes are in the memtable, or could not be written if err is set.
type checkpoint struct {
	err  error
	post func(func())
	done func(error)
}

func newCheckpointer(db *DB) *checkpointer {
	c := &checkpointer{db: db, ended: make(chan struct{})}
	c.arrived.L = &c.mu
	go c.run()
	return c
}

func (c *checkpointer) sync(b *disk.Batch, post func(func()), done func(error)) {
	err := c.db.Apply(b)
	c.mu.Lock()
	c.waiting = append(c.waiting, checkpoint{err: err, post: post, done: done})
	c.mu.Unlock()
	c.arrived.Signal()
}

func (c *checkpointer) run() {
	defer close(c.ended)
	for {
		c.mu.Lock()
		for len(c.waiting) == 0 && !c.closed {
			c.arrived.Wait()
		}
		requests := c.waiting
		c.waiting = nil
		c.mu.Unlock()
		if len(requests) == 0 {
			return
		}
		c.complete(requests)
	}
}

func (c *checkpointer) complete(requests []checkpoint) {
	flushed, err := c.db.startFlush()
	if err == nil {
		err = c.db.waitFlush(flushed)
	}
	for _, r := range requests {
		outcome := err
		if r.err != nil {
			outcome = r.err
		}
		r.post(func() { r.done(outcome) })
	}
}

// close waits until all requests are completed.
func (c *checkpointer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.arrived.Signal()
	<-c.ended
}
