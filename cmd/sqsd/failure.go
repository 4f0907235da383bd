package main

import (
	"errors"
	"fmt"

	"sqsd/node"
	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// fail takes the first failure; it never waits.
func (v *server) fail(err error) {
	select {
	case v.failed <- err:
	default:
	}
}

// explain says what an error at the start means for the data directory.
func (v *server) explain(err error) error {
	switch {
	case errors.Is(err, pebbledisk.ErrLocked):
		return fmt.Errorf("data directory %q is in use: %w", v.dir.path, err)
	case errors.Is(err, node.ErrNewerFormat):
		return fmt.Errorf("data directory %q needs a newer sqsd, and is unharmed: start the one that was used before: %w",
			v.dir.path, err)
	case errors.Is(err, node.ErrForgotten), errors.Is(err, node.ErrRolledBack):
		return fmt.Errorf("%w (found out before)", v.refused(err))
	case errors.Is(err, disk.ErrCorrupt):
		return fmt.Errorf("data directory %q is damaged, and nothing is served from it: %w", v.dir.path, err)
	}
	return fmt.Errorf("data directory %q cannot be opened: %w", v.dir.path, err)
}

// replicaFailed takes the failure of a replica. One that the node's data is to blame for stops it for good.
func (v *server) replicaFailed(err error) {
	if errors.Is(err, node.ErrRolledBack) {
		v.identity.Refuse(err)
		return
	}
	v.fail(err)
}

// refused says where to read on if peers refuse this node's data.
func (v *server) refused(err error) error {
	if errors.Is(err, node.ErrForgotten) || errors.Is(err, node.ErrRolledBack) {
		return fmt.Errorf("data directory %q: %w; see the operations guide, Clusters", v.dir.path, err)
	}
	return err
}
