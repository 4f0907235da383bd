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
}

// openIdentity begins the node's next life, which is on stable storage when it returns. fail is called when the node
// must stop, and must not wait.
func openIdentity(d *pebbledisk.Disk, dir *dataDir, fail func(error)) (i *identity, err error) {
	old, err := dir.oldIdentity()
	if err != nil {
		return nil, err
	}
	i = &identity{}
	failed, ready := make(chan error, 1), make(chan struct{})
	store := d.Group(func(completed func()) {
		i.mu.Lock()
		defer i.mu.Unlock()
		completed()
	}).Log
	i.mu.Lock()
	i.node, err = node.OpenIdentity(node.IdentityConfig{
		Node: dir.marker.Node, Peers: dir.marker.Founders, Join: dir.marker.joined(), Adopt: old,
		Store: store, Random: rand.Reader,
		Fail: func(err error) {
			select {
			case failed <- err:
			default:
			}
			fail(err)
		},
	}, func() { close(ready) })
	i.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case <-ready:
		return i, nil
	case err := <-failed:
		return nil, err
	}
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
