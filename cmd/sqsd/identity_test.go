package main

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/node"
	"sqsd/node/disk/pebbledisk"
)

// openTestIdentity opens an identity of node 1 of two on a disk in memory.
func openTestIdentity(t *testing.T, fs vfs.FS, fail func(error)) (*identity, func()) {
	t.Helper()
	d, err := pebbledisk.OpenDisk(pebbledisk.Settings{Dir: "disk", FS: fs, CacheBytes: 1 << 20})
	must(t, err)
	i, err := openIdentity(d, &dataDir{marker: marker{Format: markerFormat, Node: 1, Founders: []node.NodeID{1, 2}}}, fail)
	must(t, err)
	return i, func() {
		must(t, d.Close())
		i.Close()
	}
}

func TestAnIdentityIsKeptOnTheDisk(t *testing.T) {
	fs := vfs.NewMem()
	peer := node.Life{Data: node.DataID{2}, Number: 3, Boot: 4}
	first, closeFirst := openTestIdentity(t, fs, func(err error) { t.Error(err) })
	if first.Life() != 1 || first.Admitted() {
		t.Errorf("a new node is in life %d, admitted %t", first.Life(), first.Admitted())
	}
	must(t, first.Meet(2, node.Greeting{Self: peer, New: true}))
	closeFirst()

	stopped := make(chan error, 1)
	second, closeSecond := openTestIdentity(t, fs, func(err error) { stopped <- err })
	defer closeSecond()
	if second.Life() != 2 || !second.Admitted() || second.Greet(2).Peer != peer || second.Greet(2).Self.Data != first.Greet(2).Self.Data {
		t.Errorf("after a restart: life %d, greets with %+v, before with %+v", second.Life(), second.Greet(2), first.Greet(2))
	}
	err := second.Meet(2, node.Greeting{Self: peer, Peer: node.Life{Data: node.DataID{9}, Number: 1}})
	if got := <-stopped; !errors.Is(err, node.ErrForgotten) || !errors.Is(got, node.ErrForgotten) {
		t.Errorf("a node that is known with other data goes on: %v, %v", err, got)
	}
}
