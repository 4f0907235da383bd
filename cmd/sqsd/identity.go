package main

import (
	"crypto/rand"
	"sync"
	"sync/atomic"

	"sqsd/node"
	"sqsd/node/disk/pebbledisk"
)

// identity lets many goroutines use the node's one [node.Identity].
type identity struct {
	mu       sync.Mutex
	node     *node.Identity
	admitted atomic.Bool

	queue   sync.Mutex
	arrived sync.Cond
	waiting []func() // completions of the store, in order
	closed  bool
	ended   chan struct{}
}

// openIdentity begins the node's next life, which is on stable storage when it returns. fail is called when the node
// must stop, and must not wait.
func openIdentity(d *pebbledisk.Disk, dir *dataDir, fail func(error)) (i *identity, err error) {
	old, err := dir.oldIdentity()
	if err != nil {
		return nil, err
	}
	i = &identity{ended: make(chan struct{})}
	i.arrived.L = &i.queue
	go i.run()
	failed, ready := make(chan error, 1), make(chan struct{})
	i.mu.Lock()
	i.node, err = node.OpenIdentity(node.IdentityConfig{
		Node: dir.marker.Node, Peers: dir.marker.Founders, Join: dir.marker.joined(), Adopt: old,
		Store: d.Group(i.post).Log, Random: rand.Reader,
		Fail: func(err error) {
			select {
			case failed <- err:
			default:
			}
			fail(err)
		},
	}, func() { close(ready) })
	i.mu.Unlock()
	if err == nil {
		select {
		case <-ready:
			return i, nil
		case err = <-failed:
		}
	}
	i.Close()
	return nil, err
}

// post has a completion run after those before. It does not wait for them.
func (i *identity) post(completed func()) {
	i.queue.Lock()
	i.waiting = append(i.waiting, completed)
	i.queue.Unlock()
	i.arrived.Signal()
}

// run runs the completions until the identity is closed.
func (i *identity) run() {
	defer close(i.ended)
	for {
		i.queue.Lock()
		for len(i.waiting) == 0 && !i.closed {
			i.arrived.Wait()
		}
		batch := i.waiting
		i.waiting = nil
		i.queue.Unlock()
		if len(batch) == 0 {
			return
		}
		i.mu.Lock()
		for _, completed := range batch {
			completed()
		}
		i.mu.Unlock()
	}
}

// Close runs the completions that have been posted, and none after.
func (i *identity) Close() {
	i.queue.Lock()
	i.closed = true
	i.queue.Unlock()
	i.arrived.Signal()
	<-i.ended
}

// Life is the number of the node's life.
func (i *identity) Life() uint64 { return i.node.Life().Number }

// Greet implements peer.Identity.
func (i *identity) Greet(id node.NodeID) node.Greeting {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.node.Greet(id)
}

// Judge implements peer.Identity.
func (i *identity) Judge(id node.NodeID, g node.Greeting) (self bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.node.Judge(id, g)
}

// Refuse stops the node for good. It does not wait.
func (i *identity) Refuse(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.node.Refuse(err)
}

// Meet implements peer.Identity.
func (i *identity) Meet(id node.NodeID, g node.Greeting) error {
	judged := make(chan error, 1)
	i.mu.Lock()
	i.node.Meet(id, g, func(err error) { judged <- err })
	i.mu.Unlock()
	return <-judged
}

// Missing are the peers that the node waits to meet before it takes part.
func (i *identity) Missing() []node.NodeID {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.node.Missing()
}

// Admitted implements peer.Identity.
func (i *identity) Admitted() bool {
	if i.admitted.Load() {
		return true
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.admitted.Store(i.node.Admitted())
	return i.admitted.Load()
}
